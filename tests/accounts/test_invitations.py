"""Invitations: what their links open, how often, and until when."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from chat.accounts import invitations
from chat.models import Invitation, User
from tests.people import NEW, SIGNUP, invite, is_in, path_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_invitation_lets_its_holder_in_and_into_its_group(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    group = Group.objects.create(name="Writers")
    invitation = invite(group=group)
    assert "made by the administrators" in client.get(SIGNUP).content.decode()
    assert client.get(path_of(invitations.link(invitation)))["Location"] == SIGNUP
    assert client.get(SIGNUP).status_code == 200
    assert client.post(SIGNUP, NEW)["Location"] == "/"
    assert is_in(client)
    assert list(User.objects.get().groups.all()) == [group]


def test_an_invitation_works_as_often_as_it_says(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    path = path_of(invitations.link(invite(most=2)))
    late = Client()
    assert late.get(path).status_code == 302  # looked in time, came too late
    for name in ("dora", "emil"):
        guest = Client()
        guest.get(path)
        guest.post(SIGNUP, NEW | {"username": name})
    assert late.post(SIGNUP, NEW | {"username": "fritz"}).status_code in (200, 403)
    assert set(User.objects.values_list("username", flat=True)) == {"dora", "emil"}
    assert client.get(path).status_code == 404


def test_an_invitation_is_used_up_once_even_in_the_same_moment(rf: Any, settings: Any) -> None:
    settings.SIGNUP = "invite"
    invitation = invite()
    request = rf.get("/")
    request.session = {}
    assert [invitations.use(request, invitation) for _twice in range(2)] == [True, False]


@pytest.mark.parametrize("mode", ["invite", "open", "approval"])
def test_an_expired_or_altered_invitation_is_nothing(client: Client, settings: Any, mode: str) -> None:
    settings.SIGNUP = mode
    old = path_of(invitations.link(invite(expires=timezone.now() - timedelta(seconds=1))))
    good = path_of(invitations.link(invite()))
    for path in (
        old,
        good[:-2] + ("1/" if good[-2] == "0" else "0/"),
        "/invite/nonsense/",
        "/invite/" + "0" * 64 + "/",
        "/invite/" + "é" * 40 + "/",
    ):
        assert client.get(path).status_code == 404


def test_an_invitation_that_expires_while_its_holder_hesitates_is_over(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    invitation = invite()
    client.get(path_of(invitations.link(invitation)))
    assert client.get(SIGNUP).status_code == 200
    Invitation.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert "made by the administrators" in client.post(SIGNUP, NEW).content.decode()
    assert not User.objects.exists()


def test_invitations_are_made_in_the_admin(client: Client, charlie: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    client.force_login(charlie)
    form = {"note": "For the choir", "most": "3", "expires_0": "2099-01-01", "expires_1": "00:00:00", "_continue": "1"}
    page = client.post("/admin/chat/invitation/add/", form, follow=True).content.decode()
    made = Invitation.objects.get()
    assert (made.created_by, made.most) == (charlie, 3)
    assert invitations.link(made) in page

"""Signing up, in each of the ways that a site may choose."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from chat.models import User
from tests.people import LOGIN, NEW, SIGNUP, is_in, path_of, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_closed_is_the_default(client: Client, settings: Any) -> None:
    assert settings.SIGNUP == "closed"
    assert "made by the administrators" in client.get(SIGNUP).content.decode()
    client.post(SIGNUP, NEW)
    assert not User.objects.exists()
    assert "/accounts/signup/" not in client.get(LOGIN).content.decode()


def test_open_lets_everybody_in(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    assert client.post(SIGNUP, NEW)["Location"] == "/"
    assert is_in(client)
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_who_signs_up_waits_until_an_administrator_lets_them_in(client: Client, charlie: User, settings: Any) -> None:
    settings.SIGNUP = "approval"
    assert "will look at it" in client.get(SIGNUP).content.decode()
    assert client.post(SIGNUP, NEW)["Location"] == "/accounts/waiting/"
    assert "waits for an administrator" in client.get("/accounts/waiting/").content.decode()
    assert not is_in(client)
    assert sign_in(client, "dora")["Location"] == "/accounts/waiting/"
    dora = User.objects.get(username="dora")
    desk = Client()
    desk.force_login(charlie)
    assert "dora" in desk.get("/admin/chat/user/?is_waiting__exact=1").content.decode()
    desk.post("/admin/chat/user/", {"action": "let_in", "_selected_action": [dora.pk]})
    assert sign_in(client, "dora")["Location"] == "/"
    assert is_in(client)


def test_letting_in_does_not_wake_the_deactivated(client: Client, charlie: User, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client.force_login(charlie)
    client.post("/admin/chat/user/", {"action": "let_in", "_selected_action": [alice.pk]})
    assert not User.objects.get(pk=alice.pk).is_active
    assert sign_in(Client())["Location"] == "/accounts/inactive/"
    assert sign_in(Client(), password="wrong").status_code == 200


@pytest.mark.usefixtures("mailing")
def test_with_mail_addresses_are_verified_before_anything(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    client.post(SIGNUP, NEW | {"email": "dora@example.org"})
    assert not is_in(client)
    link = re.search(r"http://\S+/accounts/confirm-email/\S+", mail.outbox[0].body)
    assert link
    assert link[0].startswith(settings.SITE_URL)
    client.post(path_of(link[0]))
    assert sign_in(Client(), "dora@example.org").status_code == 302

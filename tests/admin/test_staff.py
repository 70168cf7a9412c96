"""Staff who may change users: what they cannot do all the same."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client

from chat.admin import audit
from chat.models import User
from tests.people import JOINED

pytestmark = pytest.mark.django_db(transaction=True)


def test_staff_cannot_give_themselves_rights(client: Client, charlie: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(bob)
    fields = {"username": "bobby", "is_superuser": "on", "is_active": "on", **JOINED}
    client.post(f"/admin/chat/user/{bob.pk}/change/", fields)
    user = User.objects.get(pk=bob.pk)
    assert (user.username, user.is_superuser) == ("bobby", False)
    client.post(f"/admin/chat/user/{charlie.pk}/change/", {"username": "mallory", "is_active": "on", **JOINED})
    assert User.objects.get(pk=charlie.pk).username == "charlie"
    assert client.get(f"/admin/chat/user/{charlie.pk}/password/").status_code == 403


def test_staff_cannot_give_their_group_rights(client: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_group", "view_group"]))
    group = Group.objects.create(name="clerks")
    bob.groups.add(group)
    client.force_login(bob)
    right = Permission.objects.get(codename="view_conversation")
    inline = {f"limits-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    fields = {"name": "Clerks", "permissions": [right.pk], **inline}
    client.post(f"/admin/auth/group/{group.pk}/change/", fields)
    group.refresh_from_db()
    assert (group.name, group.permissions.count()) == ("Clerks", 0)
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    client.post(f"/admin/auth/group/{group.pk}/change/", fields)
    assert group.permissions.get() == right


def test_staff_cannot_become_somebody_by_a_password_or_an_address(client: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(bob)
    new = {"usable_password": "true", "password1": "new-ink-77", "password2": "new-ink-77"}
    assert client.post(f"/admin/chat/user/{alice.pk}/password/", new).status_code == 403
    page = f"/admin/chat/user/{alice.pk}/change/"
    assert client.get(page).status_code == 200
    client.post(page, {"username": "alicia", "email": "bob@example.org", **JOINED})
    user = User.objects.get(pk=alice.pk)
    assert (user.username, user.email) == ("alicia", alice.email)
    assert not user.check_password("new-ink-77")
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    assert client.post(f"/admin/chat/user/{alice.pk}/password/", new).status_code == 302
    assert User.objects.get(pk=alice.pk).check_password("new-ink-77")


@pytest.mark.parametrize("model", ["account/emailaddress", "socialaccount/socialaccount"])
def test_staff_cannot_become_somebody_by_another_way_to_sign_in(client: Client, bob: User, model: str) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(content_type__app_label=model.partition("/")[0]))
    client.force_login(bob)
    assert [client.get(f"/admin/{model}/{page}").status_code for page in ("", "add/")] == [403, 403]
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    assert [client.get(f"/admin/{model}/{page}").status_code for page in ("", "add/")] == [200, 200]


def test_a_legal_hold_needs_a_permission_of_its_own(client: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(bob)

    def held(**hold: str) -> bool:
        inline = {f"limits-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        fields = {"username": "alice", "is_active": "on", **JOINED, **inline}
        client.post(f"/admin/chat/user/{alice.pk}/change/", fields | hold)
        alice.refresh_from_db()
        return alice.on_hold

    assert not held(on_hold="on")
    User.objects.filter(pk=alice.pk).update(on_hold=True)
    assert held()
    assert not trail()
    bob.user_permissions.add(Permission.objects.get(codename="hold_user"))
    assert [held(), held(on_hold="on"), held(on_hold="on")] == [False, True, True]
    assert trail() == [audit.LIFTED, audit.HELD]
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    bob.user_permissions.clear()
    assert not held()


def test_who_may_set_a_hold_alone_may_not_change_people(client: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["hold_user", "view_user"]))
    client.force_login(bob)
    answer = client.post(f"/admin/chat/user/{alice.pk}/change/", {"username": "alice", "on_hold": "on", **JOINED})
    assert answer.status_code == 403
    assert not User.objects.get(pk=alice.pk).on_hold


def trail() -> list[str]:
    said = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    return [words for words in said if words in (audit.HELD, audit.LIFTED)]

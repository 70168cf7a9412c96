"""New passwords: by a link of an administrator, or by mail."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from chat.accounts import passwords
from chat.models import User
from tests.people import path_of, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_mail_an_administrator_makes_a_link_that_works_once(client: Client, charlie: User, alice: User) -> None:
    assert "Ask an administrator" in client.get("/accounts/password/reset/").content.decode()
    desk = Client()
    desk.force_login(charlie)
    page = desk.post("/admin/chat/user/", {"action": "make_link", "_selected_action": [alice.pk]}, follow=True)
    found = re.search(r"http://\S+/accounts/password/reset/key/[^\s<]+/", page.content.decode())
    assert found
    path = path_of(found[0])
    form = client.get(path, follow=True)
    place = form.redirect_chain[-1][0]
    client.post(place, {"password1": "new-ink-77", "password2": "new-ink-77"})
    assert sign_in(client, password="new-ink-77").status_code == 302
    again = Client().get(path, follow=True).content.decode()
    assert 'name="password1"' not in again


def test_only_an_administrator_with_all_rights_makes_such_links(charlie: User, alice: User, bob: User) -> None:
    bob.is_staff = True
    assert not passwords.may_make_link(bob, charlie)
    assert passwords.may_make_link(charlie, alice)


@pytest.mark.usefixtures("mailing")
def test_a_new_password_comes_by_mail(client: Client, alice: User, settings: Any) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    client.post("/accounts/password/reset/", {"email": "alice@example.org"}, HTTP_HOST="localhost")
    link = re.search(r"http://\S+/password/reset/key/\S+", mail.outbox[0].body)
    assert link
    assert link[0].startswith(settings.SITE_URL)
    place = client.get(path_of(link[0]), follow=True).redirect_chain[-1][0]
    client.post(place, {"password1": "new-ink-77", "password2": "new-ink-77"})
    assert sign_in(Client(), password="new-ink-77").status_code == 302

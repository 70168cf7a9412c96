"""Mail, over a real socket: new passwords come through the server that EMAIL_URL names; a dead one says so."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from chat.models import User
from tests.stand.mail import serving_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mails(settings: Any, alice: User) -> Iterator[list[bytes]]:
    """What the mail server was given; Alice has an address."""
    cache.clear()
    with serving_mail() as server:
        settings.HAS_MAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        User.objects.filter(pk=alice.pk).update(email="alice@example.org")
        yield server.mails


def test_a_new_password_comes_by_mail(client: Client, mails: list[bytes], settings: Any) -> None:
    assert client.post("/accounts/password/reset/", {"email": "alice@example.org"}).status_code == 302
    mail = message_from_bytes(mails[0], policy=policy.default)
    assert (mail["To"], mail["From"]) == ("alice@example.org", settings.DEFAULT_FROM_EMAIL)
    body = mail.get_body()
    assert body is not None
    assert re.search(r"/accounts/password/reset/key/\S+", body.get_content())


def test_whom_an_administrator_lets_in_is_told(client: Client, mails: list[bytes], alice: User, charlie: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False, is_waiting=True)
    client.force_login(charlie)
    client.post("/admin/chat/user/", {"action": "let_in", "_selected_action": [alice.pk]})
    assert "is ready" in message_from_bytes(mails[0], policy=policy.default)["Subject"]


def test_the_mail_is_in_the_language_of_who_signed_up(
    client: Client, mails: list[bytes], charlie: User, settings: Any
) -> None:
    settings.SIGNUP = "approval"
    for name, language in (("dora", "ru"), ("emil", "en")):
        form = {"username": name, "email": f"{name}@example.org", "password1": "new-ink-77", "password2": "new-ink-77"}
        Client(HTTP_ACCEPT_LANGUAGE=language).post("/accounts/signup/", form)
        mails.clear()
        client.force_login(charlie)
        waiting = User.objects.get(username=name)
        User.objects.filter(pk=waiting.pk).update(email=form["email"])
        client.post(
            "/admin/chat/user/",
            {"action": "let_in", "_selected_action": [waiting.pk]},
            HTTP_ACCEPT_LANGUAGE="en" if language == "ru" else "ru",
        )
        [mail] = (message_from_bytes(raw, policy=policy.default) for raw in mails)
        body = mail.get_body()
        assert body is not None
        words = mail["Subject"] + body.get_content()
        assert ("готова" in words, "ready" in words) == (language == "ru", language == "en")


def test_a_dead_mail_server_is_told_calmly(client: Client, mails: list[bytes], settings: Any) -> None:
    settings.EMAIL_PORT = 9
    for address in ("alice@example.org", "nobody@example.org"):
        answer = client.post("/accounts/password/reset/", {"email": address})
        assert answer.status_code == 503
        assert "cannot be sent" in answer.content.decode()

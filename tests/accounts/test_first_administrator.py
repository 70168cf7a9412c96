"""The first administrator: by the link, once."""

from typing import Any

import pytest
from django.test import Client

from chat.accounts import first_administrator
from chat.management.commands.quickstart import Command
from chat.models import User

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"username": "charlie", "password1": "pen-and-ink-9", "password2": "pen-and-ink-9"}


def address() -> str:
    return f"/setup/{first_administrator.token()}/"


def test_the_link_makes_the_first_administrator_and_signs_them_in(client: Client) -> None:
    assert client.get(address()).status_code == 200
    assert client.post(address(), FORM)["Location"] == "/"
    first = User.objects.get()
    assert (first.username, first.is_staff, first.is_superuser) == ("charlie", True, True)
    assert client.get("/admin/").status_code == 200


def test_it_works_once(client: Client) -> None:
    client.post(address(), FORM)
    assert client.get(address()).status_code == 404
    assert client.post(address(), FORM | {"username": "mallory"}).status_code == 404
    assert User.objects.count() == 1


def test_whoever_signs_up_first_neither_administers_nor_closes_the_way(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    Client().post("/accounts/signup/", FORM | {"username": "mallory"})
    mallory = User.objects.get()
    assert (mallory.is_staff, mallory.is_superuser) == (False, False)
    assert client.post(address(), FORM | {"username": "ma11ory"}).status_code == 200
    assert client.post(address(), FORM)["Location"] == "/"
    assert User.objects.get(is_superuser=True).username == "charlie"
    assert client.get(address()).status_code == 404


def test_the_unattended_variables_work_until_there_is_an_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(name: str) -> None:
        monkeypatch.setenv("CHAT_ADMIN_USERNAME", name)
        monkeypatch.setenv("CHAT_ADMIN_PASSWORD", FORM["password1"])
        Command().make_first_administrator()

    User.objects.create_user("mallory")
    with pytest.raises(SystemExit, match="somebody has signed up as ma11ory"):
        start("ma11ory")
    start("charlie")
    start("dora")
    assert set(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == {"charlie"}
    assert User.objects.count() == 2


def test_a_wrong_token_is_not_there(client: Client) -> None:
    assert client.get("/setup/0000/").status_code == 404
    assert client.post("/setup/0000/", FORM).status_code == 404


def test_a_weak_password_is_refused(client: Client) -> None:
    weak = FORM | {"password1": "12345678", "password2": "12345678"}
    assert client.post(address(), weak).status_code == 200
    assert not User.objects.exists()

"""The first administrator: by the link, once."""

import pytest
from django.test import Client

from chat import setup
from chat.models import User

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"username": "charlie", "password1": "pen-and-ink-9", "password2": "pen-and-ink-9"}


def address() -> str:
    return f"/setup/{setup.token()}/"


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


def test_a_wrong_token_is_not_there(client: Client) -> None:
    assert client.get("/setup/0000/").status_code == 404
    assert client.post("/setup/0000/", FORM).status_code == 404


def test_a_weak_password_is_refused(client: Client) -> None:
    weak = FORM | {"password1": "12345678", "password2": "12345678"}
    assert client.post(address(), weak).status_code == 200
    assert not User.objects.exists()

"""Names of accounts: which are taken, and which are none."""

from typing import Any

import pytest
from django.test import Client

from chat import names
from chat.models import User
from tests.people import NEW, PASSWORD, SIGNUP

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "name",
    ["ALICE", "аlice", "a1ice", "al\uff49ce", "Alice\u00a0", "x" * 41, "x" * 100_000, "alice@example.org", "a b", ""],
)
def test_names_that_look_like_others_or_are_no_names_are_refused(
    client: Client, alice: User, settings: Any, name: str
) -> None:
    settings.SIGNUP = "open"
    assert client.post(SIGNUP, NEW | {"username": name}).status_code == 200
    assert User.objects.count() == 1


def test_names_of_other_alphabets_are_welcome(alice: User, settings: Any) -> None:
    settings.SIGNUP = "open"
    for name in ("анна", "Ζωή", "王小明", "rené"):
        assert Client().post(SIGNUP, NEW | {"username": name}).status_code == 302


def test_an_administrator_cannot_make_a_lookalike_either(client: Client, charlie: User, alice: User) -> None:
    client.force_login(charlie)
    form = {"username": "a1ice", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert "looks like one" in client.post("/admin/chat/user/add/", form).content.decode()


def test_whole_words_of_another_alphabet_look_alike() -> None:
    assert names.lookalike("сосо") == names.lookalike("coco")
    assert names.lookalike("Bob") != names.lookalike("bab")

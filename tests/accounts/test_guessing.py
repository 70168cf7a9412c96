"""Who guesses gets nowhere: every answer is the same, takes as long, and there are few of them."""

import re
import types
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from chat import names
from chat.models import User
from tests.people import NEW, PASSWORD, SIGNUP, is_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_wrong_name_and_wrong_password_get_the_same_answer(client: Client, alice: User) -> None:
    answers = []
    for name in ("alice", "nobody"):
        answer = sign_in(client, name, "wrong")
        page = re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", answer.content.decode()).replace(name, "NAME")
        answers.append((answer.status_code, page))
    assert answers[0] == answers[1]


class Counted(MD5PasswordHasher):
    """Quick, and counts: hashing passwords is nearly all the time of which an answer could tell."""

    algorithm = "counted"
    times = 0

    def encode(self, password: str, salt: str) -> str:
        Counted.times += 1
        encoded: str = super().encode(password, salt)
        return encoded


@pytest.fixture
def unhurried(settings: Any) -> None:
    """Passwords are counted, and guesses are not."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    settings.ACCOUNT_RATE_LIMITS = False


def takes_as_long(known: Callable[[], Any], unknown: Callable[[], Any]) -> bool:
    """Whether both hash as many passwords and send as many messages."""
    return cost(known) == cost(unknown) != (0, 0)


def cost(work: Callable[[], Any]) -> tuple[int, int]:
    hashed, sent = Counted.times, len(mail.outbox)
    work()
    return Counted.times - hashed, len(mail.outbox) - sent


@pytest.mark.usefixtures("unhurried")
def test_wrong_name_and_wrong_password_take_as_long(client: Client) -> None:
    User.objects.create_user("alice", password=PASSWORD)
    assert takes_as_long(lambda: sign_in(client, "alice", "wrong"), lambda: sign_in(client, "nobody", "wrong"))


@pytest.mark.usefixtures("unhurried", "mailing")
@pytest.mark.parametrize("known", ["alice", "alice@example.org", "dora"])
def test_with_mail_they_take_as_long_too_and_so_do_accounts_without_password(client: Client, known: str) -> None:
    User.objects.create_user("alice", "alice@example.org", PASSWORD)
    User.objects.create_user("dora")
    unknown = "nobody@example.org" if "@" in known else "nobody"
    assert takes_as_long(lambda: sign_in(client, known, "wrong"), lambda: sign_in(client, unknown, "wrong"))


@pytest.mark.usefixtures("unhurried", "mailing")
def test_signing_up_and_asking_for_a_new_password_take_as_long_for_a_known_address(settings: Any) -> None:
    settings.SIGNUP = "open"
    User.objects.create_user("alice", "alice@example.org", PASSWORD)
    fresh = (f"new{number}" for number in count())

    def sign_up(address: str) -> None:
        name = next(fresh)
        Client().post(SIGNUP, NEW | {"username": name, "email": address.replace("*", name)})

    def forget(address: str) -> None:
        Client().post("/accounts/password/reset/", {"email": address})

    assert takes_as_long(lambda: sign_up("alice@example.org"), lambda: sign_up("*@example.org"))
    assert takes_as_long(lambda: forget("alice@example.org"), lambda: forget("nobody@example.org"))


def test_passwords_are_kept_with_argon2() -> None:
    from magickpen_site import settings as real

    assert real.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher")


def test_a_thousand_wrong_passwords_do_not_help(client: Client, alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(1000):
        sign_in(client, "alice", f"wrong-{number}", HTTP_X_FORWARDED_FOR=f"203.0.113.{number % 250}")
    answer = sign_in(client)
    assert answer.status_code in (200, 429)
    assert not is_in(client)


def test_a_crowd_of_other_names_does_not_wash_a_counter_away(client: Client, alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        sign_in(client, "alice", f"wrong-{number}", HTTP_X_FORWARDED_FOR="203.0.113.1")
    for number in range(1000):
        sign_in(client, f"name{number}", "wrong", HTTP_X_FORWARDED_FOR=f"198.51.{number // 250}.{number % 250}")
    sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.2")
    assert not is_in(client)


def test_one_address_cannot_try_many_names(client: Client) -> None:
    for number in range(10):
        sign_in(client, f"name{number}", "wrong")
    User.objects.create_user("alice", password=PASSWORD)
    assert not is_in(client) if sign_in(client).status_code != 302 else pytest.fail("the eleventh try was let through")


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
        (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "nonsense", "198.51.100.1"),
        (1, "", "198.51.100.1"),
    ],
)
def test_addresses_are_counted_from_the_right(rf: Any, settings: Any, proxies: int, header: str, address: str) -> None:
    from allauth.account.adapter import get_adapter

    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", HTTP_X_FORWARDED_FOR=header, REMOTE_ADDR="198.51.100.1")
    assert get_adapter(request).get_client_ip(request) == address


def test_a_spoofed_address_does_not_escape_the_limit(client: Client, alice: User) -> None:
    for number in range(12):
        sign_in(client, f"name{number}", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.99")
    assert not is_in(client)


def test_a_whole_network_of_one_subscriber_counts_as_one_address(client: Client, alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(12):
        sign_in(client, f"name{number}", "wrong", HTTP_X_FORWARDED_FOR=f"2001:db8:1:2::{number}")
    sign_in(client, HTTP_X_FORWARDED_FOR="2001:db8:1:2:3::")
    assert not is_in(client)
    sign_in(client, HTTP_X_FORWARDED_FOR="2001:db8:1:3::1")
    assert is_in(client)


@pytest.mark.usefixtures("mailing")
def test_asking_for_a_new_password_or_account_tells_nobody_who_has_one(
    client: Client, alice: User, settings: Any
) -> None:
    settings.SIGNUP = "open"
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    answers = [
        client.post("/accounts/password/reset/", {"email": address})
        for address in ("alice@example.org", "x@example.org")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/password/reset/done/")}
    answers = [
        Client().post(SIGNUP, NEW | {"username": name, "email": address})
        for name, address in (("dora", "alice@example.org"), ("emil", "emil@example.org"))
    ]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert not User.objects.filter(username="dora").exists()


SPELLINGS = ["alice", "ALICE", "аlice", "al1ce", "alіce", "ａｌｉｃｅ", "a1ice", "alicе", " alice "]


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_neither_port_nor_spelling_gives_more_guesses_whether_or_not_there_is_such_a_name(
    client: Client, alice: User, settings: Any, name: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    spellings = SPELLINGS if name == "alice" else ["nobody", "NOBODY", "n0body", "nоbody", "ｎｏｂｏｄｙ"]
    told = [
        sign_in(
            client,
            spellings[number % len(spellings)],
            "wrong",
            HTTP_HOST=f"localhost:{1000 + number}",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        ).content.decode()
        for number in range(20)
    ]
    assert ["Too many failed" in page for page in told] == [False] * 5 + [True] * 15


@pytest.mark.usefixtures("mailing")
def test_no_spelling_of_an_address_gives_more_guesses(client: Client, alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    for number in range(5):
        spelling = ["alice@example.org", "Alice@Example.org", "ALICE@EXAMPLE.ORG"][number % 3]
        sign_in(client, spelling, "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    sign_in(client, "alicE@example.org", HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert not is_in(client)


@pytest.mark.usefixtures("mailing")
def test_a_counter_does_not_tell_that_a_name_and_an_address_belong_together(alice: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    for number in range(6):
        told = sign_in(Client(), "alice@example.org", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert "Too many failed" in told.content.decode()
    told = sign_in(Client(), "alice", "wrong", HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert "Too many failed" not in told.content.decode()


@pytest.mark.usefixtures("mailing")
@pytest.mark.parametrize("letter", ["\ufdfa", "a", "@", "\u0301"])
def test_a_name_without_end_is_cut_before_any_work(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch, letter: str
) -> None:
    given: list[int] = []
    real = names.unicodedata.normalize
    watched = types.SimpleNamespace(normalize=lambda form, text: given.append(len(text)) or real(form, text))
    monkeypatch.setattr(names, "unicodedata", watched)
    assert sign_in(client, letter * 200_000, "wrong").status_code == 200
    assert given
    assert max(given) <= 320

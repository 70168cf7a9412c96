"""Strangers lock nobody out: who has signed in before has guesses of their own, and a way in during any attack."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from chat.accounts import browsers
from chat.models import User
from tests.addresses import PUBLIC
from tests.authenticator import AUTHENTICATE, App, give, half_in
from tests.people import NEW, PASSWORD, is_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

REAUTHENTICATE = "/accounts/reauthenticate/"


@pytest.fixture(autouse=True)
def _proxy(settings: Any) -> None:
    """Addresses are those that the proxy tells."""
    settings.TRUSTED_PROXIES = 1


@pytest.fixture
def own(alice: User) -> Client:
    """The browser in which Alice has signed in, and out again."""
    browser = Client()
    sign_in(browser)
    browser.post("/accounts/logout/")
    return browser


def attack(name: str = "alice", times: int = 20, **extra: str) -> None:
    """Somebody guesses, from ever other addresses."""
    for number in range(times):
        address = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}"} | extra
        sign_in(Client(), name, f"wrong-{number}", **address)


def is_too_many(answer: Any) -> bool:
    return answer.status_code == 429 or "Too many failed" in answer.content.decode()


def test_the_owner_signs_in_during_an_attack_in_a_browser_that_was_signed_in_before(own: Client) -> None:
    attack()
    assert is_too_many(sign_in(Client(), HTTP_X_FORWARDED_FOR="198.51.100.1"))
    assert sign_in(own, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 302
    assert is_in(own)


def test_an_attack_from_the_owners_own_address_does_not_hold_up_either(own: Client) -> None:
    attack(times=40, HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert sign_in(Client(), HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 429
    assert sign_in(own, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 302


def test_whoever_sits_at_such_a_browser_guesses_as_slowly(own: Client) -> None:
    told = [is_too_many(sign_in(own, "ALICE", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}")) for n in range(20)]
    assert told == [False] * 5 + [True] * 15
    assert is_too_many(sign_in(own))


@pytest.mark.usefixtures("bob")
def test_it_is_known_for_the_accounts_that_were_signed_in_to_and_for_no_other(own: Client) -> None:
    attack("bob")
    assert is_too_many(sign_in(own, "bob", HTTP_X_FORWARDED_FOR="198.51.100.1"))


@pytest.mark.usefixtures("bob")
def test_a_browser_that_several_people_use_is_known_for_each(own: Client) -> None:
    sign_in(own, "bob")
    own.post("/accounts/logout/")
    for name in ("alice", "bob"):
        attack(name)
        assert sign_in(own, name, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 302
        own.post("/accounts/logout/")


def test_half_a_sign_in_makes_no_browser_known(app: App) -> None:
    browser = half_in()
    assert browsers.COOKIE not in browser.cookies
    assert give(browser, app.code())
    assert browsers.COOKIE in browser.cookies


def test_a_new_password_ends_what_was_known_before_and_makes_its_own_browser_known(own: Client, alice: User) -> None:
    other = Client()
    sign_in(other)
    form = {"oldpassword": PASSWORD, "password1": "new-ink-77", "password2": "new-ink-77"}
    assert other.post("/accounts/password/change/", form).status_code == 302
    other.post("/accounts/logout/")
    attack()
    assert is_too_many(sign_in(own, password="new-ink-77", HTTP_X_FORWARDED_FOR="198.51.100.1"))
    assert sign_in(other, password="new-ink-77", HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 302


def test_a_link_to_a_new_password_is_a_way_in_during_an_attack(alice: User) -> None:
    attack()
    browser = Client(HTTP_X_FORWARDED_FOR="198.51.100.1")
    key = f"{user_pk_to_url_str(alice)}-{default_token_generator.make_token(alice)}"
    form = browser.get(f"/accounts/password/reset/key/{key}/")["Location"]
    browser.post(form, {"password1": "new-ink-77", "password2": "new-ink-77"})
    attack()
    assert sign_in(browser, password="new-ink-77").status_code == 302


def changed(value: str) -> list[str]:
    """Marks that somebody could make of one, or of nothing."""
    other = {"0": "1"}
    last, first = value[:-1] + other.get(value[-1], "0"), other.get(value[0], "0") + value[1:]
    return [last, first, value[:16], value[16:], "x", "...", "\u00e9" * 80, ".".join(["x" * 80] * 500), ""]


def test_marks_cannot_be_made_or_changed(own: Client, alice: User) -> None:
    attack()
    for value in changed(own.cookies[browsers.COOKIE].value):
        forger = Client(HTTP_X_FORWARDED_FOR="198.51.100.2")
        forger.cookies[browsers.COOKIE] = value
        assert is_too_many(sign_in(forger)), value


@pytest.mark.usefixtures("bob")
def test_the_cookie_is_out_of_reach_and_tells_nothing(own: Client, alice: User) -> None:
    cookie = own.cookies[browsers.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/accounts/")
    assert re.fullmatch(r"[\w-]{16}[0-9a-f]{64}", cookie.value)
    second = Client()
    sign_in(second)
    assert second.cookies[browsers.COOKIE].value != cookie.value, "two browsers of one person have nothing in common"


def test_the_cookie_goes_over_https_only_where_there_is_any(alice: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    browser = Client()
    sign_in(browser)
    assert browser.cookies[browsers.COOKIE]["secure"]


def test_nobody_is_kept_from_what_asks_for_the_password_again(own: Client) -> None:
    sign_in(own)
    attack()
    assert own.post(REAUTHENTICATE, {"password": PASSWORD}).status_code == 302


def test_whoever_took_over_a_session_guesses_the_password_slowly(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    told = [is_too_many(browser.post(REAUTHENTICATE, {"password": f"wrong-{n}"})) for n in range(15)]
    assert told == [False] * 5 + [True] * 10
    assert is_too_many(browser.post(REAUTHENTICATE, {"password": PASSWORD}))


def test_wrong_codes_of_others_do_not_hold_up_the_owners_browser(app: App) -> None:
    own = half_in()
    assert give(own, app.code())
    own.post("/accounts/logout/")
    for number in range(8):
        give(half_in(HTTP_X_FORWARDED_FOR=f"203.0.113.{number}"), app.wrong())
    stranger = half_in(HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert "Too many failed" in stranger.post(AUTHENTICATE, {"code": app.code(1)}).content.decode()
    sign_in(own)
    assert give(own, app.code(1))


def test_codes_are_guessed_slowly_in_a_known_browser_too(app: App) -> None:
    own = half_in()
    assert give(own, app.code())
    own.post("/accounts/logout/")
    sign_in(own)
    for _again in range(5):
        assert "Incorrect code" in own.post(AUTHENTICATE, {"code": app.wrong()}).content.decode()
    assert "Too many failed" in own.post(AUTHENTICATE, {"code": app.code(1)}).content.decode()


# Limits per address


PER_MINUTE: dict[str, tuple[int, Callable[[Client], Any]]] = {
    "sign-in": (30, lambda browser: sign_in(browser, "nobody")),
    "passkeys": (
        20,
        lambda browser: browser.get("/accounts/2fa/webauthn/login/", HTTP_X_REQUESTED_WITH="XMLHttpRequest"),
    ),
    "new passwords": (20, lambda browser: browser.post("/accounts/password/reset/key/1-x/", {"password1": "x"})),
    "single sign-on": (20, lambda browser: browser.post("/accounts/oidc/sso/login/")),
}


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("what", PER_MINUTE)
def test_who_asks_too_often_reads_a_page_of_ours(what: str) -> None:
    most, ask = PER_MINUTE[what]
    for _again in range(most):
        assert ask(Client(raise_request_exception=False)).status_code != 429
    answer = ask(Client(HTTP_ACCEPT_LANGUAGE="en"))
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert "Please wait a minute" in page
    assert "MagickPen Chat</title>" in page


def test_strangers_cannot_fill_the_table_of_sessions(settings: Any) -> None:
    """Whatever writes a session for somebody without account does so a few times a minute, and then no more."""
    settings.SIGNUP = "open"
    ways = [
        lambda browser, path: browser.get(path, HTTP_X_REQUESTED_WITH="XMLHttpRequest"),
        lambda browser, path: browser.get(path),
        lambda browser, path: browser.post(path, NEW | {"login": "x", "password": "x", "name": "x", "code": "x"}),
    ]
    writing = []
    for address in sorted(PUBLIC | {""}):
        for way in ways:
            cache.clear()
            before = Session.objects.count()
            way(Client(raise_request_exception=False), path := path_of_pattern(address))
            writing += [(path, way)] if Session.objects.count() > before else []
    assert "/accounts/2fa/webauthn/login/" in {path for path, _way in writing}, "it looks where sessions are written"
    for path, way in writing:
        cache.clear()
        before = Session.objects.count()
        for _again in range(40):
            way(Client(raise_request_exception=False), path)
        assert Session.objects.count() - before <= 30, path


def path_of_pattern(address: str) -> str:
    for name, value in {
        "^(?P<provider_id>[^/]+)": "sso",
        "<str:provider_id>": "sso",
        "<str:token>": "0" * 64,
        "^confirm-email/(?P<key>[-:\\w]+)/$": "confirm-email/x:y:z/",
        "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-set-password/",
    }.items():
        address = address.replace(name, value)
    assert "<" not in address, f"how is {address} written?"
    return f"/{address}"

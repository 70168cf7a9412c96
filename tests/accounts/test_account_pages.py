"""Every page of accounts fits the house and speaks its reader's language, those of django-allauth as well."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from chat.accounts import hashing
from chat.models import User
from tests.authenticator import AUTHENTICATE, RECOVERY, add_app
from tests.people import PASSWORD, sign_in
from tests.stand.dom import Element, parse

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/waiting/",
    "/accounts/password/reset/",
]

OWN_PAGES = [
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/",
    "/accounts/sessions/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/reauthenticate/sso/",
]

SPOKEN = ("aria-label", "placeholder", "title", "alt")
NAMES = re.compile(
    r"MagickPen Chat|JavaScript|Markdown|JSON|QR|PIN|IP|Ctrl|Shift|Enter|English|alice|gpt-4o-mini|[A-Z2-7]{32}"
)
DISGUISED = {"script", "style", "svg", "code"}


@pytest.fixture
def browser(alice: User, settings: Any) -> Client:
    """Alice's browser, which prefers Russian."""
    cache.clear()
    settings.SIGNUP = "open"
    return Client(HTTP_ACCEPT_LANGUAGE="ru", HTTP_USER_AGENT="")


def words(element: Element) -> Iterator[str]:
    """What people see or hear of a page."""
    if element.tag in DISGUISED:
        return
    yield from (element.attributes[name] for name in SPOKEN if name in element.attributes)
    for child in element.children:
        if isinstance(child, str):
            yield child
        else:
            yield from words(child)


def foreign(answer: Any) -> list[str]:
    """The English that is left on a page."""
    page = answer.content.decode()
    spoken = (
        NAMES.sub("", text)
        for text in words(parse(page.partition("<body")[2].partition(">")[2].partition("</body>")[0]))
    )
    return [text.strip() for text in spoken if re.search(r"[A-Za-z]{2,}", text)]


def check(browser: Client, *pages: str) -> None:
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert not foreign(answer), page


def test_the_pages_for_strangers(browser: Client) -> None:
    check(browser, *PAGES)
    for path, form in (
        ("/accounts/login/", {"login": "x", "password": "y"}),
        ("/accounts/login/", {}),
        ("/accounts/signup/", {"username": "alice", "password1": "1", "password2": "2"}),
        ("/accounts/signup/", {"username": "bвb", "password1": "password", "password2": "password"}),
    ):
        answer = browser.post(path, form)
        assert (answer.status_code, foreign(answer)) == (200, [])
    for _again in range(12):
        answer = browser.post("/accounts/login/", {"login": "alice", "password": "wrong"})
    assert not foreign(answer)


def test_the_pages_for_people(browser: Client) -> None:
    sign_in(browser)
    browser.post("/accounts/reauthenticate/", {"password": "pen-and-ink-9"})
    check(browser, *OWN_PAGES, "/settings/", "/settings/delete/")
    assert not foreign(browser.post("/accounts/reauthenticate/", {"password": "wrong"}))
    assert not foreign(browser.post("/accounts/password/change/", {"oldpassword": "x", "password1": "1"}))


def test_the_pages_of_the_second_factor(browser: Client) -> None:
    sign_in(browser)
    add_app(browser)
    check(browser, "/accounts/2fa/", RECOVERY, f"{RECOVERY}generate/", "/accounts/2fa/totp/deactivate/")
    check(browser, "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/")
    browser.post("/accounts/logout/")
    sign_in(browser)
    check(browser, AUTHENTICATE)
    for _again in range(7):
        answer = browser.post(AUTHENTICATE, {"code": "1"})
        assert not foreign(answer)


def test_english_that_is_left_is_noticed(browser: Client) -> None:
    answer = browser.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="en")
    assert "Sign in" in foreign(answer)


@pytest.mark.parametrize("path", PAGES + OWN_PAGES)
def test_every_page_fits_the_house_and_its_policy(client: Client, alice: User, settings: Any, path: str) -> None:
    settings.SIGNUP = "open"
    if path in OWN_PAGES:
        sign_in(client)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "css/account" in page
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*( src=|application/json))", page)
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert len(re.findall(r"<h1", page)) == 1


def test_the_pages_that_ask_for_patience(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _again in range(31):
        answer = sign_in(browser, "nobody", "wrong")
    assert (answer.status_code, foreign(answer)) == (429, [])
    cache.clear()
    monkeypatch.setattr(hashing, "GATE", hashing.Gate(0, 0, 0))
    answer = sign_in(browser)
    assert (answer.status_code, foreign(answer)) == (503, [])

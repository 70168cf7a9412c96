"""What a browser, or a cache on the way, may keep: static files, and nothing else."""

from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.test import AsyncClient, Client

from chat.models import User
from tests.addresses import addresses
from tests.people import PASSWORD, sign_in
from tests.strangers import OUTSIDE, Alices, visitor

pytestmark = pytest.mark.django_db(transaction=True)

MAY_BE_KEPT: set[str] = set()
"""Addresses whose answers are the same for everybody and worth keeping; give a reason with each."""
ENDS = ("accounts/logout/", "admin/logout/")


def kept(response: object) -> bool:
    headers = response.headers  # type: ignore[attr-defined]
    return headers.get("Cache-Control") != "private, no-store" or bool({"ETag", "Last-Modified"} & set(headers))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["alice", "charlie", *OUTSIDE])
def test_no_answer_of_any_address_may_be_kept(alices: Alices, charlie: User, who: str, method: str) -> None:
    browser = Client(raise_request_exception=False)
    if who in OUTSIDE:
        browser = visitor(who)
    else:
        browser.force_login(charlie if who == "charlie" else alices.user)
    left = []
    for address in addresses():
        if address in ENDS or address in MAY_BE_KEPT:
            continue
        cache.clear()
        response = getattr(browser, method)(alices.path(address))
        response.close()
        left += [f"{method} {address} {response.status_code}"] if kept(response) else []
    assert not left


@pytest.mark.parametrize("path", ["/", "/conversations/", "/settings/", "/healthz", "/nowhere/", "/static/nowhere.css"])
async def test_nor_in_the_asynchronous_way_of_the_server(alice: User, path: str) -> None:
    browser = AsyncClient()
    await browser.aforce_login(alice)
    assert not kept(await browser.get(path))


def test_what_a_page_that_fails_says_is_not_kept_either(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    monkeypatch.setattr("chat.views.conversations.render", None)
    response = browser.get("/conversations/")
    assert response.status_code == 500
    assert not kept(response)


def test_a_browser_cannot_ask_whether_a_page_has_changed(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    asked = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert browser.get("/conversations/", headers=asked).status_code == 200


def test_static_files_are_kept() -> None:
    assert "no-store" not in Client().get(staticfiles_storage.url("page.js"))["Cache-Control"]


@pytest.mark.parametrize("address", ENDS)
def test_signing_out_empties_the_browsers_cache_of_the_site(charlie: User, address: str) -> None:
    browser = Client()
    browser.force_login(charlie)
    assert "Clear-Site-Data" not in browser.get("/")
    assert browser.post(f"/{address}")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in browser.get("/accounts/login/")


def test_so_does_the_end_of_the_account(alice: User) -> None:
    browser = Client()
    assert sign_in(browser).status_code == 302
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = browser.post("/settings/delete/", {"name": "alice"})
    assert not User.objects.filter(pk=alice.pk).exists()
    assert response["Clear-Site-Data"] == '"cache"'


def test_every_cookie_is_for_secure_connections_where_the_site_is(alice: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    browser = Client()
    answers = [
        browser.get("/accounts/login/"),
        sign_in(browser),
        browser.post("/theme/", {"theme": "dark"}),
        browser.post("/theme/", {"theme": ""}),
        browser.post("/settings/", {"language": "ru", "theme": "light", "enter_sends": "yes"}),
        browser.post("/settings/", {"language": "", "theme": ""}),
        browser.post("/settings/", {"action": "delete-conversations"}),
        browser.post("/accounts/logout/"),
    ]
    cookies = [cookie for answer in answers for cookie in answer.cookies.values()]
    assert {"theme", "django_language", "sessionid", "csrftoken"} <= {cookie.key for cookie in cookies}
    loose = [cookie.OutputString() for cookie in cookies if not cookie["secure"] or cookie["samesite"] != "Lax"]
    assert not [text for text in loose if not text.startswith('sessionid=""')]  # which only ends it


def test_over_plain_http_no_cookie_is_secure_as_it_would_never_come_back() -> None:
    assert "secure" not in str(Client().post("/theme/", {"theme": "dark"}).cookies).lower()

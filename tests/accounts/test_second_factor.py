"""The second factor over HTTP: an authenticator app and recovery codes, each code once; nothing opens without, not
even the administration."""

import re
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from chat.models import User
from tests.authenticator import AUTHENTICATE, RECOVERY, STEP_SECONDS, App, add_app, give, half_in, recovery_codes
from tests.people import LOGIN, PASSWORD, is_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def codes(alice: User) -> list[str]:
    """Alice's recovery codes; she has an authenticator app, too."""
    browser = Client()
    sign_in(browser)
    add_app(browser)
    return recovery_codes(browser)


def until_the_end_of(steps: int) -> float:
    """Seconds until just before the end of this step of the app, or of one that comes so much later."""
    return (steps + 1) * STEP_SECONDS - 2 - time.time() % STEP_SECONDS


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + seconds)


def test_password_and_code_open_the_door_and_the_password_alone_does_not(app: App) -> None:
    browser = half_in()
    assert not is_in(browser)
    assert browser.get(AUTHENTICATE).status_code == 200
    assert give(browser, app.code())


def test_the_code_alone_opens_nothing(app: App) -> None:
    assert Client().get(AUTHENTICATE)["Location"].startswith(LOGIN)
    assert not give(Client(), app.code())


def test_a_wrong_code_is_told_calmly_and_the_right_one_still_opens(app: App) -> None:
    browser = half_in()
    page = browser.post(AUTHENTICATE, {"code": app.wrong()}).content.decode()
    assert "Incorrect code" in page
    assert not is_in(browser)
    assert give(browser, app.code())


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_code_of_the_app_counts_once_for_as_long_as_it_is_valid(
    app: App, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    code = app.code(1)
    assert give(half_in(), code)
    later(monkeypatch, until_the_end_of(steps))
    assert code == app.code(1 - steps), "it is one that is still taken"
    assert not give(half_in(), code)
    assert not give(half_in(), f" {code[:3]}-{code[3:]}")


def test_a_used_code_does_not_open_what_asks_again_either(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    code = app.code(1)
    browser = half_in()
    assert give(browser, code)
    later(monkeypatch, until_the_end_of(2))
    page = browser.post("/accounts/2fa/reauthenticate/", {"code": code}).content.decode()
    assert "Incorrect code" in page


def test_codes_of_long_ago_and_of_the_future_are_wrong(app: App) -> None:
    browser = half_in()
    for steps in (-3, 3):
        assert not give(browser, app.code(steps))


def test_each_recovery_code_opens_the_door_once(codes: list[str]) -> None:
    assert give(half_in(), codes[0])
    assert not give(half_in(), codes[0])
    browser = half_in()
    assert give(browser, codes[9])
    left = re.findall(r"\b\d{8}\b", _with_password(browser).get(RECOVERY).content.decode())
    assert left == codes[1:9]


def test_new_recovery_codes_end_the_old_ones(codes: list[str]) -> None:
    browser = half_in()
    assert give(browser, codes[0])
    _with_password(browser).post(f"{RECOVERY}generate/")
    assert not set(codes) & set(recovery_codes(browser))
    assert not give(half_in(), codes[1])


def _with_password(browser: Client) -> Client:
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def test_recovery_codes_are_shown_to_nobody_who_has_not_just_given_a_secret(
    codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = half_in()
    assert browser.get(RECOVERY)["Location"].startswith(LOGIN)
    assert give(browser, codes[0])
    later(monkeypatch, 3600)
    page = browser.get(RECOVERY)
    assert not set(codes) & set(re.findall(r"\b\d{8}\b", page.content.decode()))
    assert "reauthenticate" in browser.get(f"{RECOVERY}download/")["Location"]


def test_wrong_codes_are_limited_from_wherever_they_come(app: App, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        assert not give(half_in(HTTP_X_FORWARDED_FOR=f"203.0.113.{number}"), app.wrong())
    browser = half_in(HTTP_X_FORWARDED_FOR="198.51.100.1")
    page = browser.post(AUTHENTICATE, {"code": app.code()}).content.decode()
    assert "Too many failed login attempts" in page
    assert not is_in(browser)


def test_wrong_recovery_codes_count_with_the_others(codes: list[str]) -> None:
    browser = half_in()
    for number in range(5):
        assert not give(browser, f"{number:08}")
    assert not give(browser, codes[0])


def test_the_session_key_changes_with_the_code(app: App) -> None:
    browser = half_in()
    planted = browser.session.session_key
    assert planted
    assert give(browser, app.code())
    assert browser.session.session_key != planted
    other = Client()
    other.cookies["sessionid"] = planted
    assert not is_in(other)


def test_the_way_on_stays_on_the_site(app: App) -> None:
    browser = Client()
    form = {"login": "alice", "password": PASSWORD, "next": "https://evil.example/"}
    browser.post(f"{LOGIN}?next=https://evil.example/", form)
    assert browser.post(AUTHENTICATE, {"code": app.code()})["Location"] == "/"


def test_who_was_deactivated_in_between_does_not_get_in(app: App, alice: User) -> None:
    browser = half_in()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not give(browser, app.code())


def test_taking_the_app_away_wants_a_secret_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = half_in()
    assert give(browser, app.code())
    later(monkeypatch, 3600)
    answer = browser.post("/accounts/2fa/totp/deactivate/")
    assert "reauthenticate" in answer["Location"]
    assert not is_in(half_in())


def test_the_administration_wants_the_second_factor_too(charlie: User) -> None:
    browser = Client()
    sign_in(browser, "charlie")
    app = add_app(browser)
    half = Client()
    assert sign_in(half, "charlie", next="/admin/")["Location"].startswith(AUTHENTICATE)
    for path in ("/admin/", "/admin/chat/user/", "/admin/chat/conversation/", "/admin/password_change/"):
        answer = half.get(path)
        assert (answer.status_code, "login" in answer["Location"]) == (302, True), path
    half.post(AUTHENTICATE, {"code": app.wrong()})
    assert half.get("/admin/").status_code == 302
    half.post(AUTHENTICATE, {"code": app.code(1)})
    assert half.get("/admin/").status_code == 200


def test_the_stock_sign_in_of_the_administration_is_not_there(charlie: User) -> None:
    browser = Client()
    sign_in(browser, "charlie")
    add_app(browser)
    for number in range(12):
        guess = Client()
        answer = guess.post("/admin/login/", {"username": "charlie", "password": PASSWORD, "next": "/admin/"})
        assert answer["Location"].startswith(LOGIN), number
        assert guess.get("/admin/").status_code == 302
        assert 'name="username"' not in guess.get("/admin/login/", follow=True).content.decode()


def test_the_limits_hold_on_the_way_to_the_administration(charlie: User) -> None:
    browser = Client()
    for number in range(10):
        sign_in(browser, "charlie", f"wrong-{number}")
    browser.post(f"{LOGIN}?next=/admin/", {"login": "charlie", "password": PASSWORD, "next": "/admin/"})
    assert browser.get("/admin/").status_code == 302

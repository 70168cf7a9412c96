"""What every answer says to browsers, and under what names the site answers."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.test import AsyncClient, Client

from chat.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nowhere", "/healthz", "/readyz", "/settings/", "/admin/"])
def test_every_answer_keeps_to_itself_and_asks_for_nothing(client: Client, alice: User, path: str) -> None:
    for _ in range(2):
        answer = client.get(path)
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        for feature in ("camera", "microphone", "geolocation", "payment", "usb"):
            assert f"{feature}=()" in answer["Permissions-Policy"]
        client.force_login(alice)


async def test_so_does_one_of_the_event_loop(async_client: AsyncClient) -> None:
    answer = await async_client.get("/readyz")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "10.1.2.3:80", "web", "elsewhere.example", "a_b:x"])
def test_health_is_told_under_any_name_and_nothing_else_is(client: Client, settings: Any, host: str) -> None:
    settings.SITE_URL = "https://chat.example.org"
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    assert client.get("/healthz", headers={"host": host}).status_code == 200
    assert client.get("/readyz", headers={"host": host}).status_code in (200, 503)
    for path in ("/", "/accounts/login/", "/healthz/", "/HEALTHZ", "//healthz"):
        assert client.get(path, headers={"host": host}).status_code == 400, path


def test_this_machine_is_a_name_of_a_local_site_only(load: Any) -> None:
    here = {"localhost", "127.0.0.1", "[::1]"}
    for url in ("http://127.0.0.1:8000", "http://localhost:9000", "http://[::1]:8000"):
        assert here <= set(load(SITE_URL=url)["ALLOWED_HOSTS"]), url
    assert here <= set(load()["ALLOWED_HOSTS"])
    assert here <= set(load(HOST="0.0.0.0")["ALLOWED_HOSTS"])
    assert here <= set(load(SITE_URL="https://chat.example.org", DEBUG="yes")["ALLOWED_HOSTS"])
    assert load(SITE_URL="https://chat.example.org")["ALLOWED_HOSTS"] == ["chat.example.org"]
    named = load(SITE_URL="https://chat.example.org", ALLOWED_HOSTS="127.0.0.1")
    assert named["ALLOWED_HOSTS"] == ["chat.example.org", "127.0.0.1"]


@pytest.mark.parametrize("target", ["http://127.0.0.1/x", "http://localhost/x", "http://[::1]/", "//127.0.0.1/x"])
def test_signing_in_leads_to_no_other_site_of_this_machine(
    client: Client, settings: Any, load: Any, alice: User, target: str
) -> None:
    settings.ALLOWED_HOSTS = load(SITE_URL="https://chat.example.org")["ALLOWED_HOSTS"]
    form = {"login": "alice", "password": "pen-and-ink-9", "next": target}
    answer = client.post("/accounts/login/", form, headers={"host": "chat.example.org"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_with_https_no_other_host_of_the_domain_can_set_our_cookies(
    client: Client, settings: Any, load: Any, alice: User
) -> None:
    secure = load(SITE_URL="https://chat.example.org")
    assert "SESSION_COOKIE_NAME" not in load()
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        setattr(settings, name, secure[name])
    client.get("/accounts/login/", secure=True)
    client.post("/accounts/login/", {"login": "alice", "password": "pen-and-ink-9"}, secure=True)
    found = SimpleCookie(client.cookies)
    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(found)
    for name in ("__Host-sessionid", "__Host-csrftoken"):  # else browsers do not take them
        assert (found[name]["path"], found[name]["domain"], found[name]["secure"]) == ("/", "", True)
    assert client.get("/settings/", secure=True).status_code == 200

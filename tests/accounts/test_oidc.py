"""Single sign-on against a small identity provider: a real aiohttp server that speaks OpenID Connect."""

import asyncio
import base64
import hashlib
import html
import json
import re
import secrets
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from aiohttp import web
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client

from chat.models import User
from tests.authenticator import AUTHENTICATE, add_app, give

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = "/accounts/oidc/sso/login/"
CLIENT_ID, CLIENT_SECRET = "magickpen", "a-secret-of-the-provider"


class IdentityProvider:
    """Signs in `person` without asking; checks the client's secret, the code, its one use, and PKCE."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "7", "preferred_username": "dora", "email": "dora@corp.example"}
        self.codes: dict[str, dict[str, str]] = {}
        self.url = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self.configuration)
        app.router.add_get("/authorize", self.authorize)
        app.router.add_post("/token", self.token)
        app.router.add_get("/userinfo", self.userinfo)
        return app

    async def configuration(self, request: web.Request) -> web.Response:
        ends = {name: f"{self.url}/{path}" for name, path in {
            "authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo",
            "jwks_uri": "keys"}.items()}  # fmt: skip
        return web.json_response({"issuer": self.url, **ends})

    async def authorize(self, request: web.Request) -> web.Response:
        code = secrets.token_urlsafe(8)
        self.codes[code] = dict(request.query)
        raise web.HTTPFound(f"{request.query['redirect_uri']}?code={code}&state={request.query['state']}")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.codes.pop(str(form["code"]), None)
        verifier = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        basic = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        known = form.get("client_secret") == CLIENT_SECRET or request.headers.get("Authorization") == basic
        if asked is None or not known or asked.get("code_challenge") != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": 1, "exp": 4_000_000_000, **self.person}
        token = jwt.encode(claims, "k" * 32, algorithm="HS256")
        return web.json_response({"access_token": "t", "token_type": "Bearer", "id_token": token})

    async def userinfo(self, request: web.Request) -> web.Response:
        return web.Response(text=json.dumps(self.person), content_type="application/json")


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    """The provider on a loopback port, in a thread with an event loop of its own; the settings name it."""
    cache.clear()
    found, loop = IdentityProvider(), asyncio.new_event_loop()
    runner = web.AppRunner(found.app())
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, "127.0.0.1", 0)
    loop.run_until_complete(site.start())
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    app = {"provider_id": "sso", "name": "Corp", "client_id": CLIENT_ID, "secret": CLIENT_SECRET,
           "settings": {"server_url": found.url, "oauth_pkce_enabled": True}}  # fmt: skip
    settings.OIDC_URL = found.url
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield found
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def sign_on(browser: Client, login: str = LOGIN) -> Any:
    """Goes the whole way round as a browser would, and returns the last answer."""
    there = browser.post(login)["Location"]
    return browser.get(_back_from(there))


def _back_from(there: str) -> str:
    """What the provider sends the browser back with."""
    import http.client

    parts = urlsplit(there)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return f"{back.path}?{back.query}"


def is_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def test_somebody_the_provider_knows_gets_an_account_and_comes_back_to_it(
    client: Client, provider: IdentityProvider, settings: Any
) -> None:
    settings.OIDC_SIGNUP = True
    assert "Go on with Corp" in client.get("/accounts/login/").content.decode()
    assert sign_on(client)["Location"] == "/"
    assert is_in(client)
    again = Client()
    sign_on(again)
    assert is_in(again)
    assert User.objects.get().username == "dora"
    assert not User.objects.get().has_usable_password()


def test_whoever_has_just_come_by_the_provider_deletes_the_account_by_its_name(
    client: Client, provider: IdentityProvider, settings: Any
) -> None:
    settings.OIDC_SIGNUP = True
    sign_on(client)
    assert client.post("/settings/delete/", {"name": "alice"}).status_code == 400
    assert "receipt" in client.post("/settings/delete/", {"name": "dora"}).content.decode()
    assert not User.objects.exists()
    assert not SocialAccount.objects.exists()


@pytest.fixture
def came_long_ago(client: Client, provider: IdentityProvider, settings: Any) -> None:
    """Dora has signed on by the provider, and all proofs of it are too old for what cannot be undone."""
    settings.OIDC_SIGNUP = True
    sign_on(client)
    grow_old(client)


@pytest.mark.usefixtures("came_long_ago")
def test_who_has_no_password_comes_by_the_provider_once_more_to_delete_the_account(client: Client) -> None:
    for answer in (client.get("/settings/delete/"), client.post("/settings/delete/", {"name": "dora"})):
        assert answer["Location"] == "/accounts/reauthenticate/sso/?next=%2Fsettings%2Fdelete%2F"
    page = client.get(answer["Location"]).content.decode()
    way = html.unescape(re.findall(r'<form method="post" action="([^"]*sso/login[^"]*)"', page)[0])
    assert parse_qs(urlsplit(client.post(way)["Location"]).query)["prompt"] == ["login"]
    assert sign_on(client, way)["Location"] == "/settings/delete/"
    assert client.get("/settings/delete/").status_code == 200
    assert "receipt" in client.post("/settings/delete/", {"name": "dora"}).content.decode()
    assert not User.objects.exists()


@pytest.mark.usefixtures("came_long_ago")
def test_who_comes_back_as_somebody_else_deletes_nothing_of_the_first(
    client: Client, provider: IdentityProvider
) -> None:
    provider.person = {"sub": "9", "preferred_username": "emil"}
    sign_on(client, f"{LOGIN}?process=login&next=/settings/delete/")
    assert client.post("/settings/delete/", {"name": "dora"}).status_code == 400
    assert User.objects.count() == 2


def test_a_session_that_did_not_come_by_the_provider_is_not_enough(client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)
    answer = client.post("/settings/delete/", {"name": "alice"})
    assert answer["Location"].startswith("/accounts/reauthenticate/sso/")
    assert "Ask an administrator" in client.get(answer["Location"]).content.decode()
    assert client.get("/accounts/reauthenticate/?next=/settings/").status_code == 302
    assert User.objects.exists()


def test_connecting_a_provider_spares_nobody_the_password(
    client: Client, provider: IdentityProvider, alice: User
) -> None:
    client.post("/accounts/login/", {"login": "alice", "password": "pen-and-ink-9"})
    client.post("/accounts/reauthenticate/", {"password": "pen-and-ink-9"})
    sign_on(client, f"{LOGIN}?process=connect")
    other = Client()
    sign_on(other)
    assert other.post("/settings/delete/", {"name": "alice"})["Location"].startswith("/accounts/reauthenticate/?")


def grow_old(browser: Client) -> None:
    """Lets all proofs of a session be older than they may be for what cannot be undone."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_nobody_is_led_away_on_the_way_back(
    client: Client, provider: IdentityProvider, settings: Any, target: str
) -> None:
    settings.OIDC_SIGNUP = True
    assert sign_on(client, f"{LOGIN}?next={target}")["Location"] == "/"
    assert "evil" not in client.get(f"/accounts/reauthenticate/sso/?next={target}").content.decode()


def test_the_provider_alone_opens_no_closed_site(client: Client, provider: IdentityProvider) -> None:
    assert "made by the administrators" in sign_on(client).content.decode()
    assert not User.objects.exists()


def test_whoever_the_provider_brings_waits_where_others_wait(
    client: Client, provider: IdentityProvider, settings: Any
) -> None:
    settings.SIGNUP = "approval"
    assert sign_on(client)["Location"] == "/accounts/waiting/"
    assert User.objects.get().is_waiting
    assert not is_in(client)


def test_a_way_back_that_nobody_began_leads_nowhere(client: Client, provider: IdentityProvider, settings: Any) -> None:
    settings.OIDC_SIGNUP = True
    back = _back_from(Client().post(LOGIN)["Location"])
    assert client.get(back).status_code in (200, 400, 401, 403)
    assert not is_in(client)
    mine = _back_from(client.post(LOGIN)["Location"])
    state = parse_qs(urlsplit(mine).query)["state"][0]
    assert client.get(f"/accounts/oidc/sso/login/callback/?code=forged&state={state}").status_code != 302
    assert not is_in(client)


@pytest.mark.parametrize("verified", [True, "true", "false", 1, None, False])
def test_a_lie_about_an_address_opens_nobodys_account(
    client: Client, provider: IdentityProvider, settings: Any, alice: User, verified: Any
) -> None:
    """The provider says that alice@example.org is Mallory's, and verified."""
    settings.OIDC_SIGNUP = True
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    provider.person = {"sub": "666", "preferred_username": "alice", "email": "alice@example.org"}
    provider.person["email_verified"] = verified
    sign_on(client)
    page = client.get("/")
    assert page.status_code == 302 or page.context["user"] != alice
    assert not SocialAccount.objects.filter(user=alice).exists()
    assert list(EmailAddress.objects.filter(email="alice@example.org", verified=True)) == list(
        EmailAddress.objects.filter(user=alice)
    )


@pytest.mark.parametrize("verified", [True, "true", "false", 1])
def test_an_address_counts_as_verified_only_where_the_settings_say_so(
    client: Client, provider: IdentityProvider, settings: Any, verified: Any
) -> None:
    settings.OIDC_SIGNUP = True
    provider.person["email_verified"] = verified
    sign_on(client)
    assert not EmailAddress.objects.get().verified
    User.objects.all().delete()
    settings.OIDC_VERIFIES_EMAIL = True
    sign_on(Client())
    assert EmailAddress.objects.get().verified is (verified is True)


@pytest.mark.parametrize("name", ["ALICE", "аlice", "x" * 5000, "<b>x</b>", "root\x00", ""])
def test_a_name_from_the_provider_imitates_nobody(
    client: Client, provider: IdentityProvider, settings: Any, alice: User, name: str
) -> None:
    settings.OIDC_SIGNUP = True
    provider.person = {"sub": "8", "preferred_username": name, "email": "other@corp.example"}
    sign_on(client)
    found = User.objects.exclude(pk=alice.pk).get()
    assert is_in(client)
    assert len(found.username) <= 40
    assert found.lookalike != alice.lookalike
    assert "\\u0000" not in json.dumps([found.username, SocialAccount.objects.get().extra_data])


def test_an_account_is_connected_by_its_owner(client: Client, provider: IdentityProvider, alice: User) -> None:
    client.post("/accounts/login/", {"login": "alice", "password": "pen-and-ink-9"})
    assert "Corp" in client.get("/accounts/3rdparty/").content.decode()
    client.post("/accounts/reauthenticate/", {"password": "pen-and-ink-9"})
    sign_on(client, f"{LOGIN}?process=connect")
    assert SocialAccount.objects.get().user == alice
    other = Client()
    sign_on(other)
    assert is_in(other)


def test_the_second_factor_is_asked_for_after_the_provider_too(
    client: Client, provider: IdentityProvider, alice: User
) -> None:
    client.post("/accounts/login/", {"login": "alice", "password": "pen-and-ink-9"})
    app = add_app(client)
    client.post("/accounts/reauthenticate/", {"password": "pen-and-ink-9"})
    sign_on(client, f"{LOGIN}?process=connect")
    other = Client()
    assert sign_on(other)["Location"].startswith(AUTHENTICATE)
    assert not is_in(other)
    assert give(other, app.code(1))


def test_a_provider_that_is_away_is_told_calmly(client: Client, provider: IdentityProvider, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.post(LOGIN)
    assert answer.status_code == 502
    assert "cannot be reached" in answer.content.decode()
    assert not is_in(client)


def test_a_provider_that_talks_nonsense_is_told_calmly(
    client: Client, provider: IdentityProvider, settings: Any
) -> None:
    for path in ("userinfo", "nowhere"):
        address = f"{provider.url}/.well-known/../{path}"
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = address
        assert client.post(LOGIN).status_code == 502


def test_the_policy_lets_the_form_go_to_the_provider() -> None:
    from magickpen_site import env

    assert env.origin(urlsplit("https://id.example.org:443/realms/x")) == "https://id.example.org"

"""No header of a stranger's changes where the site's links lead: not on pages, not in redirects, not in mails."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from tests.stand.mail import serving_mail
from tests.stand.site import NAME, PASSWORD, Site

HEADERS = [
    ("Daphne-Root-Path", b".evil.example"),
    ("Daphne-Root-Path", b"@evil.example"),
    ("daphne-root-path", b"https://evil.example"),
    ("Daphne-Root-Path", b"/accounts"),
    ("Daphne-Root-Path", b"%2F%2Fevil.example"),
    ("Daphne-Root-Path", b"\xff"),
    ("Daphne_Root_Path", b"/evil"),
    ("X-Forwarded-Host", b"evil.example"),
    ("X-Forwarded-Prefix", b"/evil"),
    ("X-Script-Name", b"/evil"),
    ("Script-Name", b"/evil"),
    ("Forwarded", b"for=192.0.2.1;host=evil.example;proto=https"),
    ("X-Original-URL", b"/admin/"),
    ("X-Rewrite-URL", b"/admin/"),
    ("X-Forwarded-Port", b"1"),
    ("X-Forwarded-Server", b"evil.example"),
    ("Host", b"127.0.0.1"),
    ("Host", b"127.0.0.1:1"),
    ("Host", b"localhost"),
    ("Host", b"LOCALHOST.:80"),
    ("Host", b"[::1]:99"),
]
PAGES = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/", "/", "/admin/",
         "/settings/", "/conversations/", "/healthz", "/readyz", "/static/nothing.js"]  # fmt: skip


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: str

    def same(self) -> "Answer":
        """Without what differs from one answer to the next."""
        headers = [(name, re.sub(r"=[^;]+", "=…", value, count=1) if name == "Set-Cookie" else value)
                   for name, value in self.headers if name not in ("Date", "Expires")]  # fmt: skip
        tokens = r'(name="csrfmiddlewaretoken" value="|name="key" value="|data-key="|expires=)[^"]+'
        body = re.sub(tokens, r"\1…", self.body)
        return Answer(self.status, [(name, re.sub(r"expires=[^;]+", "", value)) for name, value in headers], body)


class Stranger:
    """Sends any header, in any bytes."""

    def __init__(self, site: Site) -> None:
        self.port = site.webs[0].port
        self.cookies: dict[str, str] = {}
        self.count = 0
        self.token = ""

    def ask(self, path: str, header: tuple[str, bytes] | None = None, form: dict[str, str] | None = None) -> Answer:
        self.count += 1  # each time from another address, as there are limits for one
        headers: dict[str, Any] = {
            "Host": f"127.0.0.1:{self.port}",
            "X-Forwarded-For": f"198.51.100.{self.count % 250}",
        }
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= dict([header] if header else [])
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET" if form is None else "POST", path, form and urlencode(form), headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read().decode())
        connection.close()
        return answer

    def post(self, path: str, header: tuple[str, bytes] | None = None, **fields: str) -> Answer:
        if not self.token:
            page = self.ask("/accounts/login/")
            found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
            self.token = found[1] if found else ""
            self.keep(page)
        return self.ask(path, header, fields | {"csrfmiddlewaretoken": self.token})

    def keep(self, answer: Answer) -> None:
        """Keep the cookies."""
        for cookie in (value for name, value in answer.headers if name == "Set-Cookie"):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value


@pytest.fixture(scope="module")
def mails() -> Iterator[Any]:
    with serving_mail() as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, mails: Any) -> Iterator[Site]:
    """With mail, and behind a proxy, so that a stranger may come from many addresses."""
    home: Path = tmp_path_factory.mktemp("headers")
    mail = f"smtp://127.0.0.1:{mails.server_address[1]}"
    with Site(home, SIGNUP="open", TRUSTED_PROXIES="1", EMAIL_URL=mail) as site:
        yield site


@pytest.fixture(scope="module")
def plain_pages(site: Site) -> dict[str, Answer]:
    stranger = Stranger(site)
    return {path: stranger.ask(path).same() for path in PAGES}


@pytest.mark.parametrize("header", HEADERS, ids=str)
def test_pages_and_redirects_are_the_same(site: Site, plain_pages: dict[str, Answer], header: Any) -> None:
    stranger = Stranger(site)
    assert {path: stranger.ask(path, header).same() for path in PAGES} == plain_pages


VERIFIED = (
    'INSERT INTO account_emailaddress (email, verified, "primary", user_id)'
    " SELECT %s, true, true, id FROM chat_user WHERE username = %s"
)


def test_the_pages_of_who_is_signed_in_are_the_same(site: Site) -> None:
    site.query(VERIFIED, "alice@example.org", NAME)
    stranger = Stranger(site)
    entered = stranger.post("/accounts/login/", login=NAME, password=PASSWORD)
    assert entered.status == 302
    stranger.keep(entered)
    for path in ("/", "/settings/", "/admin/", "/conversations/", "/personas/"):
        plain = stranger.ask(path).same()
        assert plain.status == 200, path
        for header in HEADERS:
            assert stranger.ask(path, header).same() == plain, (path, header)


def sent(site: Site, mails: Any, header: tuple[str, bytes] | None, number: int) -> list[str]:
    """Every mail that somebody without an account can have sent, in a fixed order, without what is random in it."""
    stranger, alice, nobody = Stranger(site), f"alice-{number}@example.org", f"nobody-{number}@example.org"
    stranger.count = number * 10
    site.query("UPDATE chat_user SET email = %s WHERE username = %s", alice, NAME)
    mails.mails.clear()
    password = {"password1": "new-ink-and-pen-77", "password2": "new-ink-and-pen-77"}
    for address in (alice, nobody):
        assert stranger.post("/accounts/password/reset/", header, email=address).status == 302
    for name, address in (("double", alice), ("fresh", nobody)):
        fields = {"username": f"{name}{number}", "email": address, **password}
        assert stranger.post("/accounts/signup/", header, **fields).status == 302
    return [plain(raw, number) for raw in mails.mails]


def plain(raw: bytes, number: int) -> str:
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body()
    assert body is not None
    text = f"{mail['From']}\n{mail['To']}\n{mail['Subject']}\n{body.get_content()}"
    text = re.sub(r"(reset/key|confirm-email)/[^/\s]+", r"\1/…", text)
    return re.sub(rf"(alice-|nobody-|double|fresh){number}\b", r"\1", text)


def test_mails_are_the_same(site: Site, mails: Any) -> None:
    usual = sent(site, mails, None, 0)
    assert len(usual) == 4
    links = [link for mail in usual for link in re.findall(r"https?://\S+", mail)]
    assert len(links) == 4
    assert all(link.startswith(f"{site.webs[0].url}/accounts/") for link in links)
    for number, header in enumerate(HEADERS, 1):
        assert sent(site, mails, header, number) == usual, header

"""Strangers who send too much, too slowly, or nothing at all, and who do not read: the site goes on for the others."""

import re
import resource
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.stand.site import Site, Web, work
from tests.stand.visitor import Visitor, settled
from tests.stand.wire import Wire

MEGABYTE = 1024 * 1024
MULTIPART = "multipart/form-data; boundary=B"
FORM = "application/x-www-form-urlencoded"
PART = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = b'--B\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n1\r\n'


def full(piece: bytes) -> bytes:
    """A megabyte of this."""
    return piece * (MEGABYTE // len(piece))


HARMLESS = ("text/plain", full(b"x"))
SHAPES = {
    "semicolons": (MULTIPART, b"--B\r\nContent-Disposition: form-data" + full(b";") + b"\r\n\r\n1\r\n--B--"),
    "parameters": (MULTIPART, b"--B\r\nContent-Disposition: form-data" + full(b'; a="b\\"') + b"\r\n\r\n1\r\n--B--"),
    "continued parameters": (MULTIPART, b"--B\r\nContent-Disposition: a" + full(b"; n*1*=a%27") + b"\r\n\r\n--B--"),
    "boundaries": (MULTIPART, full(b"--B\n\n")),
    "empty parts": (MULTIPART, full(b"--B\r\n\r\n\r\n") + b"--B--"),
    "small parts": (MULTIPART, full(PART) + b"--B--"),
    "small files": (MULTIPART, full(FILE) + b"--B--"),
    "headers of a part": (MULTIPART, b"--B\r\n" + full(b"a: b\r\n") + b"\r\n1\r\n--B--"),
    "base64": (MULTIPART, FILE[:-5] + b"Content-Transfer-Encoding: base64\r\n\r\n" + full(b"a\n ") + b"\r\n--B--"),
    "half boundaries": ("multipart/form-data; boundary=" + "a" * 70, full(b"--" + b"a" * 69)),
    "fields": (FORM, full(b"a=&")),
    "escapes": (FORM, b"a=" + full(b"%41")),
    "a field of escapes": (FORM, full(b"%")),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home: Path = tmp_path_factory.mktemp("hostile")
    with Site(home, CHAT_MAX_REPLY_CHARS="2000000") as site:
        yield site


@pytest.fixture
def web(site: Site) -> Iterator[Web]:
    """The web process, which lives on and has nothing to complain about."""
    yield site.webs[0]
    assert is_well(site.webs[0])
    assert "Traceback" not in site.webs[0].said()
    assert " ERROR " not in site.webs[0].said()


def is_well(web: Web) -> bool:
    return status(f"{web.url}/healthz") == 200


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return int(answer.status)


def work_for(web: Web, path: str, shape: tuple[str, bytes], cookie: str = "") -> float:
    kind, body = shape
    before = work(web)
    with Wire(web) as wire:
        headers = [f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", f"Cookie: {cookie}"]
        wire.ask(f"POST {path}", *headers, body=body)
        assert wire.status() in (400, 403, 404)
        wire.rest()
    return work(web) - before


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_hostile_body_costs_hardly_more_than_a_harmless_one(web: Web, shape: tuple[str, bytes]) -> None:
    with urllib.request.urlopen(f"{web.url}/accounts/login/") as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    for path in ("/nowhere", "/accounts/login/"):
        harmless = max(work_for(web, path, HARMLESS, cookie), 0.05)  # of which the system counts hundredths
        assert work_for(web, path, shape, cookie) < 20 * harmless


def test_a_large_body_is_refused_before_it_comes(web: Web) -> None:
    with Wire(web) as wire:
        wire.ask("POST /", "Content-Length: 20000000", "Expect: 100-continue")
        answer = wire.rest()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert "larger than this site takes" in answer.decode()


def test_who_sends_a_large_body_all_the_same_reads_why_not(web: Web) -> None:
    before = web.memory()
    with Wire(web) as wire:
        wire.ask("POST /", f"Content-Length: {50 * MEGABYTE}")
        for _ in range(50):
            wire.send(b"x" * MEGABYTE)
        assert wire.status() == 413
    assert web.memory() - before < 10 * MEGABYTE


def test_a_body_without_a_length_is_counted(web: Web) -> None:
    with Wire(web) as wire:
        wire.ask("POST /", "Transfer-Encoding: chunked")
        for _ in range(30):
            wire.send(b"19000\r\n" + b"x" * 0x19000 + b"\r\n")
        assert wire.status() == 413


def test_a_body_in_crumbs_is_refused(web: Web) -> None:
    with Wire(web) as wire:
        wire.ask("POST /", "Transfer-Encoding: chunked")
        wire.try_to_send(b"1\r\nx\r\n" * 50_000)
        assert wire.status() == 400


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "1, 1", "9" * 5000, ""])
def test_a_length_that_is_none_ends_the_connection(web: Web, length: str) -> None:
    with Wire(web) as wire:
        wire.ask("POST /", f"Content-Length: {length}")
        assert wire.status() in (0, 400)


def test_a_request_is_smuggled_in_no_way(web: Web) -> None:
    with Wire(web) as wire:
        wire.ask(
            "POST /", "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\nGET /admin/ HTTP/1.1\r\n\r\n"
        )
        assert wire.status() == 400


def test_an_ordinary_upload_still_works(web: Web) -> None:
    with urllib.request.urlopen(f"{web.url}/accounts/login/") as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
    assert token is not None
    field = '--B\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    body = field.format("csrfmiddlewaretoken", token[1]) + field.format("theme", "dark") + "--B--\r\n"
    with Wire(web) as wire:
        length = f"Content-Length: {len(body)}"
        wire.ask("POST /theme/", f"Content-Type: {MULTIPART}", length, f"Cookie: {cookie}", body=body.encode())
        assert wire.status() == 303


def test_who_never_ends_a_request_is_hung_up_on(web: Web) -> None:
    """… though a byte comes every second; and so is who says nothing."""
    with Wire(web) as dripping, Wire(web) as silent:
        dripping.send(b"GET / HTTP/1.1\r\nX-Long: ")
        deadline = time.monotonic() + 60
        dripping.socket.settimeout(1)
        answer = b""
        while not answer:
            assert time.monotonic() < deadline
            dripping.try_to_send(b"x")
            try:
                answer = dripping.socket.recv(4096)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert silent.rest() == b""


def test_silent_connections_without_number_keep_nobody_out(tmp_path: Path) -> None:
    with Site(tmp_path) as site, ExitStack() as silent:
        web = site.webs[0]
        assert web.process is not None
        most = web.open_files() + 500
        resource.prlimit(web.process.pid, resource.RLIMIT_NOFILE, (most, most))
        oldest = silent.enter_context(Wire(web))
        for _ in range((most + 200) // 50):
            for _ in range(50):
                newest = silent.enter_context(Wire(web))
            assert is_well(web)
            assert status(f"{web.url}/accounts/login/") == 200
        assert oldest.rest() == b""  # it has made room
        newest.ask("GET /healthz")
        assert newest.status() == 200
        assert "Traceback" not in web.said()


@pytest.mark.usefixtures("site")
async def test_answers_that_nobody_reads_do_not_pile_up(web: Web) -> None:
    async with Visitor.signed_in(web) as alice:
        huge = await alice.begin(web, "A long one !pace=0 !chunk=2000 !size=1500k")
        await settled(alice, web, huge)
        page = await alice.get(web, f"/c/{huge}/")
        assert len(page) > MEGABYTE
        cookie = "; ".join(f"{each.key}={each.value}" for each in alice.http.cookie_jar)
        before = web.memory()
        with Wire(web, buffer=4096) as unread:
            for _ in range(100):
                unread.ask(f"GET /c/{huge}/", f"Cookie: {cookie}")
            for _ in range(20):
                await alice.get(web, "/settings/")
            assert web.memory() - before < 32 * MEGABYTE

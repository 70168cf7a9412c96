"""A crowd of strangers at the door: real requests, from as many addresses as they like."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.stand.site import NAME, PASSWORD, Site, Web

MEGABYTE = 1024 * 1024
LOGIN = "/accounts/login/"
WRONG, TOO_MANY, BUSY = "are not correct", "Too many failed", "Many people are signing in"
SPELLINGS = ["alice", "ALICE", "аlice", "al1ce", "alіce", "ａｌｉｃｅ", "a1ice", "alicе"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Behind one proxy that tells addresses."""
    with Site(tmp_path_factory.mktemp("door"), TRUSTED_PROXIES="1", SIGNUP="invite") as site:
        yield site


class Stranger:
    """A browser that has not been here before, and whose requests come from any address."""

    def __init__(self, web: Web, http: aiohttp.ClientSession, token: str) -> None:
        self.web = web
        self.http = http
        self.token = token

    @classmethod
    @asynccontextmanager
    async def at(cls, web: Web) -> AsyncIterator["Stranger"]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, connector=aiohttp.TCPConnector(limit=0)) as http:
            async with http.get(web.url + LOGIN) as response:
                token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', await response.text())
            assert token
            yield cls(web, http, token[1])

    async def sign_in(self, number: int, name: str = NAME, password: str = "wrong", host: str = "") -> str:
        """What is told to somebody at the so-manyeth address; "" to who is let in."""
        headers = {"X-Forwarded-For": f"203.0.113.{number}"} | ({"Host": host} if host else {})
        form = {"csrfmiddlewaretoken": self.token, "login": name, "password": password}
        async with self.http.post(self.web.url + LOGIN, data=form, headers=headers, allow_redirects=False) as response:
            page = await response.text()
            assert response.status in (200, 302, 503)
            return next((told for told in (WRONG, TOO_MANY, BUSY) if told in page), "") if page else ""


async def test_no_port_and_no_spelling_gives_more_guesses(site: Site) -> None:
    web = site.webs[0]
    async with Stranger.at(web) as stranger:
        told = Counter(
            [
                await stranger.sign_in(number, SPELLINGS[number % len(SPELLINGS)], host=f"127.0.0.1:{1000 + number}")
                for number in range(60)
            ]
        )
        assert told == {WRONG: 5, TOO_MANY: 55}
        assert await stranger.sign_in(99, password=PASSWORD) == TOO_MANY


async def test_sixty_at_once_take_little_memory_and_everybody_is_answered(site: Site) -> None:
    web = site.webs[0]
    async with Stranger.at(web) as stranger:
        await stranger.sign_in(100, "first")
        before, done = web.memory(), asyncio.Event()
        health = asyncio.create_task(looks(stranger, web, done))
        told = Counter(await asyncio.gather(*(stranger.sign_in(number, f"name{number}") for number in range(60))))
        done.set()
        assert set(told) <= {WRONG, BUSY}
        assert told[WRONG] >= 2
        assert await health >= 2
        assert peak(web) - before < 160 * MEGABYTE
        assert " ERROR " not in web.said()


async def looks(stranger: Stranger, web: Web, done: asyncio.Event) -> int:
    """Asks for health until the end; returns how often that was answered."""
    count = 0
    while count < 2 or not done.is_set():
        async with stranger.http.get(f"{web.url}/healthz") as response:
            assert response.status == 200
            count += 1
    return count


def peak(web: Web) -> int:
    """The most memory that the process has had, in bytes."""
    assert web.process is not None
    fields = Path(f"/proc/{web.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in fields if line.startswith("VmHWM"))


@pytest.mark.parametrize("path", ["/invite/", "/setup/", "/accounts/password/reset/key/", "/accounts/confirm-email/"])
async def test_the_secret_of_a_link_is_not_in_the_log(site: Site, path: str) -> None:
    web, secret = site.webs[0], f"1-5e54m3-{len(path)}-2405f5"
    async with aiohttp.ClientSession() as http, http.post(f"{web.url}{path}{secret}/") as response:
        assert response.status == 403
    assert f"Forbidden (CSRF cookie not set.): {path}" in web.said()
    assert secret not in web.said()

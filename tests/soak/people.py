"""People who chat through real sockets, and how late each of them sees what is said."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.soak.crowd import CHANCE
from tests.stand.answers import told
from tests.stand.site import PASSWORD, Web
from tests.stand.visitor import Socket, Visitor

PIECE, PACE = 5, 0.040
PROMPT = f"Tell me a story !chunk={PIECE} !pace={PACE * 1000:.0f} !size=1500"
PIECES = len(told(PROMPT)) // PIECE
REPLIES_OF_A_CONVERSATION = 6
PATIENCE = 60.0
FAILURES = (AssertionError, aiohttp.ClientError, OSError, TimeoutError)


class Person:
    """One of the crowd. Comes from an address of their own, so that a limit for each address spares them."""

    def __init__(self, number: int, web: Web, visitor: Visitor) -> None:
        self.number = number
        self.web = web
        self.visitor = visitor
        self.delays: list[float] = []
        self.troubles: list[str] = []
        self.replies = 0

    @classmethod
    @asynccontextmanager
    async def signed_up(cls, number: int, web: Web) -> AsyncIterator["Person"]:
        """Makes an account, as long as SIGNUP is open."""
        async with browser(f"127.0.2.{number + 1}", f"203.0.113.{number + 1}") as http:
            person = cls(number, web, Visitor(http))
            await sign_up(person.visitor, web, f"person{number}")
            yield person

    async def chat(self, seconds: float) -> None:
        """Asks, reads, thinks and asks again, whatever happens; what is noted is of this time alone."""
        self.delays, self.troubles, self.replies = [], [], 0
        ends = time.monotonic() + seconds
        await asyncio.sleep(CHANCE.uniform(0, min(10, seconds / 4)))
        while time.monotonic() < ends:
            try:
                await self._converse(ends)
            except FAILURES as error:
                self.troubles.append(f"{type(error).__name__}: {error}".splitlines()[0])
                await asyncio.sleep(1)

    async def _converse(self, ends: float) -> None:
        asked = time.monotonic()
        with self._watch(asked) as reading:
            conversation = await self.visitor.begin(self.web, PROMPT)
            async with self.visitor.watching(self.web, conversation) as page:
                await reading.whole(page, 1)
        self.replies += 1
        async with self.visitor.watching(self.web, conversation) as page:
            await page.until_messages(2)
            for number in range(2, REPLIES_OF_A_CONVERSATION + 1):
                await asyncio.sleep(CHANCE.uniform(1, 3))
                if time.monotonic() > ends:
                    return
                with self._watch(time.monotonic()) as reading:
                    await page.ask(PROMPT)
                    await reading.whole(page, number)
                self.replies += 1

    def _watch(self, asked: float) -> "Reading":
        return Reading(asked, self.delays)


class Reading:
    """How late each piece of one answer is seen, after the moment in which it would have come if there were nobody
    between the reader and the upstream. A piece that never comes is as late as the end of the waiting for it."""

    def __init__(self, asked: float, delays: list[float]) -> None:
        self.asked = asked
        self.delays = delays
        self.pieces = 0

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_error: object) -> None:
        self._saw(min(PIECES, int((time.monotonic() - self.asked) / PACE)))

    async def whole(self, page: Socket, number: int) -> None:
        """Reads until the answer with this number is complete on a page."""
        whole = len(told(PROMPT))

        def look(_frame: object = None) -> None:
            if len(page.document.messages) == 2 * number:
                self._saw(PIECES if page.state == "complete" else len(page.text) * PIECES // whole)

        page.on_frame = look
        await page.until_messages(2 * number, PATIENCE)
        await page.until_state("complete", seconds=PATIENCE)
        look()

    def _saw(self, pieces: int) -> None:
        now = time.monotonic()
        self.delays += [now - self.asked - piece * PACE for piece in range(self.pieces, pieces)]
        self.pieces = max(self.pieces, pieces)


@asynccontextmanager
async def browser(local: str, forwarded: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that connects from a loopback address, and that a proxy says to be at another one."""
    connector = aiohttp.TCPConnector(limit=0, local_addr=(local, 0))
    jar = aiohttp.CookieJar(unsafe=True)
    headers = {"X-Forwarded-For": forwarded}
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector, headers=headers) as http:
        yield http


async def sign_up(visitor: Visitor, web: Web, name: str) -> None:
    location = await visitor.post(web, "/accounts/signup/", username=name, password1=PASSWORD, password2=PASSWORD)
    assert location == "/", f"signing up led to {location}"

"""The site that is attacked, as those who attack it know it, and the journal of what they do."""

import asyncio
import itertools
import json
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import aiohttp

MISUSES = FORMS, PAGES, FLOODS, SOCKETS, ANSWERS = "forms", "pages", "floods", "sockets", "answers"
ADDRESSES = 200  # from which attackers come
FAILURES = (OSError, TimeoutError, EOFError, aiohttp.ClientError)
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Account(NamedTuple):
    """What the browser of somebody who is signed in knows, and a conversation of theirs."""

    cookies: str
    token: str
    conversation: str


class Target(NamedTuple):
    """Where the site is, and the accounts that are misused, by what they are misused for."""

    port: int
    accounts: dict[str, Account]

    @classmethod
    def read(cls, text: str) -> "Target":
        port, accounts = json.loads(text)
        return cls(port, {misuse: Account(*account) for misuse, account in accounts.items()})

    def written(self) -> str:
        return json.dumps(self)

    async def open(self, *, takes_little: bool = False) -> Stream:
        """Connects from the next of the attackers' addresses; `takes_little`: the system buffers next to nothing."""
        line = socket.socket()
        try:
            line.setblocking(False)
            if takes_little:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.bind((f"127.0.1.{next(_NUMBERS) % ADDRESSES + 1}", 0))
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", self.port)), 10)
            return await asyncio.open_connection(sock=line, limit=4096 if takes_little else 65536)
        except BaseException:
            line.close()
            raise

    def head(self, misuse: str, method: str, path: str, *lines: str) -> bytes:
        """The start of a request by an account, from an address that the proxy has not seen for long."""
        number = next(_NUMBERS)
        forwarded = f"X-Forwarded-For: 198.18.{number // 250 % 250}.{number % 250 + 1}"
        first = (
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            forwarded,
            f"Cookie: {self.accounts[misuse].cookies}",
        )
        return "\r\n".join([*first, *lines, "", ""]).encode()


_NUMBERS = itertools.count()


def note(event: str, what: str, how: str = "") -> None:
    """One line of the journal: when, whether it begins or ends, what it is, how it ended."""
    sys.stdout.write(f"{time.time():.3f}\t{event}\t{what}\t{how}\n")
    sys.stdout.flush()


async def again_and_again(what: str, seconds: float, attack: Callable[[], Awaitable[str]]) -> None:
    """Attacks every so many seconds, but not before the last attack has ended, and for a minute at most."""
    while True:
        begun = time.monotonic()
        note("begin", what)
        try:
            async with asyncio.timeout(60):
                outcome = await attack()
        except FAILURES as error:
            outcome = type(error).__name__
        note("end", what, outcome)
        await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))

"""A page as the load client plays it: asks over a WebSocket, and notes the age of each stamped chunk that arrives."""

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench import stamps

ACKNOWLEDGE_BYTES = 32 * 1024
SETTLED = 'data-author=\\"assistant\\" data-state=\\"'
REFUSED = '{"type":"refused"'


@dataclass
class Reader:
    """Reads one reply; the server forwards chunks as they are.

    `ages` holds (time sent, milliseconds until it was here) of each stamped chunk, in the stamps' unit.
    The prompt goes through another reader's socket if there is one; that one is closed when its first frame has come.
    """

    socket: aiohttp.ClientWebSocketResponse
    asks_through: "Reader | None" = None
    asked: int = 0
    first_text: float | None = None
    ages: list[tuple[int, float]] = field(default_factory=list)
    frames: int = 0
    bytes: int = 0
    state: str = ""
    is_whole: bool = False
    _seen: set[str] = field(default_factory=set)

    async def ask(self, prompt: str) -> None:
        self.asked = stamps.now()
        other, self.asks_through = self.asks_through, None
        await (other or self)._send(self._as_frame(prompt))
        if other is not None:
            await other.socket.receive()
            await other.close()

    def _as_frame(self, prompt: str) -> str:
        return prompt

    async def close(self) -> None:
        await self.socket.close()

    async def _send(self, text: str) -> None:
        with suppress(aiohttp.ClientConnectionResetError):  # then `read` tells why
            await self.socket.send_str(text)

    async def read(self) -> None:
        """Takes frames until the reply has ended, or the server closes the socket."""
        async for frame in self.socket:
            await self.take(frame.data)
            if self.state:
                return
        self.state = f"closed with code {self.socket.close_code}"

    async def take(self, text: str) -> None:
        self._count(text)
        if self._note_stamps(text):
            self.state = "complete"

    def _count(self, text: str) -> None:
        self.frames += 1
        self.bytes += len(text) if text.isascii() else len(text.encode())

    def _note_stamps(self, text: str) -> bool:
        """Takes down the stamps that are new; says whether the last chunk was among them."""
        now = stamps.now()
        has_ended = False
        for kind, digits in stamps.FOUND.findall(text):
            if kind == stamps.SENT:
                if digits not in self._seen:
                    self._seen.add(digits)
                    age = stamps.age(digits, now)
                    self.ages.append((now - round(age * stamps.PER_SECOND / 1000), age))
            elif kind == stamps.WAITED and self.first_text is None:
                self.first_text = (now - self.asked - stamps.value_of(digits)) * 1000 / stamps.PER_SECOND
            elif kind == stamps.END:
                self.is_whole = len(self._seen) == stamps.value_of(digits)
                has_ended = True
        return has_ended


@dataclass
class Page(Reader):
    """Reads one reply of the chat: frames hold fragments, of which a page acknowledges so many bytes."""

    _unacknowledged: int = 0

    def _as_frame(self, prompt: str) -> str:
        return json.dumps({"type": "ask", "key": str(uuid.uuid4()), "text": prompt})

    async def take(self, text: str) -> None:
        self._count(text)
        self._note_stamps(text)
        _, found, rest = text.partition(SETTLED)
        state = rest[: rest.index("\\")] if found else ""
        self._unacknowledged += len(text)
        if text.startswith(REFUSED):
            state = text
        elif self._unacknowledged > ACKNOWLEDGE_BYTES or state not in ("", "queued", "streaming"):
            await self._acknowledge(text)
        self.state = "" if state in ("queued", "streaming") else state

    async def _acknowledge(self, text: str) -> None:
        frame = json.loads(text)
        await self._send(json.dumps({"type": "ack", "pk": frame["pk"], "rev": frame["rev"]}))
        self._unacknowledged = 0


def is_lost(reader: Reader) -> bool:
    """Whether the reply did not end well, or something of its text never came."""
    return reader.state != "complete" or not reader.is_whole


def why_lost(reader: Reader) -> str:
    return "text is missing" if reader.state == "complete" else reader.state or "it did not end"


async def opened(session: aiohttp.ClientSession, url: str, speech: str, page: dict[str, Any]) -> Reader:
    """Opens a socket to a server that speaks as the chat's pages do, or that only takes prompts."""
    if speech == "plain":
        return Reader(await session.ws_connect(url.replace("http", "ws", 1)))
    address = f"{url.replace('http', 'ws', 1)}/ws/c/{page['conversation']}/?after={page['after']}"
    return Page(await session.ws_connect(address, headers={"Origin": url, "Cookie": page["cookie"]}, max_msg_size=0))


async def opened_all(
    session: aiohttp.ClientSession, url: str, speech: str, pages: list[dict[str, Any]]
) -> list[Reader]:
    """Opens many sockets, a few at a time."""
    readers: list[Reader] = []
    for start in range(0, len(pages), 20):
        portion = pages[start : start + 20]
        readers += await asyncio.gather(*(opened(session, url, speech, page) for page in portion))
    return readers

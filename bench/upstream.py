"""The upstream of every server measured: posts are answered with a stream of chunks at a steady pace.

Lean, so that it does not take the time that is to be measured: one timer and one write per chunk. It looks enough like
MagickPen for the chat to ask it. Runs by itself: `python -m bench.upstream PORT`.
"""

import asyncio
import re
import sys
from typing import NamedTuple

from aiohttp import web

from bench import stamps, texts

PAGE = '<!doctype html><title>bench</title><script src="/_nuxt/bench.js"></script>'
SCRIPT = 'e.headers={"X-API-Secret":"bench"};var r={secret:"bench",key:1};'
WISH = re.compile(r"bench text=([a-z]+) seed=(\d+) rate=(\d+) chunks=(\d+) head=(\d+)")
MOST_CHUNKS = 100_000


class Wish(NamedTuple):
    """What a prompt asks for: which text, chunks per second, how many, and characters that come at once at first."""

    text: str
    seed: int
    rate: int
    chunks: int
    head: int = 0

    def prompt(self) -> str:
        return f"bench text={self.text} seed={self.seed} rate={self.rate} chunks={self.chunks} head={self.head}"

    @classmethod
    def read(cls, prompt: str) -> "Wish":
        found = WISH.findall(prompt)
        if not found:
            raise web.HTTPBadRequest(text="The prompt is not one of the benchmark's.")
        text, *numbers = found[-1]
        return cls(text, *map(int, numbers))


class Answer:
    """One stream: chunk after chunk, each at its time, into the transport."""

    def __init__(self, transport: asyncio.Transport, wish: Wish) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport = transport
        self._interval = 1 / wish.rate
        self._chunks = iter(texts.chunks(wish.text, wish.seed, wish.chunks))
        self._left = wish.chunks
        self._stamps = self._stamped = 0

    def opening(self, waited: int, head: int) -> str:
        """The first chunk, a paragraph of its own, and `head` characters more."""
        more = (self._next(stamped=False) for _ in range(head // texts.CHUNK))
        return f"{stamps.stamp(stamps.WAITED, waited)}\n\n{''.join(more)}"

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._call_at, self._due = loop.call_at, loop.time() + self._interval
        self._call_at(self._due, self._tick)

    def _tick(self) -> None:
        if self._transport.is_closing() or not self._left:
            self.ended.set_result(None)
            return
        chunk = self._next()
        self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk.encode()))
        self._due += self._interval
        self._call_at(self._due, self._tick)

    def _next(self, *, stamped: bool = True) -> str:
        global sent
        sent += 1
        self._left -= 1
        chunk = next(self._chunks)
        if not self._left:
            return f"\n\n{stamps.stamp(stamps.END, self._stamps)}"
        if chunk is not None:
            return chunk
        if not stamped:
            return "then "
        self._stamps += 1
        self._stamped = max(stamps.now(), self._stamped + 1)  # each only once in a reply
        return stamps.stamp(stamps.SENT, self._stamped)


sent = 0
"""Chunks sent by this process."""


async def ask(request: web.Request) -> web.StreamResponse:
    received = stamps.now()
    wish = Wish.read((await request.json())["query"])
    if not 0 < wish.chunks <= MOST_CHUNKS:
        raise web.HTTPBadRequest(text="That is too much.")
    response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    assert isinstance(request.transport, asyncio.Transport)
    answer = Answer(request.transport, wish)
    await response.write(answer.opening(stamps.now() - received, wish.head).encode())
    answer.start()
    await answer.ended
    return response


async def page(request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def script(request: web.Request) -> web.Response:
    return web.Response(text=SCRIPT, content_type="application/javascript")


async def count(request: web.Request) -> web.Response:
    return web.json_response(sent)


def application() -> web.Application:
    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/_nuxt/bench.js", script)
    app.router.add_post("/ask", ask)
    app.router.add_get("/sent", count)
    return app


if __name__ == "__main__":
    web.run_app(application(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)

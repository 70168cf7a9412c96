"""Strangers who post what is expensive to read, to an address of the site that takes forms."""

import asyncio
from collections.abc import Iterator
from functools import partial
from itertools import repeat
from typing import NamedTuple

from tests.soak.attackers.target import FORMS, Target, again_and_again

MEGABYTE = 1_000_000
FORM, PLAIN = "application/x-www-form-urlencoded", "text/plain"
PARTS = "multipart/form-data; boundary=B"
PART = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
PORTION = 64_000
PATIENCE = 30.0


class Body(NamedTuple):
    """`pattern` is repeated up to `size` bytes between `before` and `after`; `tells`: it comes with its length."""

    content_type: str
    pattern: bytes
    size: int
    before: bytes = b""
    after: bytes = b""
    tells: bool = True


BODIES = {
    "1 MB of semicolons in a part's head": Body(
        PARTS, b";", MEGABYTE, b"--B\r\nContent-Disposition: form-data", b"\r\n\r\n1\r\n--B--"
    ),
    "1 MB of parts without heads": Body(PARTS, b"--B\n\n", MEGABYTE),
    "1 MB of small parts": Body(PARTS, PART, MEGABYTE, after=b"--B--"),
    "1 MB of fields": Body(FORM, b"a=&", MEGABYTE),
    "20 MB of fields": Body(FORM, b"a=&", 20 * MEGABYTE),
    "20 MB of small parts": Body(PARTS, PART, 20 * MEGABYTE, after=b"--B--"),
    "500 MB of text": Body(PLAIN, b"a" * 1000, 500 * MEGABYTE),
    "50 MB without a length": Body(FORM, b"a=&", 50 * MEGABYTE, tells=False),
}


def attacks(target: Target) -> Iterator[asyncio.Task[None]]:
    """One body of each kind a second, or as soon as the one before has been refused or read."""
    for name, body in BODIES.items():
        yield asyncio.create_task(again_and_again(name, 1, partial(post, target, body)))


async def post(target: Target, body: Body) -> str:
    """Sends until there is an answer or the line is cut; returns the answer's first line."""
    reader, writer = await target.open()
    answer = asyncio.create_task(reader.readline())
    try:
        async with asyncio.timeout(PATIENCE):
            writer.write(_head(target, body))
            for piece in _pieces(body):
                if answer.done():
                    break
                writer.write(piece if body.tells else b"%x\r\n%s\r\n" % (len(piece), piece))
                await writer.drain()
            writer.write(b"" if body.tells else b"0\r\n\r\n")
            return (await answer).decode("latin-1").strip() or "hung up"
    finally:
        answer.cancel()
        writer.transport.abort()


def _head(target: Target, body: Body) -> bytes:
    size = len(body.before) + body.size // len(body.pattern) * len(body.pattern) + len(body.after)
    length = f"Content-Length: {size}" if body.tells else "Transfer-Encoding: chunked"
    return target.head(FORMS, "POST", "/accounts/login/", f"Content-Type: {body.content_type}", length)


def _pieces(body: Body) -> Iterator[bytes]:
    """The body in pieces of about 64 kB."""
    each = PORTION // len(body.pattern)
    count, rest = divmod(body.size // len(body.pattern), each)
    yield from filter(None, [body.before, *repeat(body.pattern * each, count), body.pattern * rest, body.after])

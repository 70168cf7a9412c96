"""A user whose sockets break every custom: fragments of one byte and of none, unread pings, floods, thousands."""

import asyncio
import base64
import os
from collections.abc import Iterator
from functools import partial

from tests.soak.attackers.connections import keep
from tests.soak.attackers.target import FLOODS, SOCKETS, Stream, Target, again_and_again

MOST, OPENED_A_SECOND = 2_000, 20
PORTION = 64_000  # bytes that are written at a time
TEXT, MORE, PING, LAST = 1, 0, 9, 0x80


def frame(first: int, payload: bytes) -> bytes:
    """A short frame (RFC 6455, 5.2) under a mask of zeros, which leaves the payload as it is."""
    return bytes([first, 0x80 | len(payload)]) + bytes(4) + payload


KINDS = {
    "fragments of one byte": (frame(TEXT, b"["), frame(MORE, b"["), 200_000),
    "fragments of no byte": (frame(TEXT, b"["), frame(MORE, b""), 200_000),
    "pings that nobody reads": (b"", frame(LAST | PING, b"p" * 125), 150_000),
    "frames without a pause": (b"", frame(LAST | TEXT, b'{"type":"ack","rev":1}'), 50_000),
    "nonsense without a pause": (b"", frame(LAST | TEXT, b"["), 50_000),
}


def attacks(target: Target) -> Iterator[asyncio.Task[None]]:
    """One flood of each kind every five seconds, and a socket more every twentieth of a second."""
    for name, (first, again, count) in KINDS.items():
        yield asyncio.create_task(again_and_again(name, 5, partial(flood, target, first, again, count)))
    yield asyncio.create_task(keep("sockets of one person", target, hold, MOST, 1 / OPENED_A_SECOND))


async def flood(target: Target, first: bytes, again: bytes, count: int) -> str:
    """Writes without reading until all is sent, the line is cut, or nothing is taken any more."""
    _reader, writer = await connect(target, FLOODS)
    sent = 0
    try:
        async with asyncio.timeout(20):
            writer.write(first)
            for _ in range(count * len(again) // PORTION):
                writer.write(again * (PORTION // len(again)))
                await writer.drain()
                sent += PORTION // len(again)
        return "all was taken"
    except TimeoutError:
        return f"nothing more was taken after some {round(sent, -4):,}"
    except OSError:
        return "cut"
    finally:
        writer.transport.abort()


async def hold(target: Target) -> None:
    """A socket that answers nothing, until it is closed."""
    reader, writer = await connect(target, SOCKETS)
    try:
        while await reader.read(65536):
            pass
    finally:
        writer.transport.abort()


async def connect(target: Target, misuse: str) -> Stream:
    """Raises OSError if the socket is refused."""
    reader, writer = await target.open()
    key = base64.b64encode(os.urandom(16)).decode()
    conversation = target.accounts[misuse].conversation
    origin = f"Origin: http://127.0.0.1:{target.port}"
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}")
    try:
        writer.write(target.head(misuse, "GET", f"/ws/c/{conversation}/?after=0", origin, *upgrade))
        async with asyncio.timeout(20):
            head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionRefusedError(head.split(b"\r\n")[0].decode("latin-1"))
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer

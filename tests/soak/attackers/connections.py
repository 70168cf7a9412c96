"""Strangers who hold connections: silent, byte by byte, without reading, and sixty at once to sign in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial

from tests.soak.attackers.target import FAILURES, FORMS, PAGES, Stream, Target, again_and_again, note

IDLE, OPENED_A_SECOND = 1_200, 60
DRIPPING, SECONDS_BETWEEN_BYTES = 60, 2.0
UNREAD = 20
SIGN_INS, SECONDS_BETWEEN_SIGN_INS = 60, 15
PATIENCE = 45.0
CUT_SHORT = 100_000  # bytes that are announced and never come
Hold = Callable[[Target], Awaitable[None]]


def attacks(target: Target) -> Iterator[asyncio.Task[None]]:
    """Every connection that is hung up on is opened again, within the rates above."""
    yield asyncio.create_task(keep("idle connections", target, hold, IDLE, 1 / OPENED_A_SECOND))
    yield asyncio.create_task(keep("dripping heads", target, drip_head, DRIPPING, 0.5))
    yield asyncio.create_task(keep("dripping bodies", target, drip_body, DRIPPING, 0.5))
    yield asyncio.create_task(keep("pages that nobody reads", target, never_read, UNREAD, 2))
    yield asyncio.create_task(
        again_and_again(f"{SIGN_INS} sign-ins at once", SECONDS_BETWEEN_SIGN_INS, partial(sign_in_at_once, target))
    )


async def keep(what: str, target: Target, holds: Hold, count: int, pause: float) -> None:
    """Keeps so many connections, and opens one at most every `pause` seconds."""
    free = asyncio.Semaphore(count)
    ended = 0
    held: set[asyncio.Task[None]] = set()

    async def one() -> None:
        nonlocal ended
        try:
            await holds(target)
        except FAILURES:
            pass
        finally:
            ended += 1
            free.release()

    try:
        note("begin", what)
        while True:
            await free.acquire()
            task = asyncio.create_task(one())
            held.add(task)
            task.add_done_callback(held.discard)
            await asyncio.sleep(pause)
    finally:
        note("end", what, f"{ended} hung up on, {len(held)} held at the end")
        for task in held:
            task.cancel()


async def hold(target: Target) -> None:
    """Says nothing until the line is cut."""
    async with _line(target) as (reader, _writer):
        await reader.read(1)


async def drip_head(target: Target) -> None:
    async with _line(target) as (reader, writer):
        writer.write(target.head(FORMS, "GET", "/accounts/login/")[:-2] + b"X-Long: ")
        await _drip(reader, writer)


async def drip_body(target: Target) -> None:
    async with _line(target) as (reader, writer):
        kind = "Content-Type: application/x-www-form-urlencoded"
        writer.write(target.head(FORMS, "POST", "/accounts/login/", kind, f"Content-Length: {CUT_SHORT}"))
        await _drip(reader, writer)


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, until there is an answer or the line is cut."""
    answer = asyncio.create_task(reader.read(1))
    try:
        while not answer.done():
            writer.write(b"a")
            await writer.drain()
            await asyncio.wait([answer], timeout=SECONDS_BETWEEN_BYTES)
    finally:
        answer.cancel()


async def never_read(target: Target) -> None:
    """Asks for a large page and leaves it where it is until the line is cut."""
    async with _line(target, takes_little=True) as (_reader, writer):
        writer.transport.pause_reading()
        writer.write(target.head(PAGES, "GET", f"/c/{target.accounts[PAGES].conversation}/"))
        while True:
            await asyncio.sleep(5)
            writer.write(b"\r\n")  # which fails once the line is cut
            await writer.drain()


async def sign_in_at_once(target: Target) -> str:
    """As many wrong passwords at once, each from an address of its own."""
    answers = await asyncio.gather(*[_sign_in(target, number) for number in range(SIGN_INS)])
    return ", ".join(f"{answers.count(answer)} × {answer}" for answer in sorted(set(answers)))


async def _sign_in(target: Target, number: int) -> str:
    form = f"csrfmiddlewaretoken={target.accounts[FORMS].token}&login=nobody{number}&password=wrong-{number}".encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    try:
        async with asyncio.timeout(PATIENCE), _line(target) as (reader, writer):
            writer.write(target.head(FORMS, "POST", "/accounts/login/", kind, f"Content-Length: {len(form)}") + form)
            return (await reader.readline()).decode("latin-1").strip() or "hung up"
    except FAILURES as error:
        return type(error).__name__


@asynccontextmanager
async def _line(target: Target, *, takes_little: bool = False) -> AsyncIterator[Stream]:
    reader, writer = await target.open(takes_little=takes_little)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()

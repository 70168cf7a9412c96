"""The load client: plays all the readers of one measurement in a process of its own.

Runs by itself: `python -m bench.load` takes a job as JSON on standard input and prints what it found as JSON.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench import stamps
from bench.clocks import cpu_seconds, resident_bytes, starved_seconds
from bench.readers import Reader, is_lost, opened, opened_all
from bench.upstream import Wish

SETTLE_SECONDS = 2.0
TAIL_SECONDS = 1.0
IDLE_SECONDS = 3.5  # long enough for one round of the chat's patrol
PATIENCE_SECONDS = 20.0
ASKS_PER_SECOND = 200
HEAD_CHARS = 1_000
TEXTS = 16
BEHIND_MS = 1_000.0


@dataclass
class Job:
    """One measurement: what, at which server, with which pages.

    Readers read at `url`; their prompts go to `ask_url` when it is another one.
    `pids` are the server's processes, `other_pids` those of its database and Redis, `upstream_pid` the upstream's.
    """

    what: str
    url: str
    speech: str
    upstream: str
    pids: list[int]
    pages: list[dict[str, Any]]
    ask_url: str = ""
    other_pids: list[int] = field(default_factory=list)
    upstream_pid: int = 0
    rate: int = 25
    seconds: float = 5.0
    rounds: int = 1
    warm: int = 0


async def steady(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """Many replies at a steady pace: what a chunk costs, and how old it is when it arrives."""
    ramp = max(1.0, len(job.pages) / ASKS_PER_SECOND)
    chunks = round(job.rate * (ramp + SETTLE_SECONDS + job.seconds + TAIL_SECONDS))
    async with readers_of(job, session) as readers:
        for number, reader in enumerate(readers):
            wish = Wish("mixed", number % TEXTS, job.rate, chunks + HEAD_CHARS // 5, HEAD_CHARS)
            await asker(job, session, reader, job.pages[number])(wish.prompt())
            await asyncio.sleep(ramp / len(readers))
        await asyncio.sleep(SETTLE_SECONDS)
        before = await snapshot(job, session)
        await asyncio.sleep(job.seconds)
        after = await snapshot(job, session)
        await ended(readers)
    ages = [age for reader in readers for sent, age in reader.ages if before.at <= sent < after.at]
    sent = after.sent - before.sent
    return {
        "chunks": sent,
        "cpu_ms_per_1000": 1e6 * (after.cpu - before.cpu) / sent,
        "other_cpu_ms_per_1000": 1e6 * (after.other_cpu - before.other_cpu) / sent,
        "cpu_share": (after.cpu - before.cpu) / (after.seconds - before.seconds),
        "starved_share": (after.starved - before.starved) / (after.seconds - before.seconds),
        "load_share": (after.load_cpu - before.load_cpu) / (after.seconds - before.seconds),
        "delay_ms": quantiles(ages),
        "frames": sum(reader.frames for reader in readers),
        "behind": sum(is_behind(reader, after.at) for reader in readers),
        **losses(readers),
    }


async def first_text(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """One reply after another: what the server adds to the upstream's own time to the first text."""
    async with readers_of(job, session) as readers:
        for number, reader in enumerate(readers):
            await asker(job, session, reader, job.pages[number])(Wish("mixed", number, 25, 3).prompt())
            await ended([reader])
            await asyncio.sleep(0.05)
    return {"first_text_ms": first_texts(readers), **losses(readers)}


async def together(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """Many prompts at the same moment, several times: the same for each of them."""
    size = len(job.pages) // job.rounds
    async with readers_of(job, session) as readers:
        for start in range(0, len(readers), size):
            portion = readers[start : start + size]
            asks = [asker(job, session, reader, job.pages[start + n]) for n, reader in enumerate(portion)]
            await asyncio.gather(*(ask(Wish("mixed", n % TEXTS, 25, 10).prompt()) for n, ask in enumerate(asks)))
            await ended(portion)
            await asyncio.sleep(0.5)
    return {"first_text_ms": first_texts(readers), **losses(readers)}


async def idle(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """Sockets that are open and silent: the memory that one more of them takes, in KiB."""
    warm = await opened_all(session, job.url, job.speech, job.pages[: job.warm])
    await asyncio.sleep(IDLE_SECONDS)
    before = sum(map(resident_bytes, job.pids))
    more = await opened_all(session, job.url, job.speech, job.pages[job.warm :])
    await asyncio.sleep(IDLE_SECONDS)
    after = sum(map(resident_bytes, job.pids))
    for reader in warm + more:
        await reader.socket.close()
    return {"kib_per_socket": (after - before) / 1024 / len(more), "resident_mib": before / 1024**2}


async def wire(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """Two long replies: how many bytes a reader is sent for each character of 10 KB of code and of a 6 KB paragraph."""
    wishes = {"code": Wish("code", 1, job.rate, 2000), "paragraph": Wish("paragraph", 2, job.rate, 1200)}
    async with readers_of(job, session) as readers:
        for number, wish in enumerate(wishes.values()):
            await asker(job, session, readers[number], job.pages[number])(wish.prompt())
        await ended(readers, job.seconds)
    sizes = {
        name: {"bytes": reader.bytes, "frames": reader.frames, "ratio": reader.bytes / (5 * wish.chunks)}
        for (name, wish), reader in zip(wishes.items(), readers, strict=True)
    }
    return {"wire": sizes, **losses(readers)}


MEASUREMENTS: dict[str, Callable[[Job, aiohttp.ClientSession], Awaitable[dict[str, Any]]]] = {
    "steady": steady,
    "first text": first_text,
    "together": together,
    "idle": idle,
    "wire": wire,
}


class readers_of:  # noqa: N801 - used like a function
    """The readers of a job, each with an open socket and reading."""

    def __init__(self, job: Job, session: aiohttp.ClientSession) -> None:
        self.job, self.session = job, session

    async def __aenter__(self) -> list[Reader]:
        self.readers = await opened_all(self.session, self.job.url, self.job.speech, self.job.pages)
        self.tasks = [asyncio.create_task(reader.read()) for reader in self.readers]
        await asyncio.sleep(0.5)
        return self.readers

    async def __aexit__(self, *error: object) -> None:
        for task in self.tasks:
            task.cancel()
        for reader in self.readers:
            await reader.socket.close()


def asker(
    job: Job, session: aiohttp.ClientSession, reader: Reader, page: dict[str, Any]
) -> Callable[[str], Awaitable[None]]:
    """How a reader's prompt is sent: over its own socket, or over another one to the other process."""

    async def elsewhere(prompt: str) -> None:
        other = await opened(session, job.ask_url, job.speech, page)
        await other.ask(prompt)
        reader.asked = other.asked
        await other.socket.receive()
        await other.socket.close()

    return elsewhere if job.ask_url else reader.ask


@dataclass
class Snapshot:
    at: int
    seconds: float
    cpu: float
    other_cpu: float
    load_cpu: float
    starved: float
    sent: int


async def snapshot(job: Job, session: aiohttp.ClientSession) -> Snapshot:
    async with session.get(f"{job.upstream}/sent") as response:
        sent = await response.json()
    cpu, other = sum(map(cpu_seconds, job.pids)), sum(map(cpu_seconds, job.other_pids))
    load = time.process_time() + cpu_seconds(job.upstream_pid)
    starved = sum(map(starved_seconds, job.pids))
    return Snapshot(stamps.now(), time.monotonic(), cpu, other, load, starved, sent)


async def ended(readers: list[Reader], seconds: float = 0.0) -> None:
    """Waits until every reply has ended, or for so many seconds and some patience."""
    deadline = time.monotonic() + seconds + PATIENCE_SECONDS
    while time.monotonic() < deadline and not all(reader.state for reader in readers):
        await asyncio.sleep(0.02)


def is_behind(reader: Reader, at: int) -> bool:
    """Whether text of this reply was old when it arrived, shortly before `at`."""
    since = at - 2 * stamps.PER_SECOND
    return any(age > BEHIND_MS for sent, age in reader.ages if since <= sent < at)


def losses(readers: list[Reader]) -> dict[str, Any]:
    return {
        "replies": len(readers),
        "lost": sum(map(is_lost, readers)),
        "refused": next((reader.refused for reader in readers if getattr(reader, "refused", "")), ""),
    }


def first_texts(readers: list[Reader]) -> dict[str, float]:
    return quantiles([reader.first_text for reader in readers if reader.first_text is not None])


def quantiles(values: list[float]) -> dict[str, float]:
    """Median, 99th percentile and largest; empty when there is nothing."""
    if not values:
        return {}
    values = sorted(values)
    return {"p50": values[len(values) // 2], "p99": values[len(values) * 99 // 100], "max": values[-1]}


async def main() -> None:
    job = Job(**json.load(sys.stdin))
    gc.disable()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        found = await MEASUREMENTS[job.what](job, session)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())

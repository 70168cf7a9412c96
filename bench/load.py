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
from bench.readers import Reader, is_lost, opened_all, why_lost
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
            await reader.ask(wish.prompt())
            await asyncio.sleep(ramp / len(readers))
        await asyncio.sleep(SETTLE_SECONDS)
        before = await snapshot(job, session)
        await asyncio.sleep(job.seconds)
        after = await snapshot(job, session)
        await ended(readers)
    ages = [age for reader in readers for sent, age in reader.ages if before.at <= sent < after.at]
    sent = after.sent - before.sent
    if not sent:
        raise SystemExit(f"No chunk was sent: {losses(readers)['why']}")
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
    return await in_portions(job, session, size=1)


async def together(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """Many prompts at the same moment, several times: the same for each of them."""
    return await in_portions(job, session, size=len(job.pages) // job.rounds)


async def in_portions(job: Job, session: aiohttp.ClientSession, size: int) -> dict[str, Any]:
    cpu = 0.0
    async with readers_of(job, session) as readers:
        for start in range(0, len(readers), size):
            cpu += await burst(job, readers[start : start + size])
            await asyncio.sleep(0.05 if size == 1 else 0.5)
    return {"first_text_ms": first_texts(readers), "cpu_ms_per_ask": 1000 * cpu / len(readers), **losses(readers)}


async def burst(job: Job, readers: list[Reader]) -> float:
    """Lets all of them ask at once; returns the server's CPU seconds until each has its first text."""
    before = sum(map(cpu_seconds, job.pids))
    await asyncio.gather(*(reader.ask(Wish("mixed", n % TEXTS, 25, 10).prompt()) for n, reader in enumerate(readers)))
    await until(lambda: all(reader.first_text or reader.state for reader in readers), PATIENCE_SECONDS)
    used = sum(map(cpu_seconds, job.pids)) - before
    await ended(readers)
    return used


async def idle(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """Sockets that are open and silent: the memory that one more of them takes, in KiB."""
    warm = await opened_all(session, job.url, job.speech, job.pages[: job.warm])
    await asyncio.sleep(IDLE_SECONDS)
    before = sum(map(resident_bytes, job.pids))
    more = await opened_all(session, job.url, job.speech, job.pages[job.warm :])
    await asyncio.sleep(IDLE_SECONDS)
    after = sum(map(resident_bytes, job.pids))
    for reader in warm + more:
        await reader.close()
    return {"kib_per_socket": (after - before) / 1024 / len(more), "resident_mib": before / 1024**2}


async def wire(job: Job, session: aiohttp.ClientSession) -> dict[str, Any]:
    """Two long replies: how many bytes a reader is sent for each character of 10 KB of code and of a 6 KB paragraph."""
    wishes = {"code": Wish("code", 1, job.rate, 2000), "paragraph": Wish("paragraph", 2, job.rate, 1200)}
    async with readers_of(job, session) as readers:
        for reader, wish in zip(readers, wishes.values(), strict=True):
            await reader.ask(wish.prompt())
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
        if self.job.ask_url:
            others = await opened_all(self.session, self.job.ask_url, self.job.speech, self.job.pages)
            for reader, other in zip(self.readers, others, strict=True):
                reader.asks_through = other
        self.tasks = [asyncio.create_task(reader.read()) for reader in self.readers]
        await asyncio.sleep(0.5)
        return self.readers

    async def __aexit__(self, *error: object) -> None:
        for task in self.tasks:
            task.cancel()
        for reader in self.readers:
            await reader.close()


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
    await until(lambda: all(reader.state for reader in readers), seconds + PATIENCE_SECONDS)


async def until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        await asyncio.sleep(0.005)


def is_behind(reader: Reader, at: int) -> bool:
    """Whether text of this reply was old when it arrived, shortly before `at`."""
    since = at - 2 * stamps.PER_SECOND
    return any(age > BEHIND_MS for sent, age in reader.ages if since <= sent < at)


def losses(readers: list[Reader]) -> dict[str, Any]:
    lost = [reader for reader in readers if is_lost(reader)]
    return {"replies": len(readers), "lost": len(lost), "why": sorted(set(map(why_lost, lost)))}


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

"""Watches a web process from outside: whether and how soon it says that it is up, its memory, its open files."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.stand.site import Web

SECONDS_BETWEEN, PATIENCE, SILENCE = 0.25, 60.0, 1.0


class Health:
    """What was seen; times are in seconds, memory in bytes."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.waits: list[tuple[float, float]] = []  # when /healthz was asked, and for how long
        self.unanswered = 0
        self.most_memory = 0
        self.most_files = 0
        self.ran, self.starved = 0.0, 0.0
        """For how long the event loop's thread had a processor, and for how long it wanted one and had none."""

    @classmethod
    @asynccontextmanager
    async def watched(cls, web: Web) -> AsyncIterator["Health"]:
        """Watches while the block runs."""
        health = cls(web)
        tasks = [asyncio.create_task(health._ask()), asyncio.create_task(health._look())]
        before = web.turns()
        try:
            yield health
        finally:
            health.ran, health.starved = (after - begun for after, begun in zip(web.turns(), before, strict=True))
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for task in tasks:
                if not task.cancelled():
                    task.result()

    @property
    def longest(self) -> float:
        return max((seconds for _at, seconds in self.waits), default=0.0)

    def silences(self) -> list[tuple[float, float]]:
        """The ten longest waits of a second and more: when each began by the system's clock, and how long it was."""
        return sorted((wait for wait in self.waits if wait[1] >= SILENCE), key=lambda wait: -wait[1])[:10]

    async def _ask(self) -> None:
        """Each time on a new connection, as what watches a site does."""
        connector = aiohttp.TCPConnector(force_close=True, local_addr=("127.0.3.1", 0))
        limit = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(connector=connector, timeout=limit) as http:
            while True:
                at, begun = time.time(), time.monotonic()
                try:
                    async with http.get(f"{self.web.url}/healthz") as response:
                        self.unanswered += response.status != 200
                except (aiohttp.ClientError, OSError):
                    self.unanswered += self.web.is_alive  # its end is counted as such
                self.waits.append((at, time.monotonic() - begun))
                await asyncio.sleep(SECONDS_BETWEEN)

    async def _look(self) -> None:
        while self.web.is_alive:
            self.most_memory = max(self.most_memory, self.web.family_memory())
            self.most_files = max(self.most_files, self.web.open_files())
            await asyncio.sleep(SECONDS_BETWEEN)


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of all values lies; 0 if there are none."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1] if len(values) > 1 else 0.0

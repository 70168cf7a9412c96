"""SQLite with 3 processes and 50 replies at any time, 10 minutes: nobody may meet a locked database."""

import asyncio
import time
from pathlib import Path

from tests.soak.crowd import some
from tests.soak.figures import Figure, none, progress
from tests.stand.site import Site, Web
from tests.stand.visitor import Visitor

PROCESSES, REPLIES, MINUTES = 3, 50, 10
PAGES, SECONDS_BETWEEN_SIGN_INS = 10, 10  # more often, one address may not sign in
PROMPT = "A long one !pace=40 !size=2000"


async def drill(home: Path, share: float) -> list[Figure]:
    deadline = time.monotonic() + MINUTES * 60 * share
    with Site(home, webs=PROCESSES) as site:
        async with Visitor.signed_in(site.webs[0]) as alice:
            talks = [_talk(alice, site.webs, number, deadline) for number in range(some(1, REPLIES))]
            counts = await asyncio.gather(*talks, _load_pages(alice, site.webs, deadline))
        words = "".join(web.said() for web in site.webs)
        progress(f"{sum(counts[:-1])} replies, {counts[-1]} pages")
    return [
        none('"database is locked" in the logs', words.count("locked")),
        none("beats that were not saved at once", words.count("did not save")),
        none("errors in the logs", words.count(" ERROR ")),
    ]


async def _talk(alice: Visitor, webs: list[Web], number: int, deadline: float) -> int:
    """Asks again whenever the answer is complete, until the deadline; returns how often."""
    conversation = await alice.begin(webs[number % PROCESSES], PROMPT)
    asked = 1
    async with alice.watching(webs[(number + 1) % PROCESSES], conversation) as page:
        while True:
            await page.until_messages(2 * asked)
            await page.until_state("complete", seconds=120)
            if time.monotonic() > deadline:
                return asked
            await page.ask(PROMPT)
            asked += 1


async def _load_pages(alice: Visitor, webs: list[Web], deadline: float) -> int:
    """Reads pages meanwhile, as people do; their sessions are written by other connections than the replies."""
    loaded = 0
    while time.monotonic() < deadline:
        for web in webs:
            async with Visitor.signed_in(web) as bob:
                for _ in range(PAGES):
                    await bob.get(web, "/")
            loaded += PAGES
        await asyncio.sleep(SECONDS_BETWEEN_SIGN_INS)
    return loaded

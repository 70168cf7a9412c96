"""Redis killed and emptied for 10 s in mid-stream, 20 rounds."""

import asyncio
import time
from pathlib import Path

from tests.soak.crowd import missing_characters, pair, some, talking
from tests.soak.figures import Figure, at_most, longest, none, progress
from tests.stand.answers import told
from tests.stand.site import Site
from tests.stand.visitor import Socket, Visitor

ROUNDS, REPLIES, AWAY_SECONDS = 20, 20, 10.0
# Some end before the outage does and some just then, when nothing more would come to tell of a gap.
PROMPTS = [f"A long one !chunk=6 !pace=40 !size={size}" for size in (4500, 900, 1600, 1700, 1800)]


async def drill(home: Path, share: float) -> list[Figure]:
    rounds = some(share, ROUNDS)
    missing = reconnects = wrong = 0
    times: list[float] = []
    with pair(home) as site:
        async with Visitor.signed_in(site.webs[0]) as alice:
            for number in range(rounds):
                prompts = [PROMPTS[n // 2 % len(PROMPTS)] for n in range(REPLIES)]
                async with talking(alice, site.webs, prompts) as talks:
                    await asyncio.sleep(1)
                    times.append(await _outage(site, [talk.page for talk in talks]))
                    for talk in talks:
                        await talk.page.until_state("complete", seconds=90)
                    missing += await missing_characters(alice, site.webs[0], talks)
                    reconnects += sum(talk.page.closed is not None for talk in talks)
                    for talk in talks:
                        wrong += await alice.source(site.webs[1], talk.id, talk.page.pk) != told(talk.prompt)
                        wrong += talk.page.shown != (await alice.page(site.webs[1], talk.id)).shown
                progress(f"round {number + 1} of {rounds}: right again {times[-1]:.1f} s after Redis was back")
    return [
        none("characters lost", missing),
        none("pages or texts that were wrong at the end", wrong),
        none("pages that had to connect again", reconnects),
        at_most("longest time until a page was right again", longest(times), 5, "s"),
    ]


async def _outage(site: Site, pages: list[Socket]) -> float:
    """Takes Redis away and brings it back empty; returns how long pages lagged behind what was saved by then."""
    assert site.redis is not None
    site.redis.kill()
    await asyncio.sleep(AWAY_SECONDS)
    site.redis.start()
    back = time.monotonic()
    saved = dict(site.query("SELECT id, rev FROM chat_message WHERE author = 'assistant'"))
    for page in pages:
        await page.until(lambda page=page: page.rev >= saved[page.pk], "the page has caught up", 60)
    return time.monotonic() - back

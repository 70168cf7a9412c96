"""SIGKILL of one of two web processes during 50 replies, 20 rounds."""

import asyncio
import time
from pathlib import Path

from tests.soak.crowd import CHANCE, Talk, missing_characters, pair, some, talking, wrong_prompts
from tests.soak.figures import Figure, at_most, longest, none, progress
from tests.stand.answers import told
from tests.stand.site import Site, Web
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import until

ROUNDS, REPLIES = 20, 50
AT_ONCE = 20  # pages beside the 25 that are open already: one person may have 50 at a process
# Plain text, of which a page shows each letter. One is stuck when the fault comes, and one has not begun.
PROMPTS = [
    "A long one !pace=40 !size=2500",
    "A poem, please !pace=80 !size=1500",
    "Tell me a story !stall=400 !pace=40",
    "Tell me a story !slow=12 !pace=20",
]


async def drill(home: Path, share: float) -> list[Figure]:
    rounds = some(share, ROUNDS)
    wrong = missing = unfinished = 0
    times: list[float] = []
    with pair(home) as site:
        async with Visitor.signed_in(site.webs[0]) as alice:
            for number in range(rounds):
                dying, living = site.webs if number % 2 else site.webs[::-1]
                prompts = [f"{PROMPTS[n // 2 % len(PROMPTS)]} (number {n})" for n in range(REPLIES)]
                async with talking(alice, site.webs, prompts) as talks:
                    await asyncio.sleep(CHANCE.uniform(0.5, 5))
                    times.append(await _kill(site, dying, talks))
                    missing += await missing_characters(alice, living, talks)
                    unfinished += await _come_to_the_end(alice, living, talks)
                    missing += await missing_characters(alice, living, talks)
                wrong += wrong_prompts(site, talks)
                progress(f"round {number + 1} of {rounds}: all taken over after {times[-1]:.1f} s, {missing} missing")
                dying.start()
    return [
        none("prompts lost, doubled, or answered twice", wrong),
        none("characters shown and missing afterwards", missing),
        none("replies that did not come to an exact end by Continue", unfinished),
        at_most("longest time until no reply was left to the dead", longest(times), 15, "s"),
    ]


async def _kill(site: Site, dying: Web, talks: list[Talk]) -> float:
    """Kills a process; returns how long its replies stayed without anybody who runs them."""
    theirs = [site.identifier(talk.id) for talk in talks if talk.web is dying]
    marks = ", ".join(["%s"] * len(theirs))
    leases = site.query(
        f"SELECT DISTINCT lease FROM chat_message WHERE lease IS NOT NULL AND conversation_id IN ({marks})", *theirs
    )
    dying.kill()
    killed = time.monotonic()

    async def nobody_waits() -> bool:
        marks = ", ".join(["%s"] * len(leases))
        orphans = f"SELECT count(*) FROM chat_message WHERE state IN ('queued', 'streaming') AND lease IN ({marks})"
        return not leases or site.query(orphans, *[lease for (lease,) in leases]) == [(0,)]

    await until(nobody_waits, "no reply is left to the dead process", 120)
    return time.monotonic() - killed


async def _come_to_the_end(alice: Visitor, web: Web, talks: list[Talk]) -> int:
    """Continues what was interrupted, stops and continues what is stuck; returns how many have not the exact text."""
    places = asyncio.Semaphore(AT_ONCE)

    async def is_unfinished(talk: Talk) -> bool:
        async with places:
            return await _is_unfinished(alice, web, talk)

    return sum(await asyncio.gather(*[is_unfinished(talk) for talk in talks]))


async def _is_unfinished(alice: Visitor, web: Web, talk: Talk) -> bool:
    async with alice.watching(web, talk.id) as page:
        await page.until(lambda: page.reply is not None, "the reply is shown")
        if "!stall" in talk.prompt and page.state == "streaming":
            await page.until_chars(100)
            await page.send(type="stop")
        await settled(alice, web, talk.id, 120)
        await page.until_state("complete", "interrupted", "stopped", seconds=60)
        if page.state != "complete":
            await page.send(type="continue", pk=page.pk)
            await page.until_state("complete", seconds=120)
        return await alice.source(web, talk.id, page.pk) != told(talk.prompt)

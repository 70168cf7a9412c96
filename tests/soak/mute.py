"""As many readers that never read as one person may have, 10 MB of answers for each."""

import asyncio
import time
from pathlib import Path

import aiohttp

from chat.consumers.places import MOST_PER_PERSON
from tests.soak.crowd import some
from tests.soak.figures import Figure, at_most, median, progress
from tests.stand.site import Site, Web
from tests.stand.visitor import Visitor
from tests.stand.waiting import until

READERS, ANSWERS, ANSWER = MOST_PER_PERSON - 12, 10, "A long one !pace=4 !chunk=1000 !size=1m"
OTHERS, OTHER, PACE, CHUNK = 10, "Tell me a story !chunk=5 !pace=40 !size=3000", 0.040, 5
MEGABYTE = 1024 * 1024


async def drill(home: Path, share: float) -> list[Figure]:
    readers, answers = some(share, READERS), some(share, ANSWERS)
    with Site(home, CHAT_MAX_REPLY_CHARS="2000000") as site:
        (web,) = site.webs
        async with Visitor.signed_in(web) as alice:
            await _answers(alice, web, 1, 0)  # what one such answer costs once is not the readers' doing
            undisturbed = await _answers(alice, web, 1, 0)
            files, before, sizes = web.open_files(), web.memory(), [0]
            watch = asyncio.create_task(_watch(web, sizes))
            disturbed = await _answers(alice, web, answers, readers)
            await until(lambda: _has_at_most(web, files + 5), "mute readers are closed", 90)
            watch.cancel()
            progress(f"memory {before // MEGABYTE} MiB before, at most {max(sizes) // MEGABYTE} MiB meanwhile")
            progress(f"others' delay: median {undisturbed * 1000:.0f} ms alone, {disturbed * 1000:.0f} ms meanwhile")
    return [
        at_most(f"growth of memory with {readers} mute readers", (max(sizes) - before) / MEGABYTE, 64, "MiB"),
        at_most("others' median delay, beside that without mute readers", disturbed / undisturbed, 2, "×"),
    ]


async def _watch(web: Web, sizes: list[int]) -> None:
    while True:
        sizes.append(web.memory())
        await asyncio.sleep(0.1)


async def _has_at_most(web: Web, files: int) -> bool:
    return web.open_files() <= files


async def _answers(alice: Visitor, web: Web, count: int, mute: int) -> float:
    """Gives long answers to readers of which `mute` never read; returns the median delay of other people's text."""
    huge = await alice.begin(web, ANSWER)
    sockets = [await alice.raw(web, huge) for _ in range(mute)]
    noise = [asyncio.create_task(_keep_alive(socket)) for socket in sockets]
    delays: list[float] = []
    async with alice.watching(web, huge) as page:
        for number in range(count):
            others = asyncio.create_task(_others(alice, web))
            await page.until_messages(2 * number + 2, 60)
            await page.until_state("complete", seconds=300)
            delays += await others
            if number + 1 < count:
                await page.ask(ANSWER)
    for task in noise:
        task.cancel()
    return median(delays)


async def _keep_alive(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Tiny frames, so that the connection looks alive."""
    try:
        while True:
            await socket.send_str('{"type":"ack","rev":1}')
            await asyncio.sleep(1)
    except (ConnectionError, RuntimeError):
        pass


async def _others(alice: Visitor, web: Web) -> list[float]:
    return [delay for delays in await asyncio.gather(*[_other(alice, web) for _ in range(OTHERS)]) for delay in delays]


async def _other(alice: Visitor, web: Web) -> list[float]:
    """How late each frame of a steady answer came, after the moment in which its last piece was due, in seconds."""
    conversation = await alice.begin(web, OTHER)
    seen: list[tuple[float, int]] = []
    async with alice.watching(web, conversation) as page:
        page.on_frame = lambda frame: seen.append((time.monotonic(), len(page.text)))
        await page.until_state("complete", seconds=120)
    return _lateness(seen)


def _lateness(seen: list[tuple[float, int]]) -> list[float]:
    due = [(moment, moment - chars / CHUNK * PACE) for moment, chars in seen if chars]
    first = min(offset for _moment, offset in due)
    return [offset - first for _moment, offset in due]

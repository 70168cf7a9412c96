"""How an answer is cut into pieces, and written at a steady pace."""

import asyncio
import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from aiohttp import web

from chat.practice.wishes import Wishes

HURRIED_SECONDS = 0.001
WORTH_INTERRUPTING = 0.2
_WORD = re.compile(r"\s*\S{1,12}\s*")


class Manner(NamedTuple):
    """How answers are given: milliseconds per piece, milliseconds before the first, characters in a piece.

    Once `hurried` is set, a piece takes no longer than a millisecond, and the wait for the next one ends.
    """

    pace: float
    delay: float
    chunk: int | None
    hurried: asyncio.Event

    def wished(self, wished: Wishes) -> "Manner":
        """Return the manner for a message with these wishes."""
        pace = self.pace if wished.pace is None else wished.pace
        delay = wished.value("slow", 3) * 1000 if "slow" in wished.faults else self.delay
        chunk = wished.chunk or self.chunk
        if chunk is None and wished.chunks:
            chunk = max(1, (wished.size or 0) // wished.chunks) if wished.size else 5
        return Manner(pace, delay, chunk, self.hurried)


def pieces(text: str, chunk: int | None) -> Iterator[str]:
    """Yield the text in pieces of `chunk` characters, or word by word as language models do."""
    if chunk is None:
        at = 0
        for match in _WORD.finditer(text):
            yield text[at : match.end()]
            at = match.end()
        if text[at:]:
            yield text[at:]
        return
    for at in range(0, len(text), chunk):
        yield text[at : at + chunk]


async def write(response: web.StreamResponse, parts: Iterable[bytes], pace: float, hurried: asyncio.Event) -> None:
    """Write each part `pace` milliseconds after the one before, without drifting; faster once it is hurried."""
    time = asyncio.get_running_loop().time
    due = time()
    for number, part in enumerate(parts):
        if pace and (wait := due - time()) > 0:
            await _sleep(wait, hurried)
        elif number % 64 == 63:  # a client that reads fast must not keep the loop to itself
            await asyncio.sleep(0)
        await response.write(part)
        due += pace / 1000


async def _sleep(seconds: float, hurried: asyncio.Event) -> None:
    if hurried.is_set():
        await asyncio.sleep(min(seconds, HURRIED_SECONDS))
    elif seconds < WORTH_INTERRUPTING:
        await asyncio.sleep(seconds)
    else:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await hurried.wait()

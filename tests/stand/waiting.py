"""Waiting for what other processes do, with a deadline that is generous: only a broken program meets it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE = 30.0
Found = TypeVar("Found")


async def until(look: Callable[[], Awaitable[Found | None]], what: str, seconds: float = PATIENCE) -> Found:
    """Look again and again until something (true) is found, and return it. For what tells nobody that it happened."""
    deadline = time.monotonic() + seconds
    while True:
        found = await look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} seconds"
        await asyncio.sleep(0.05)


async def within(seconds: float, awaitable: Awaitable[Found], what: str) -> Found:
    """Await an event, but not for longer than `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return await awaitable
    except TimeoutError:
        raise AssertionError(f"{what}: not within {seconds:.0f} seconds") from None

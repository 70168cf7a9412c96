"""Whether this process can do its work: what /readyz says."""

import asyncio

from django.conf import settings

from chat import database, live
from chat.models import Lease
from chat.voices import offers

LONGEST_SECONDS = 3.0


async def problems() -> list[str]:
    """One line for each thing that is missing, without details that a stranger should not see."""
    checks = {"database": _database(), "layer": _layer(), "providers": _providers()}
    outcomes = await asyncio.gather(*checks.values(), return_exceptions=True)
    return [f"{name}: failing" for name, outcome in zip(checks, outcomes, strict=True) if outcome is not None]


async def _database() -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        await database.run(Lease.objects.exists)


async def _layer() -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        await live.ping()


async def _providers() -> None:
    for name in settings.CHAT_PROVIDERS:
        offers.provider(name)

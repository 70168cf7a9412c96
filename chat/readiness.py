"""Whether this process can do its work: what /readyz says."""

import asyncio

from channels.layers import get_channel_layer
from django.conf import settings

from chat import database, offers
from chat.models import Lease

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
    layer = get_channel_layer()
    async with asyncio.timeout(LONGEST_SECONDS):
        await layer.group_send("ready", {"type": "ready"})  # to nobody, as a channel would be one more for ever


async def _providers() -> None:
    for name in settings.CHAT_PROVIDERS:
        offers.provider(name)

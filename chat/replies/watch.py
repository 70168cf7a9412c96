"""The watch: signs this process's life, takes over what dead processes left, and lets go of what is not ours."""

import asyncio
import logging
import uuid
from collections.abc import Collection
from contextlib import suppress
from itertools import count
from typing import Protocol

from chat import database, live
from chat.messages import stored
from chat.messages.changes import news_change
from chat.models import Lease, Message
from chat.providers.base import Message as Turn
from chat.replies import rows

logger = logging.getLogger(__name__)

WATCH_SECONDS = 2.0
NOTICE_SECONDS = 0.5
ROUNDS_PER_IDLE_LOOK = 4
MOST_ADOPTIONS = 50


class Runner(Protocol):
    """What the watch needs of the engine: under which lease it runs which replies, by primary key."""

    lease: uuid.UUID

    @property
    def runs(self) -> Collection[int]: ...
    def begin(self, reply: Message, history: list[Turn], owner_id: int) -> None: ...
    def drop(self, pk: int) -> None: ...


async def leases(engine: Runner) -> None:
    """Signs this process's life and takes over replies that nobody runs, for ever.

    After a gap in our own signature (the database was away, the process was paused) others may seem dead only because
    they were cut off as well: they get the time to sign first.
    """
    clock = asyncio.get_running_loop().time
    lasts = Lease.LASTS.total_seconds()
    renewed, patient_until = clock(), 0.0
    async with asyncio.TaskGroup() as showing:
        while True:
            try:
                await database.run(rows.renew, engine.lease)
                if clock() - renewed > lasts / 2:
                    patient_until = clock() + lasts
                renewed = clock()
                if renewed >= patient_until and (interrupted := await _adopt(engine)):
                    showing.create_task(_show(interrupted))  # which may take long, and our life must be signed
            except database.LOST_CONNECTION as error:
                logger.warning("The database could not be asked for orphaned replies (%s).", type(error).__name__)
            await asyncio.sleep(WATCH_SECONDS)


async def _adopt(engine: Runner) -> list[Message]:
    adopted = await database.run(rows.adopt, engine.lease, MOST_ADOPTIONS)
    for reply, history in adopted.to_run:
        logger.info("Reply %s is run by this process now.", reply.pk)
        engine.begin(reply, history, reply.conversation.owner_id)
    if adopted.interrupted:
        logger.info("%d orphaned replies were kept as interrupted.", len(adopted.interrupted))
    return adopted.interrupted


async def _show(interrupted: list[Message]) -> None:
    with suppress(*database.LOST_CONNECTION):  # they are shown as they were written, then
        await stored.render_apart(interrupted)
    await live.publish(news_change(reply, reply.conversation.owner_id) for reply in interrupted)


async def our_rows(engine: Runner) -> None:
    """Drops replies whose rows were stopped, deleted or taken over, and lets go of rows that nobody runs, for ever."""
    strays: set[int] = set()
    for round_number in count():
        await asyncio.sleep(NOTICE_SECONDS)
        before = set(engine.runs)
        if not before and not strays and round_number % ROUNDS_PER_IDLE_LOOK:
            continue
        try:
            ours = await database.run(rows.still_ours, engine.lease)
            for pk in before - ours:
                engine.drop(pk)
            unknown = ours - set(engine.runs)
            await database.run(rows.let_go, strays & unknown, engine.lease)
            strays = unknown - strays
        except database.LOST_CONNECTION:
            continue

"""The beat: collect what has arrived, commit all of it in one transaction, then show it."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from weakref import WeakKeyDictionary

from django.utils import timezone

from chat import database, live
from chat.messages import fragments
from chat.messages.changes import grown_change, news_change
from chat.models import Message
from chat.providers.base import Message as Turn
from chat.replies import rows, watch
from chat.replies.pacing import Pacing
from chat.replies.run import Run

logger = logging.getLogger(__name__)

RENDERS_BETWEEN_YIELDS = 25
TURNS_TO_GATHER = 4
LONGEST_RETRY_SECONDS = 2.0
SECONDS_AFTER_A_STUMBLE = 0.1


class Engine:
    """Runs this process's replies on one event loop."""

    def __init__(self) -> None:
        self.lease = uuid.uuid4()
        self.runs: dict[int, Run] = {}
        self._unsaved: set[Run] = set()
        self._first: set[Run] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Starts the beat and the watch."""
        live.open_bus()
        loops: list[Callable[[Engine], Awaitable[None]]] = [Engine._beats, watch.leases, watch.our_rows]
        self._tasks = [asyncio.create_task(_for_ever(loop, self)) for loop in loops]

    def close(self) -> None:
        live.close_bus()
        for run in self.runs.values():
            run.cancel()
        for task in self._tasks:
            task.cancel()

    def begin(self, reply: Message, history: list[Turn], owner_id: int) -> None:
        """Starts to write a reply that this process has claimed."""
        run = Run(reply, history, owner_id, self._arrived)
        self.runs[reply.pk] = run
        run.start()

    def drop(self, pk: int) -> None:
        """Forgets a reply that is not ours any more, and closes its upstream connection."""
        if pk in self.runs:
            self._forget(self.runs[pk])

    def _forget(self, run: Run) -> None:
        run.cancel()
        self._unsaved.discard(run)
        self._first.discard(run)
        if self.runs.get(run.reply.pk) is run:  # it may be continued already
            del self.runs[run.reply.pk]

    def _arrived(self, run: Run) -> None:
        if self.runs.get(run.reply.pk) is not run:
            return
        if not run.has_spoken:
            self._first.add(run)
        if self._first or not self._unsaved:  # else the next beat is timed already
            self._wake.set()
        self._unsaved.add(run)

    async def _beats(self) -> None:
        clock, pacing = asyncio.get_running_loop().time, Pacing()
        while True:
            await self._until_due(pacing)
            if self._first:
                first, self._first = self._first, set()
                await self._beat(first)
                continue
            started, worked = clock(), time.thread_time()
            await self._beat(await self._gather())
            taken, worked = clock() - started, time.thread_time() - worked
            pacing.beaten(started, taken, worked, is_shared=live.is_shared())

    async def _until_due(self, pacing: Pacing) -> None:
        """Returns when a first text is there, or when the next beat is due and text waits."""
        while (wait := self._wait(pacing)) != 0:
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def _wait(self, pacing: Pacing) -> float | None:
        now = asyncio.get_running_loop().time()
        return pacing.wait(now, has_first=bool(self._first), has_others=bool(self._unsaved))

    async def _gather(self) -> set[Run]:
        """Lets every waiting reader pull what has arrived in the meantime; returns who has news.

        That takes some turns of the loop: the reader goes on, its socket is read, the text is
        handed over. A reader that waits again by then is kept for the next beat, which lets it go
        on: nothing else would.
        """
        for run in self._unsaved:
            run.release()
        for _ in range(TURNS_TO_GATHER):
            await asyncio.sleep(0)
        batch = {run for run in self._unsaved if run.has_news}
        self._unsaved = {run for run in self._unsaved if run.is_parked}
        return batch

    async def _beat(self, batch: set[Run]) -> None:
        """Saves and shows the news of these replies."""
        runs = [run for run in batch if self.runs.get(run.reply.pk) is run]
        growing = [run for run in runs if run.state is None]
        ending = [run for run in runs if run.state is not None]
        first = [run for run in growing if not run.has_spoken]
        others = [run for run in growing if run.has_spoken]
        growths = [self._grow(run) for run in growing]
        endings = [self._end(run) for run in ending]
        if not growths and not endings:
            return
        saving = self._save(growths, endings)
        changes = await self._render(others)
        lost = await saving
        changes += await self._render(first)  # were it our end, the next process finds text and leaves it alone
        for run in [*ending, *(run for run in growing if run.reply.pk in lost)]:
            self._forget(run)
        changes += [news_change(run.reply, run.owner_id) for run in ending]
        await live.publish(change for change in changes if change.pk not in lost)

    def _grow(self, run: Run) -> rows.Growth:
        added = run.collect()
        run.has_spoken = True
        run.rev += 1
        run.growing.add(added)
        return rows.Growth(run.reply.pk, run.rev, added)

    def _end(self, run: Run) -> rows.Ending:
        reply = run.reply
        added = run.collect()
        run.growing.add(added)
        run.rev += 1
        assert run.state is not None
        reply.text, reply.rev, reply.state, reply.error = run.growing.text, run.rev, run.state, run.error
        reply.html, reply.html_version, reply.settled = run.html, fragments.HTML_VERSION, timezone.now()
        return rows.Ending(
            reply.pk, run.rev, added, run.state, reply.html, reply.html_version, run.error, reply.retry_at
        )

    def _save(self, growths: list[rows.Growth], endings: list[rows.Ending]) -> Awaitable[set[int]]:
        first_try = database.submit(rows.save, growths, endings, self.lease)
        return self._saved(first_try, growths, endings)

    async def _saved(
        self, saving: asyncio.Future[set[int]], growths: list[rows.Growth], endings: list[rows.Ending]
    ) -> set[int]:
        """Waits until the beat is saved, however long the database is away; returns the replies that were lost."""
        pause = 0.1
        while True:
            try:
                return await saving
            except database.LOST_CONNECTION as error:
                logger.warning("The database did not save a beat (%s); trying again.", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_RETRY_SECONDS)
            saving = database.submit(rows.save, growths, endings, self.lease)

    async def _render(self, runs: list[Run]) -> list[live.Change]:
        changes = []
        for number, run in enumerate(runs, 1):
            changed = run.growing.take()
            changes.append(grown_change(run.reply, run.rev, changed, run.growing.held))
            if number % RENDERS_BETWEEN_YIELDS == 0:
                await asyncio.sleep(0)
        return changes


async def _for_ever(loop: Callable[[Engine], Awaitable[None]], engine: Engine) -> None:
    """Keeps one of the engine's loops going: an error of ours costs one round, not the engine."""
    while True:
        try:
            await loop(engine)
        except Exception:
            logger.exception("The engine stumbled in %s and goes on.", loop.__name__)
            await asyncio.sleep(SECONDS_AFTER_A_STUMBLE)


_engines: WeakKeyDictionary[asyncio.AbstractEventLoop, Engine] = WeakKeyDictionary()


def open_engine() -> Engine:
    """The engine of the running event loop, started at the first call: Daphne tells nobody that it starts."""
    loop = asyncio.get_running_loop()
    engine = _engines.get(loop)
    if engine is None:
        engine = _engines[loop] = Engine()
        engine.open()
    return engine


def lease() -> uuid.UUID:
    """The token under which this process claims replies."""
    return open_engine().lease


def begin(reply: Message, history: list[Turn], owner_id: int) -> None:
    open_engine().begin(reply, history, owner_id)


def drop(pk: int) -> None:
    open_engine().drop(pk)


def close() -> None:
    """Ends the running loop's engine, for tests: a server is simply killed."""
    engine = _engines.pop(asyncio.get_running_loop(), None)
    if engine is not None:
        engine.close()

"""The beat: collect what has arrived, commit all of it in one transaction, then show it; and the watch over leases."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from django.utils import timezone

from chat import database, fragments, live
from chat.models import Lease, Message
from chat.providers.base import Message as Turn
from chat.replies import rows
from chat.replies.changes import grown_change, whole_change
from chat.replies.run import Run

logger = logging.getLogger(__name__)

SHORTEST_INTERVAL = 0.05
LONGEST_INTERVAL = 0.25
INTERVAL_PER_BEAT = 8
"""A beat that took t seconds is followed by the next one 8·t later, so that saving never fills a core."""

RENDERS_BETWEEN_YIELDS = 25
WATCH_SECONDS = 2.0
NOTICE_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 2.0
MOST_ADOPTIONS = 50


class Engine:
    """Runs this process's replies on one event loop."""

    def __init__(self) -> None:
        self.lease = uuid.uuid4()
        self.runs: dict[int, Run] = {}
        self._unsaved: set[Run] = set()
        self._first: set[Run] = set()
        self._wake = asyncio.Event()
        self._look = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Starts the beat and the watches."""
        live.open_bus()
        loops: list[Callable[[], Awaitable[None]]] = [self._beats, self._watch_leases, self._watch_rows]
        self._tasks = [asyncio.create_task(_for_ever(loop)) for loop in loops]

    def close(self) -> None:
        live.close_bus()
        for run in self.runs.values():
            run.cancel()
        for task in self._tasks:
            task.cancel()

    def begin(self, reply: Message, history: list[Turn]) -> None:
        """Starts to write a reply that this process has claimed."""
        run = Run(reply, history, self._arrived)
        self.runs[reply.pk] = run
        run.start()

    def drop(self, pk: int) -> None:
        """Forgets a reply that is not ours any more, and closes its upstream connection."""
        run = self.runs.pop(pk, None)
        if run is not None:
            run.cancel()
            self._unsaved.discard(run)
            self._first.discard(run)

    def look_soon(self) -> None:
        """Looks for queued and orphaned replies now instead of at the next watch."""
        self._look.set()

    def _arrived(self, run: Run) -> None:
        if self.runs.get(run.reply.pk) is not run:
            return
        self._unsaved.add(run)
        if not run.has_spoken:
            self._first.add(run)
        self._wake.set()

    async def _beats(self) -> None:
        clock = asyncio.get_running_loop().time
        due = 0.0
        while True:
            await self._something_to_do(due - clock())
            started = clock()
            if self._first:
                await self._beat(self._first)
            elif started >= due:
                await self._gather()
                batch = {run for run in self._unsaved if run.has_news}
                self._unsaved = {run for run in self._unsaved if run.is_parked}
                await self._beat(batch)
                taken = clock() - started
                due = started + min(max(INTERVAL_PER_BEAT * taken, SHORTEST_INTERVAL), LONGEST_INTERVAL)

    async def _something_to_do(self, wait: float) -> None:
        """Returns when a first text is there, or when the next beat is due and text waits."""
        self._wake.clear()
        if self._first:
            return
        if wait > 0:
            try:
                async with asyncio.timeout(wait):
                    while not self._first:
                        await self._wake.wait()
                        self._wake.clear()
                return
            except TimeoutError:
                pass
        while not self._unsaved:
            await self._wake.wait()
            self._wake.clear()

    async def _gather(self) -> None:
        """Lets every waiting reader pull what has arrived in the meantime; one turn of the loop is enough for that."""
        for run in self._unsaved:
            run.release()
        await asyncio.sleep(0)

    async def _beat(self, batch: set[Run]) -> None:
        """Saves and shows the news of these replies."""
        runs = [run for run in batch if self.runs.get(run.reply.pk) is run]
        batch.clear()
        growing = [run for run in runs if run.state is None]
        ending = [run for run in runs if run.state is not None]
        growths = [self._grow(run) for run in growing]
        endings = [self._end(run) for run in ending]
        if not growths and not endings:
            return
        saving = self._save(growths, endings)
        changes = await self._render(growing)
        lost = await saving
        for pk in lost:
            self.drop(pk)
        changes += [whole_change(run.reply) for run in ending]
        await live.publish(change for change in changes if change.pk not in lost)
        for run in ending:
            self.runs.pop(run.reply.pk, None)

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

    async def _watch_leases(self) -> None:
        """Signs this process's life and takes over replies that nobody runs.

        After a gap in our own signature (the database was away, the process was paused) others may seem dead only
        because they were cut off as well: they get the time to sign first.
        """
        clock = asyncio.get_running_loop().time
        lasts = Lease.LASTS.total_seconds()
        renewed, patient_until = clock(), 0.0
        while True:
            self._look.clear()
            try:
                await database.run(rows.renew, self.lease)
                if clock() - renewed > lasts / 2:
                    patient_until = clock() + lasts
                renewed = clock()
                if renewed >= patient_until:
                    await self._adopt()
            except database.LOST_CONNECTION as error:
                logger.warning("The database could not be asked for orphaned replies (%s).", type(error).__name__)
            try:
                async with asyncio.timeout(WATCH_SECONDS):
                    await self._look.wait()
            except TimeoutError:
                pass

    async def _adopt(self) -> None:
        adopted = await database.run(rows.adopt, self.lease, MOST_ADOPTIONS)
        for reply, history in adopted.to_run:
            logger.info("Reply %s is run by this process now.", reply.pk)
            self.begin(reply, history)
        if adopted.interrupted:
            logger.info("%d orphaned replies were kept as interrupted.", len(adopted.interrupted))
        await live.publish(whole_change(reply) for reply in adopted.interrupted)

    async def _watch_rows(self) -> None:
        """Drops replies whose rows were stopped, deleted or taken over, and lets go of rows that nobody runs here."""
        strays: set[int] = set()
        while True:
            await asyncio.sleep(NOTICE_SECONDS)
            before = set(self.runs)
            if not before and not strays:
                continue
            try:
                ours = await database.run(rows.still_ours, self.lease)
                for pk in before - ours:
                    self.drop(pk)
                unknown = ours - set(self.runs)
                await database.run(rows.let_go, strays & unknown, self.lease)
                strays = unknown - strays
            except database.LOST_CONNECTION:
                continue


async def _for_ever(loop: Callable[[], Awaitable[None]]) -> None:
    """Keeps one of the engine's loops going: an error of ours costs one round, not the engine."""
    while True:
        try:
            await loop()
        except Exception:
            logger.exception("The engine stumbled in %s and goes on.", getattr(loop, "__name__", "a loop"))
            await asyncio.sleep(SHORTEST_INTERVAL)


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


def begin(reply: Message, history: list[Turn]) -> None:
    open_engine().begin(reply, history)


def drop(pk: int) -> None:
    open_engine().drop(pk)


def adopt_soon() -> None:
    open_engine().look_soon()


def close() -> None:
    """Ends the running loop's engine, for tests: a server is simply killed."""
    engine = _engines.pop(asyncio.get_running_loop(), None)
    if engine is not None:
        engine.close()

"""The engine's own database thread: one lasting connection, jobs in order, waiting jobs in one transaction.

Django's shared thread for synchronous work is also busy with views; a beat that waits behind a slow page would be felt
in every stream. So everything on the path of a streamed message comes through here.
"""

import asyncio
import logging
import queue
import threading
import uuid
from collections.abc import Callable
from itertools import groupby
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, transaction
from django.db.models import UUIDField
from django.utils import translation

logger = logging.getLogger(__name__)

LOST_CONNECTION = (OperationalError, InterfaceError)

P = ParamSpec("P")
R = TypeVar("R")

MOST_JOBS_PER_TRANSACTION = 64
MOST_TRIES = 4


class Job(NamedTuple):
    work: Callable[[], Any]
    future: asyncio.Future[Any]
    is_alone: bool = False

    def settle(self, result: Any, error: BaseException | None) -> None:
        """Hands the outcome to the waiting coroutine, on its own event loop."""
        try:
            self.future.get_loop().call_soon_threadsafe(self._set, result, error)
        except RuntimeError:
            logger.debug("The event loop was gone before a database job ended.")

    def _set(self, result: Any, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


_jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
_thread: threading.Thread | None = None
_lock = threading.Lock()


def submit(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[R]:
    """Calls `work` in the database thread, inside a transaction; the future holds what it returned, once committed.

    It runs in the caller's language. Cancelling the future does not stop work that has begun. Must be called on an
    event loop.
    """
    return _put(lambda: work(*args, **kwargs), is_alone=False)


async def run(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Like `submit`, and waits for the result; raises whatever `work` raised."""
    return await submit(work, *args, **kwargs)


async def run_alone(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Like `run`, never in one transaction with other jobs.

    For work on a row that another process's beat may be writing: transactions that hold several such rows would wait
    for each other, and PostgreSQL takes a second to notice.
    """
    return await _put(lambda: work(*args, **kwargs), is_alone=True)


def uuid_parameter(value: uuid.UUID) -> Any:
    """What stands for this UUID in a statement written by hand: SQLite keeps it as text."""
    return _UUIDS.get_db_prep_value(value, connection)


_UUIDS = UUIDField()


def close() -> None:
    """Ends the thread and its connection; the next `run` starts a new one. For tests and orderly ends."""
    global _thread
    with _lock:
        if _thread is not None:
            _jobs.put(None)
            _thread.join(timeout=10)
            _thread = None


def _put(work: Callable[[], R], *, is_alone: bool) -> asyncio.Future[R]:
    _ensure_thread()
    language = translation.get_language()
    future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
    _jobs.put(Job(lambda: _in_language(language, work), future, is_alone))
    return future


def _in_language(language: str | None, work: Callable[[], R]) -> R:
    """A copied context would not do: asgiref shows a thread only the language that was chosen in it."""
    with translation.override(language):
        return work()


def _ensure_thread() -> None:
    global _thread
    if _thread is not None:
        return
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_work, name="chat-database", daemon=True)
            _thread.start()


def _work() -> None:
    _leave_pool()
    while True:
        jobs, ended = _waiting()
        for _together, group in groupby(jobs, lambda job: id(job) if job.is_alone else None):
            _run_together(list(group))
        if ended:
            connection.close()
            return


def _leave_pool() -> None:
    """Gives this thread a connection of its own: a pool makes its users wait ever longer after an outage."""
    own = connection.copy()
    own.settings_dict["OPTIONS"].pop("pool", None)
    connections[DEFAULT_DB_ALIAS] = own


def _waiting() -> tuple[list[Job], bool]:
    """All jobs that wait by now, at least one; and whether the thread should end after them."""
    jobs: list[Job] = []
    job = _jobs.get()
    while job is not None:
        jobs.append(job)
        if len(jobs) == MOST_JOBS_PER_TRANSACTION or _jobs.empty():
            return jobs, False
        job = _jobs.get()
    return jobs, True


def _run_together(jobs: list[Job], tries: int = MOST_TRIES) -> None:
    """Runs the jobs in one transaction, each behind a savepoint of its own when there are several."""
    outcomes: list[tuple[Any, BaseException | None]] = []
    try:
        with transaction.atomic():
            for job in jobs:
                outcomes.append(_run_one(job, savepoint=len(jobs) > 1))
    except Exception as error:  # noqa: BLE001 - the commit or the connection failed: nobody's work was saved
        if _is_deadlock(error) and tries > 1:
            for job in jobs:
                _run_together([job], tries - 1)
            return
        outcomes = [(None, error)] * len(jobs)
        _drop_broken_connection(error)
    for job, (result, failure) in zip(jobs, outcomes, strict=True):
        job.settle(result, failure)


def _is_deadlock(error: Exception) -> bool:
    """Whether PostgreSQL ended the transaction because two processes waited for each other: then nothing is wrong."""
    return getattr(error.__cause__, "sqlstate", None) == "40P01"


def _run_one(job: Job, *, savepoint: bool) -> tuple[Any, BaseException | None]:
    try:
        with transaction.atomic(savepoint=savepoint):
            return job.work(), None
    except LOST_CONNECTION:
        raise
    except Exception as error:  # noqa: BLE001 - it belongs to the one who asked
        return None, error


def _drop_broken_connection(error: Exception) -> None:
    if isinstance(error, LOST_CONNECTION):
        connection.close()

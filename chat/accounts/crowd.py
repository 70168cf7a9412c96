"""A crowd at the door: of the forms that cost most, a few are worked on at once, and the others wait their turn.

Each request that Django works on has a thread, and all threads share one Python. Sixty that sign in at once would
make everybody's text wait for sixty turns, so they wait here, on the event loop, where waiting costs nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from weakref import WeakKeyDictionary

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.decorators import sync_and_async_middleware

from chat.accounts.hashing import AT_ONCE, LONGEST_WAIT_SECONDS, MOST_WAITING, Busy

logger = logging.getLogger(__name__)

DOORS = ("/accounts/", "/setup/", "/invite/")
MOST_AT_ONCE = 2 * AT_ONCE
"""Half of them hash a password, which leaves Python to others; the other half come from there or go there."""
RETRY_SECONDS = 5

Answer = Callable[[HttpRequest], Any]


class Queue:
    """Lets a few in at once; a few more may wait for a while, in their order."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One's turn, which holds until the end of the block. Raises Busy."""
        await self._enter()
        try:
            yield
        finally:
            self._places.release()

    async def _enter(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, Queue] = WeakKeyDictionary()


@sync_and_async_middleware
def middleware(get_response: Answer) -> Answer:
    """Stands before all others, as each of those costs a thread."""
    if not iscoroutinefunction(get_response):
        return get_response

    async def answer(request: HttpRequest) -> HttpResponse:
        passing = cast("Callable[[HttpRequest], Awaitable[HttpResponse]]", get_response)
        if request.method != "POST" or not request.path.startswith(DOORS):
            return await passing(request)
        try:
            async with _queues.setdefault(asyncio.get_running_loop(), Queue()).turn():
                return await passing(request)
        except Busy:
            return busy(request)

    return answer


def busy(request: HttpRequest) -> HttpResponse:
    """The page for one who came when too many were there: nothing was done, and when to come again.

    It is no error of ours, and strangers must not be able to fill the log with errors.
    """
    logger.info("Too many sign in at once; somebody was asked to wait.")
    with translation.override(translation.get_language_from_request(request)):
        page = render_to_string("account/busy.html")
    response = HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response

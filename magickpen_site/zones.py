"""The reader's time zone, which their browser names in a cookie: pages are made for it, and so are their days."""

import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

COOKIE = "zone"
NAME = re.compile(r"[A-Z][A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")

Answer = Callable[[HttpRequest], Any]


@lru_cache(maxsize=1024)
def find(name: str) -> ZoneInfo | None:
    """The zone of this name, like Europe/Berlin; None if there is none. Never raises."""
    if not NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@sync_and_async_middleware
def middleware(get_response: Answer) -> Answer:
    """Makes the page in the reader's zone, or else in TIME_ZONE; what is made after it or beside it is not."""

    async def answer_async(request: HttpRequest) -> HttpResponse:
        with _zone_of(request):
            return await cast("Awaitable[HttpResponse]", get_response(request))

    def answer(request: HttpRequest) -> HttpResponse:
        with _zone_of(request):
            return cast("HttpResponse", get_response(request))

    return answer_async if iscoroutinefunction(get_response) else answer


def _zone_of(request: HttpRequest) -> timezone.override:
    return timezone.override(find(request.COOKIES.get(COOKIE, "")))

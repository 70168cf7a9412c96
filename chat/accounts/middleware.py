"""What accounts do around requests: they mark browsers, and say calmly when too many sign in."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from chat.accounts import browsers, crowd, hashing

Answer = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def middleware(get_response: Answer) -> Answer:
    """Marks the browser of whoever has just proved to be an owner; turns Busy into a page."""

    async def answer_async(request: HttpRequest) -> HttpResponse:
        response = await cast("Awaitable[HttpResponse]", get_response(request))
        return browsers.remember(request, response)

    def answer(request: HttpRequest) -> HttpResponse:
        return browsers.remember(request, cast("HttpResponse", get_response(request)))

    chosen: Any = answer_async if iscoroutinefunction(get_response) else answer
    chosen.process_exception = _say_busy
    return cast("Answer", chosen)


def _say_busy(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    return crowd.busy(request) if isinstance(exception, hashing.Busy) else None

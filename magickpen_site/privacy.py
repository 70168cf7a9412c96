"""Nothing of one person stays in a browser, or in a cache on the way, for the next one."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

Answer = Callable[[HttpRequest], Any]
SIGNED_OUT = "chat.signed_out"


@sync_and_async_middleware
def middleware(get_response: Answer) -> Answer:
    """Lets nobody keep an answer, whatever a view says of it; only static files, which stand before, are kept."""

    async def answer_async(request: HttpRequest) -> HttpResponse:
        return _unkept(request, await cast("Awaitable[HttpResponse]", get_response(request)))

    def answer(request: HttpRequest) -> HttpResponse:
        return _unkept(request, cast("HttpResponse", get_response(request)))

    return answer_async if iscoroutinefunction(get_response) else answer


@receiver(user_logged_out)
def _note(request: HttpRequest | None, **_kept: Any) -> None:
    if request is not None:
        request.META[SIGNED_OUT] = True


def _unkept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    for name in ("ETag", "Expires", "Last-Modified"):
        del response[name]
    if request.META.get(SIGNED_OUT):
        # What earlier versions of the site let browsers keep. Not "storage": unsent texts there have an owner each.
        response["Clear-Site-Data"] = '"cache"'
    return response

"""What all requests and answers have in common: the site's name, and what browsers may do."""

from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

HEALTH = ("/healthz", "/readyz")
# Copying and passkeys are all that our pages need, and those are a browser's default.
UNUSED = (
    "accelerometer autoplay browsing-topics camera clipboard-read display-capture encrypted-media"
    " fullscreen gamepad geolocation gyroscope hid idle-detection local-fonts magnetometer microphone"
    " midi payment picture-in-picture screen-wake-lock serial storage-access usb window-management"
    " xr-spatial-tracking"
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED.split()),
    "Cross-Origin-Resource-Policy": "same-origin",
}

Answer = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def middleware(get_response: Answer) -> Answer:
    async def answer_async(request: HttpRequest) -> HttpResponse:
        _name_the_site(request)
        return _with_headers(await cast("Awaitable[HttpResponse]", get_response(request)))

    def answer(request: HttpRequest) -> HttpResponse:
        _name_the_site(request)
        return _with_headers(cast("HttpResponse", get_response(request)))

    return answer_async if iscoroutinefunction(get_response) else answer


def _name_the_site(request: HttpRequest) -> None:
    """Health is told under every name: who asks from inside a container knows an address only."""
    if request.path in HEALTH:
        request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc


def _with_headers(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response.setdefault(name, value)
    return response

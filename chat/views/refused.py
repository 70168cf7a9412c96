"""Refusals as HTTP: the status of each, and the page for those that no other page shows."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from chat.refusals import Refused

STATUS = {"not_found": 404, "busy": 409, "state": 409, "quota": 429, "rate": 429}
OTHERWISE = 400


def status(refusal: Refused) -> int:
    return STATUS.get(refusal.reason, OTHERWISE)


class Middleware:
    """Answers a refusal that a view lets pass: what is not the reader's is as if it were not there."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        if error.reason == "not_found":
            raise Http404 from error
        return render(request, "refused.html", {"refusal": error.text}, status=status(error))

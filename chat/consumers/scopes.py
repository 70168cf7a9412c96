"""What Django and allauth read from a request, read from the scope of a socket."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils import translation

from chat.accounts import sessions


def language(scope: dict[str, Any]) -> str:
    """The language that Django chooses for this browser's pages."""
    request = HttpRequest()
    request.COOKIES = sessions.cookies(scope)
    accepted = [value.decode("latin1") for name, value in scope["headers"] if name == b"accept-language"]
    request.META["HTTP_ACCEPT_LANGUAGE"] = ",".join(accepted)
    return translation.get_language_from_request(request)


def address(scope: dict[str, Any]) -> str:
    """Where a browser is, as for signing in."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = (scope.get("client") or [""])[0]
    forwarded = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    request.META["HTTP_X_FORWARDED_FOR"] = ",".join(forwarded)
    found: str = get_adapter().get_client_ip(request)
    return found

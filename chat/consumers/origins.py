"""Which pages may open a WebSocket: ours only, compared by scheme, host and port."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Application = Callable[[dict[str, Any], Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[Any]]


def same_origin_only(application: Application) -> Application:
    """Refuses, with 403, a WebSocket whose Origin is absent, null or not exactly this site's own."""

    async def checked(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if is_ours(scope):
            await application(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    return checked


def is_ours(scope: dict[str, Any]) -> bool:
    """Whether the Origin is `SITE_URL`, or scheme, host and port of the very request, at a host that is allowed."""
    headers = [(name, value.decode("latin1")) for name, value in scope["headers"] if name in (b"origin", b"host")]
    origins = [value for name, value in headers if name == b"origin"]
    hosts = [value for name, value in headers if name == b"host"]
    if len(origins) != 1 or len(hosts) != 1:
        return False
    if origins[0] == settings.SITE_URL:
        return True
    scheme = "https" if scope.get("scheme") in ("wss", "https") else "http"
    domain, _port = split_domain_port(hosts[0])
    return origins[0] == f"{scheme}://{hosts[0]}" and validate_host(domain, settings.ALLOWED_HOSTS)

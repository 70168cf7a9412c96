"""Runs the site on Daphne, in this process, until somebody stops it."""

import contextlib
import errno
import gc
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from daphne import server as daphne
from daphne.endpoints import build_endpoint_description_strings
from daphne.ws_protocol import WebSocketFactory
from django.conf import settings
from django.utils.module_loading import import_string
from twisted.internet import reactor  # after daphne.server, which chooses the kind

from chat import replies
from magickpen_site import connections, env
from magickpen_site.http import Factory, Request
from magickpen_site.websocket import Protocol

LONGEST_TURN_SECONDS = 0.0005
"""How long a thread may keep Python to itself while others wait. In a crowd of requests, each of which has a
thread, the event loop waits for one turn of each: with the usual 5 ms, for a third of a second at sixty."""
ANYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound


def run(ready: Callable[[], None]) -> NoReturn:
    """Serve on HOST and PORT, and call `ready` when connections are accepted. SystemExit says why if they cannot be."""
    settings.ALLOWED_HOSTS += other_names()
    connections.raise_descriptor_limit()
    sys.setswitchinterval(LONGEST_TURN_SECONDS)
    server = Server(settings.HOST, settings.PORT, ready)
    server.run()
    if server.failure:
        raise SystemExit(reason(server.failure, settings.HOST, settings.PORT))
    # An end is like a crash, so that a crash is like an end: replies are saved as they grow, and the next process takes
    # them over. Unwinding tasks and threads in the middle of their work would only take time and fill the terminal.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class Server(daphne.Server):
    """Daphne that says when it listens and why it does not, and ends at once."""

    def __init__(self, host: str, port: int, ready: Callable[[], None]) -> None:
        self.ready = ready
        self.failure: Any = None
        # Forwarded headers are not read here, as Daphne believes the entry that the client itself has written:
        # who needs a client's address counts TRUSTED_PROXIES entries from the right.
        super().__init__(
            application=import_string(settings.ASGI_APPLICATION),
            endpoints=build_endpoint_description_strings(host=host, port=port),
            server_name="MagickPen",
        )

    def run(self) -> None:
        WebSocketFactory.protocol = Protocol
        daphne.HTTPFactory = Factory  # Daphne makes its own there, without asking
        reactor.callLater(1, self.look_at_waiting)
        super().run()

    def look_at_waiting(self) -> None:
        reactor.callLater(1, self.look_at_waiting)
        self.http_factory.waiting.look()

    def handle_reply(self, protocol: Any, message: dict[str, Any]) -> Awaitable[None]:
        """As Daphne's; an answer to HTTP also waits for its reader, so that what is unread is not piled up here."""
        sent: Awaitable[None] = super().handle_reply(protocol, message)
        return read(protocol, sent) if isinstance(protocol, Request) else sent

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        reactor.callFromThread(self.begin)  # as soon as the event loop runs

    def begin(self) -> None:
        """Look for replies of a process that died, before anybody connects; by now Ctrl-C is heard."""
        replies.open_engine()
        spare_the_collector()
        self.ready()

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.value
        self.stop()

    def kill_all_applications(self) -> None:
        """Leave them: Daphne's own waits for them, and stumbles over a connection that has none."""


async def read(request: Request, sent: Awaitable[None]) -> None:
    await sent
    await request.has_room()


def spare_the_collector() -> None:
    """What the start has made lives for ever: walking it again and again would cost a tenth of a busy server's time,
    in pauses of more than a hundred milliseconds. What comes and goes is little; each page that leaves is garbage in
    circles, and is not kept for long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 5)


def other_names() -> list[str]:
    """By what names other machines may reach this one, where any may connect and nobody has said how.

    That is its own name, and its address towards the world; nothing is sent to find out."""
    if settings.HOST not in ANYWHERE or env.is_set("SITE_URL", "ALLOWED_HOSTS"):
        return []
    names = [socket.gethostname()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        names.append(probe.getsockname()[0])
    return names


def reason(error: Any, host: str, port: int) -> str:
    """Why nobody can connect, and what to do."""
    cause = getattr(error, "socketError", error)
    match getattr(cause, "errno", None):
        case errno.EADDRINUSE:
            return (
                f"PORT {port} on {host} is in use by another program. End that one, or choose another: PORT={port + 1}"
            )
        case errno.EACCES:
            return f"PORT {port} is reserved for the administrator of this machine. Choose one from 1024 up: PORT=8000"
        case _:
            return f"HOST {host} is no address to listen on ({cause}). Choose 127.0.0.1, or 0.0.0.0 for every network."

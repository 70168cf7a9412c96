"""Runs the site on Daphne, in this process, until somebody stops it."""

import contextlib
import errno
import gc
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as Daphne
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from django.utils.module_loading import import_string
from twisted.internet import reactor  # after daphne.server, which chooses the kind

from chat import replies
from magickpen_site import env

MOST_UNSENT_BYTES = 4 * 1024 * 1024
ANYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound


def run(ready: Callable[[], None]) -> NoReturn:
    """Serve on HOST and PORT, and call `ready` when connections are accepted. SystemExit says why if they cannot be."""
    settings.ALLOWED_HOSTS += other_names()
    server = Server(settings.HOST, settings.PORT, ready)
    server.run()
    if server.failure:
        raise SystemExit(reason(server.failure, settings.HOST, settings.PORT))
    # An end is like a crash, so that a crash is like an end: replies are saved as they grow, and the next process takes
    # them over. Unwinding tasks and threads in the middle of their work would only take time and fill the terminal.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class Server(Daphne):
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
        super().run()

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


def spare_the_collector() -> None:
    """What the start has made lives for ever: walking it again and again would cost a tenth of a busy server's time,
    in pauses of more than a hundred milliseconds. What comes and goes is little; each page that leaves is garbage in
    circles, and is not kept for long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 5)


class Protocol(WebSocketProtocol):
    """Daphne's end of a WebSocket, with a bound for what waits to be sent instead of one for what is sent at once.

    The application sends no more than its window to a reader that does not acknowledge. One that acknowledges and yet
    does not read is hung up on here. A finished reply may be larger than any frame that we would accept ourselves.
    """

    unsent: int | None = None  # bytes handed over since the system took no more; None while it takes everything

    def onOpen(self) -> None:  # noqa: N802 - autobahn's name, as those below are Twisted's
        super().onOpen()
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)

    def pauseProducing(self) -> None:  # noqa: N802
        self.unsent = self.unsent or 0

    def resumeProducing(self) -> None:  # noqa: N802
        self.unsent = None

    def stopProducing(self) -> None:  # noqa: N802
        """The connection is lost, which the application hears elsewhere."""

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802
        if self.state != self.STATE_OPEN:
            return
        payload = content.encode() if isinstance(content, str) else content
        if self.unsent is not None:
            if self.unsent > MOST_UNSENT_BYTES:
                self.dropConnection(abort=True)
                return
            self.unsent += len(payload)
        self.write(frame(payload, opcode=2 if binary else 1))

    def write(self, data: bytes) -> None:
        """Hand bytes to the system at once where nothing waits; Twisted would turn to its event loop twice for them."""
        transport = self.transport
        if not transport.dataBuffer and not transport._tempDataLen:
            sent = transport.writeSomeData(data)
            if sent == len(data):
                return
            if isinstance(sent, int):  # else an error, which Twisted is about to meet, too
                data = data[sent:]
        transport.write(data)


def frame(payload: bytes, opcode: int) -> bytes:
    """One whole unmasked WebSocket frame (RFC 6455, 5.2); autobahn's way costs more than the sending."""
    head, size = 0x80 | opcode, len(payload)
    if size < 126:
        return struct.pack("!BB", head, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", head, 126, size) + payload
    return struct.pack("!BBQ", head, 127, size) + payload


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

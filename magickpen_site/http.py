"""This server's end of HTTP: Daphne's, without work for strangers before their limits."""

import asyncio
from http import HTTPStatus
from io import BytesIO
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from twisted.web.http import HTTPChannel

from magickpen_site.connections import Waiting, address_of
from magickpen_site.websocket import unsent

KIB, MIB = 1024, 1024 * 1024
SMALL_BODY = 64 * KIB
MOST_HELD_BYTES = 64 * MIB
"""All bodies together that are being received or worked on; small ones are taken in any case."""
MOST_PIECES = 1000
SMALLEST_PIECE = 64
"""So many bytes a piece of a body must bring on average, as each costs the same."""


class TooMuch(Exception):  # noqa: N818 - as Refused elsewhere, no error of ours
    """A body that is not received any further; the status tells why."""

    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


class Channel(HTTPChannel):
    """One connection. Each wait for its client ends, and an answer is read before the next is made."""

    header_seconds = 15.0
    body_seconds = 60.0
    idle_seconds = 60.0
    unread_seconds = 60.0
    linger_seconds = 5.0
    slowest_rate = 16 * KIB  # bytes a second, for bodies and answers that take longer than that
    # Django's own limit, and room for the words of multipart forms
    most_body_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 64 * KIB

    waiting: Waiting  # as the factory has it
    address = ""
    is_idle = True  # nothing of the next request is there
    is_deaf = False
    room: asyncio.Future[None] | None = None  # while more waits to be sent than should

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name, as those below
        super().connectionMade()
        self.address = address_of(self.transport.getPeer())
        self.waiting.enter(self, self.header_seconds)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.waiting.leave(self)
        self._has_room()
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.is_deaf:
            return
        if self.is_idle and data:
            self.is_idle = False
            self.waiting.enter(self, self.header_seconds)
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:  # noqa: N802
        if self.length != 0:
            length = self.most_body_bytes if self.length is None else self.length
            if length > self.most_body_bytes:
                self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            self.waiting.enter(self, max(self.body_seconds, length / self.slowest_rate))
        super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.is_deaf:
            return
        try:
            super().rawDataReceived(data)
        except TooMuch as error:
            self.refuse(error.status)

    def allContentReceived(self) -> None:  # noqa: N802
        self.is_idle = False
        self.waiting.leave(self)
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:  # noqa: N802
        """Turn to the next request, which may be here already, once this answer has left."""
        self.is_idle = True
        if self._waitingForTransport:
            self.paused = True
            self._networkProducer.pauseProducing()
        else:
            self.waiting.enter(self, self.idle_seconds)
        super().requestDone(request)

    def pauseProducing(self) -> None:  # noqa: N802
        """The system takes no more for now."""
        super().pauseProducing()
        self.room = self.room or asyncio.get_running_loop().create_future()
        self.waiting.enter(self, self.unread_seconds + unsent(self.transport) / self.slowest_rate)

    def resumeProducing(self) -> None:  # noqa: N802
        """Everything has left."""
        super().resumeProducing()
        self._has_room()
        if self._handlingRequest:
            self.waiting.leave(self)
        else:
            self.waiting.enter(self, self.idle_seconds)
        if self.paused:
            self.paused = False
            self.dataReceived(b"")

    def time_out(self) -> None:
        if self.is_deaf or unsent(self.transport):
            self.transport.abortConnection()
        elif self.is_idle:
            self.loseConnection()
        else:
            self.refuse(HTTPStatus.REQUEST_TIMEOUT)

    def make_room(self) -> None:
        self.transport.abortConnection()

    def refuse(self, status: HTTPStatus) -> None:
        """Say why, and hang up a little later: who is still sending would lose the answer."""
        self.is_deaf = True
        headers = self.requests[-1].requestHeaders if self.requests else None
        with translation.override(language(headers)):
            words = f"{told(status)}\n".encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(words)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + words)
        self.transport.loseWriteConnection()
        self.waiting.enter(self, self.linger_seconds)

    def _has_room(self) -> None:
        room, self.room = self.room, None
        if room is not None and not room.done():
            room.set_result(None)


class Request(WebRequest):
    """One request. Its body is counted and kept as it is: Django takes it apart, within limits."""

    size = pieces = 0

    def __init__(self, channel: Channel, *args: Any, **options: Any) -> None:
        super().__init__(channel, *args, parsePOSTFormSubmission=False, **options)
        self.line = channel
        self.bodies: Factory = channel.factory

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        self.content = BytesIO()  # and never a file, of which there may be none left

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self.pieces += 1
        self.size += len(data)
        self.bodies.held_bytes += len(data)
        if self.size > self.line.most_body_bytes:
            raise TooMuch(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self.pieces > MOST_PIECES + self.size // SMALLEST_PIECE:
            raise TooMuch(HTTPStatus.BAD_REQUEST)
        if self.size > SMALL_BODY and self.bodies.held_bytes > MOST_HELD_BYTES:
            raise TooMuch(HTTPStatus.SERVICE_UNAVAILABLE)
        super().handleContentChunk(data)

    def process(self) -> Any:
        # Daphne would take the site's address from the first one, which is meant for a proxy and sent
        # by anybody. It stumbles over the second if that is not ASCII, and nothing here asks for one.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        self.requestHeaders.removeHeader(b"Sec-WebSocket-Protocol")
        processed = super().process()
        if self.transport is None:  # a WebSocket now
            self._let_go()
        return processed

    def finish(self) -> None:
        self._let_go()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._let_go()
        super().connectionLost(reason)

    async def has_room(self) -> None:
        """Return when the client has read enough for more to be sent."""
        if not self.finished and self.line.room is not None:
            await self.line.room

    def _let_go(self) -> None:
        self.bodies.held_bytes -= self.size
        self.size = 0


class Factory(HTTPFactory):
    """All connections of this process."""

    protocol = Channel

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.timeOut = None  # Twisted's own is begun anew by every byte
        self.waiting = Waiting()
        self.held_bytes = 0

    def buildProtocol(self, addr: Any) -> Channel | None:  # noqa: N802
        """A connection; None, for which Twisted hangs up, where descriptors are too few."""
        if not self.waiting.has_room():
            return None
        channel: Channel = super().buildProtocol(addr)
        channel.requestFactory = Request
        channel.waiting = self.waiting
        return channel


def told(status: HTTPStatus) -> str:
    """For people: what happened, and what to do."""
    match status:
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _("What was sent is larger than this site takes. Nothing was kept; send less at once.")
        case HTTPStatus.REQUEST_TIMEOUT:
            return _("What was sent did not arrive in time. Nothing was kept; check your connection and try again.")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return _("The site is receiving too much at once. Nothing was kept; try again in a minute.")
        case _:
            return _("What was sent came in too many small pieces. Nothing was kept; try another program or proxy.")


def language(headers: Any) -> str:
    """The language of a request that never gets to Django, chosen as Django does it."""
    request = HttpRequest()
    accepted = headers.getRawHeaders("Accept-Language", []) if headers is not None else []
    request.META["HTTP_ACCEPT_LANGUAGE"] = ",".join(accepted)
    return translation.get_language_from_request(request)

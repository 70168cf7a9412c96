"""How long a client may take over each part of a request, and how much may be held for all of them together."""

from typing import Any

import pytest
from daphne.http_protocol import WebRequest
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.http import Request as TwistedRequest

from magickpen_site import http
from magickpen_site.connections import Waiting
from magickpen_site.http import Channel, Factory


class Line(StringTransport):
    """What Twisted puts under a connection; `dataBuffer` is what the system does not take."""

    offset = _tempDataLen = 0  # noqa: N815 - Twisted's names
    dataBuffer = b""  # noqa: N815
    is_closed = False

    def loseWriteConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.is_closed = True


class Application:
    """Stands for Daphne: takes requests, and answers when it is told to."""

    root_path = ""
    server_name = ""
    proxy_forwarded_address_header = None
    request_buffer_size = 8192

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []
        self.requests: list[Any] = []

    def create_application(self, request: Any, scope: dict[str, Any]) -> Any:
        self.scopes.append(scope)
        self.requests.append(request)

    def protocol_connected(self, request: Any) -> None: ...

    def protocol_disconnected(self, request: Any) -> None: ...


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Stand:
    """Connections to one application, with time that passes when it is told to."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.application = Application()
        self.factory = Factory(self.application)
        self.factory.waiting = Waiting(self.clock)

    def connect(self) -> Any:
        channel = self.factory.buildProtocol(None)
        channel.makeConnection(Line())
        return channel

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.factory.waiting.look()

    def answer(self, size: int = 5) -> None:
        request = self.application.requests.pop(0)
        request.setHeader(b"Content-Length", b"%d" % size)
        request.write(b"x" * size)
        request.finish()


@pytest.fixture
async def stand() -> Stand:
    return Stand()


def status(channel: Any) -> str:
    return str(channel.transport.value()[:12].decode().removeprefix("HTTP/1.1 "))


HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


async def test_who_says_nothing_is_hung_up_on_without_a_word(stand: Stand) -> None:
    channel = stand.connect()
    stand.pass_time(14)
    assert not channel.transport.disconnecting
    stand.pass_time(1)
    assert channel.transport.disconnecting
    assert not channel.transport.value()


async def test_all_headers_together_have_their_time(stand: Stand) -> None:
    channel = stand.connect()
    for byte in HEAD[:15]:
        channel.dataReceived(bytes([byte]))
        stand.pass_time(0.99)
    assert not channel.transport.value()
    channel.dataReceived(b"x")
    stand.pass_time(1)
    assert status(channel) == "408"
    assert channel.transport.is_closed
    stand.pass_time(5)
    assert channel.transport.disconnected


@pytest.mark.parametrize("length", [1000, Channel.most_body_bytes])
async def test_a_body_has_its_time_and_a_large_one_more(stand: Stand, length: int) -> None:
    channel, seconds = stand.connect(), max(60, length / Channel.slowest_rate)
    channel.dataReceived(POST % length)
    stand.pass_time(seconds - 1)
    channel.dataReceived(b"x")
    assert not channel.transport.value()
    stand.pass_time(1)
    assert status(channel) == "408"


async def test_the_application_has_all_time_it_needs(stand: Stand) -> None:
    channel = stand.connect()
    channel.dataReceived(POST % 3 + b"abc")
    stand.pass_time(1000)
    channel.dataReceived(b"GET")  # the next request may be on its way already
    stand.pass_time(1000)
    assert not channel.transport.value()
    stand.answer()
    assert status(channel) == "200"


async def test_a_connection_may_be_kept_for_a_minute(stand: Stand) -> None:
    channel = stand.connect()
    for _ in range(3):
        channel.dataReceived(HEAD + b"\r\n")
        stand.answer()
        stand.pass_time(59)
        assert not channel.transport.disconnecting
    stand.pass_time(1)
    assert channel.transport.disconnecting


async def test_one_answer_is_read_before_the_next_is_made(stand: Stand) -> None:
    channel = stand.connect()
    channel.dataReceived((HEAD + b"\r\n") * 10)
    channel.transport.dataBuffer = b"x" * 100_000
    channel.pauseProducing()
    stand.answer()
    assert len(stand.application.scopes) == 1
    channel.transport.dataBuffer = b""
    channel.resumeProducing()
    assert len(stand.application.scopes) == 2


async def test_who_does_not_read_an_answer_is_hung_up_on(stand: Stand) -> None:
    channel = stand.connect()
    channel.dataReceived(HEAD + b"\r\n")
    channel.transport.dataBuffer = b"x" * 160 * 1024
    channel.pauseProducing()
    assert channel.room is not None
    stand.pass_time(69)
    assert not channel.transport.disconnected
    stand.pass_time(1)
    assert channel.transport.disconnected


async def test_large_bodies_share_what_may_be_held_and_small_ones_always_fit(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MOST_HELD_BYTES", 1_000_000)
    lines = [stand.connect() for _ in range(4)]
    for line in lines:
        line.dataReceived(POST % 500_000 + b"x" * 330_000)
    assert [status(line) for line in lines] == ["", "", "", "503"]
    small = stand.connect()
    small.dataReceived(POST % 3 + b"abc")
    stand.answer()
    assert status(small) == "200"
    for line in lines:
        line.connectionLost(Failure(ConnectionDone()))
    assert stand.factory.held_bytes == 0


async def test_twisted_takes_no_body_apart(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_getMultiPartArgs", "parse_qs"):
        monkeypatch.setattr(f"twisted.web.http.{name}", lambda *_args: pytest.fail("a body was taken apart"))
    for kind in (b"multipart/form-data; boundary=B", b"application/x-www-form-urlencoded"):
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: 3\r\n\r\n"
        stand.connect().dataReceived(head % kind + b"a=b")
    assert len(stand.application.scopes) == 2


async def test_the_root_of_the_site_is_not_the_clients_to_say(stand: Stand) -> None:
    stand.connect().dataReceived(HEAD + b"daphne-ROOT-path: /evil\r\n\r\n")
    assert stand.application.scopes[0]["root_path"] == ""
    assert [name for name, _value in stand.application.scopes[0]["headers"]] == [b"host"]


@pytest.mark.parametrize(
    "name",
    ["_waitingForTransport", "_handlingRequest", "_networkProducer", "paused", "pauseProducing", "resumeProducing",
     "requestDone", "allHeadersReceived", "allContentReceived", "rawDataReceived", "loseConnection", "length"],
)  # fmt: skip
def test_twisted_still_has_what_is_relied_upon(name: str) -> None:
    channel = HTTPChannel()
    channel.makeConnection(Line())
    assert hasattr(channel, name)


def test_twisted_and_daphne_still_ask_where_they_are_answered() -> None:
    for name in ("gotLength", "handleContentChunk", "finish", "connectionLost"):
        assert callable(getattr(TwistedRequest, name))
    assert WebRequest.process is not TwistedRequest.process

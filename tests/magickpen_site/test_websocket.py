"""How frames reach the system: whole, in order, and without a detour while nothing waits."""

import socket

import pytest
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from magickpen_site import websocket


class Line:
    """Stands for Twisted's transport: the system takes `room` bytes, the rest waits."""

    offset = 0

    def __init__(self, room: int | Exception) -> None:
        self.room = room
        self.sent = self.dataBuffer = b""

    @property
    def _tempDataLen(self) -> int:  # noqa: N802 - Twisted's name
        return 0

    def writeSomeData(self, data: bytes) -> int | Exception:  # noqa: N802
        if isinstance(self.room, Exception):
            return self.room
        taken = min(self.room, len(data))
        self.sent += data[:taken]
        self.room -= taken
        return taken

    def write(self, data: bytes) -> None:
        self.dataBuffer += data


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, "8100"),
        (125, "817d"),
        (126, "817e007e"),
        (65_535, "817effff"),
        (65_536, "817f0000000000010000"),
    ],
)
def test_a_frame_says_its_length(size: int, head: str) -> None:
    assert websocket.frame(b"x" * size, opcode=1) == bytes.fromhex(head) + b"x" * size


def written(line: Line, *frames: bytes) -> Line:
    protocol = websocket.Protocol.__new__(websocket.Protocol)
    protocol.transport = line
    for data in frames:
        protocol.write(data)
    return line


def test_what_the_system_takes_is_sent_at_once() -> None:
    line = written(Line(100), b"first", b"second")
    assert (line.sent, line.dataBuffer) == (b"firstsecond", b"")


def test_what_the_system_does_not_take_waits_in_order() -> None:
    line = written(Line(7), b"first", b"second", b"third")
    line.room = 100
    written(line, b"fourth")
    assert (line.sent, line.dataBuffer) == (b"firstse", b"condthirdfourth")


def test_a_broken_line_is_left_to_twisted() -> None:
    line = written(Line(ConnectionError()), b"first")
    assert line.dataBuffer == b"first"


def test_twisted_still_keeps_what_waits_where_it_is_looked_for() -> None:
    """The buffer's names are Twisted's own business; if they change, what waits must be counted anew."""
    here, there = socket.socketpair()
    with here, there:
        line = Connection(here, Protocol(), reactor)
        line.connected = True
        assert websocket.unsent(line) == 0
        line.write(b"x" * 100)
        assert websocket.unsent(line) == 100
        line.doWrite()
        assert websocket.unsent(line) == 0
        here.setblocking(False)
        line.write(b"x" * 10_000_000)
        line.doWrite()
        line.doWrite()
        assert 0 < websocket.unsent(line) < 10_000_000
        line.stopWriting()


@pytest.mark.parametrize(
    "name",
    ["onConnect", "onOpen", "dataReceived", "onFrameBegin", "sendData", "serverSend", "sendClose", "dropConnection"],
)
def test_the_libraries_still_have_what_is_changed_here(name: str) -> None:
    assert callable(getattr(WebSocketProtocol, name))


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def test_autobahn_still_tells_of_each_frame_as_it_begins() -> None:
    """Also of empty and of control frames; the data that it has not looked at yet is `data`."""
    seen = []

    class Spy(WebSocketServerProtocol):  # type: ignore[misc]
        def onFrameBegin(self) -> None:  # noqa: N802
            super().onFrameBegin()
            seen.append((self.current_frame.opcode, self.current_frame.length, len(self.data)))

    spy = Spy()
    spy.factory = WebSocketServerFactory()
    spy.transport = StringTransport()
    spy.connectionMade()
    spy.dataReceived(HANDSHAKE)
    spy.dataReceived(b"\x01\x80mask" + b"\x00\x80mask" + b"\x89\x81mask?" + b"\x80\x80mask")
    spy.connectionLost(Failure(ConnectionDone()))
    assert seen == [(1, 0, 19), (0, 0, 13), (9, 1, 7), (0, 0, 0)]


class Deaf(Line):
    """A reader that has stopped."""

    def __init__(self, waiting: int) -> None:
        super().__init__(0)
        self.dataBuffer = b"x" * waiting


@pytest.mark.parametrize("waiting", [0, 1_000_000, websocket.MOST_UNSENT_BYTES + 1])
def test_pongs_wait_like_anything_else(monkeypatch: pytest.MonkeyPatch, waiting: int) -> None:
    protocol, dropped = websocket.Protocol.__new__(websocket.Protocol), []
    protocol.transport = Deaf(waiting)
    monkeypatch.setattr(websocket.Protocol, "dropConnection", lambda _self, abort: dropped.append(abort))
    monkeypatch.setattr(WebSocketProtocol, "sendData", lambda self, data, *_rest: self.transport.write(data))
    protocol.sendData(b"\x8a\x00")
    protocol.state = protocol.STATE_OPEN
    protocol.serverSend("Hello")
    assert bool(dropped) == (waiting > websocket.MOST_UNSENT_BYTES)
    assert (len(protocol.transport.dataBuffer) == waiting) == bool(dropped)

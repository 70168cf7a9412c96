"""How frames reach the system: whole, in order, and without a detour while nothing waits."""

import pytest

from magickpen_site import server


class Line:
    """Stands for Twisted's transport: the system takes `room` bytes, the rest waits."""

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
    assert server.frame(b"x" * size, opcode=1) == bytes.fromhex(head) + b"x" * size


def written(line: Line, *frames: bytes) -> Line:
    protocol = server.Protocol.__new__(server.Protocol)
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

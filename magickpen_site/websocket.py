"""This server's end of a WebSocket: Daphne's, with bounds for what comes in and what waits."""

import struct
import time
from typing import Any

from daphne.ws_protocol import WebSocketProtocol

MOST_UNSENT_BYTES = 4 * 1024 * 1024
FRAMES_PER_SECOND = 100.0
BURST = 500.0
"""More than the application allows, which refuses with words; who gets here does not read them."""
BYTES_PER_FRAME = 16 * 1024
"""So many bytes count as another frame."""
MOST_FRAGMENTS = 16
FLOOD = 4429


class Protocol(WebSocketProtocol):
    """One bucket counts every frame: a message, a fragment of one, even an empty one, a ping, a pong.

    What waits to be sent is bounded instead of what is sent at once: the application sends no more than
    its window to a reader that does not acknowledge. One that acknowledges and yet does not read is hung
    up on here, and so is one that only sends pings. A finished reply may be larger than any frame that
    we would accept ourselves.
    """

    allowance = BURST
    counted = 0.0
    fragments = 0
    is_deaf = False

    def onConnect(self, request: Any) -> Any:  # noqa: N802 - autobahn's name, as those below
        # Anybody can send this header, and autobahn takes apart lines that were whole to Twisted.
        request.headers.pop("daphne-root-path", None)
        return super().onConnect(request)

    def onOpen(self) -> None:  # noqa: N802
        super().onOpen()
        # That is the HTTP connection still, which would stop listening to who reads slowly.
        self.transport.unregisterProducer()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self.is_deaf:
            super().dataReceived(data)

    def onFrameBegin(self) -> None:  # noqa: N802
        super().onFrameBegin()
        begun = self.current_frame
        if begun.opcode < 8:
            self.fragments = self.fragments + 1 if begun.opcode == 0 else 1
        frames = 1 + begun.length // BYTES_PER_FRAME
        if not self.is_within(frames) or self.fragments > MOST_FRAGMENTS:
            self.stop_listening()

    def is_within(self, frames: int) -> bool:
        """Count frames, and say whether they are still no flood."""
        now = time.monotonic()
        earned = (now - self.counted) * FRAMES_PER_SECOND
        self.allowance, self.counted = min(BURST, self.allowance + earned) - frames, now
        return self.allowance >= 0

    def stop_listening(self) -> None:
        """Close, and look at nothing more that comes; autobahn hangs up a second later anyway."""
        self.is_deaf = True
        self.data = b""  # or it would take apart frame by frame what is here already
        self.sendClose(code=FLOOD)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802
        """Whatever autobahn itself sends: pongs, pings and the handshakes."""
        if not self.is_unread():
            super().sendData(data, sync, chopsize)

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802
        if self.state != self.STATE_OPEN or self.is_unread():
            return
        payload = content.encode() if isinstance(content, str) else content
        self.write(frame(payload, opcode=2 if binary else 1))

    def is_unread(self) -> bool:
        """Hang up on a reader for whom too much waits already."""
        if unsent(self.transport) <= MOST_UNSENT_BYTES:
            return False
        self.dropConnection(abort=True)
        return True

    def write(self, data: bytes) -> None:
        """Hand bytes to the system at once where nothing waits.

        Twisted would turn to its event loop twice for them.
        """
        transport = self.transport
        if not unsent(transport):
            sent = transport.writeSomeData(data)
            if sent == len(data):
                return
            if isinstance(sent, int):  # else an error, which Twisted is about to meet, too
                data = data[sent:]
        transport.write(data)


def frame(payload: bytes, opcode: int) -> bytes:
    """One whole unmasked frame (RFC 6455, 5.2); autobahn's way costs more than the sending."""
    head, size = 0x80 | opcode, len(payload)
    if size < 126:
        return struct.pack("!BB", head, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", head, 126, size) + payload
    return struct.pack("!BBQ", head, 127, size) + payload


def unsent(transport: Any) -> int:
    """How many bytes wait until the system takes them; Twisted tells nobody else."""
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

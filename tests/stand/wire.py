"""A client that speaks as no browser would: byte by byte, too much, or not at all."""

import os
import socket
import struct
from typing import Self

from tests.stand.site import Web


class Wire:
    """One connection to a web process. Everything has a time limit, so that a test fails rather than hangs."""

    def __init__(self, web: Web, *, buffer: int = 0) -> None:
        self.web = web
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", web.port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def ask(self, line: str, *headers: str, body: bytes = b"") -> None:
        """Send a request: `GET /`, and headers beside Host."""
        head = [f"{line} HTTP/1.1", f"Host: 127.0.0.1:{self.web.port}", *headers]
        self.send("\r\n".join(head).encode("latin1") + b"\r\n\r\n" + body)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def try_to_send(self, data: bytes) -> bool:
        """Whether the server is still there to take it."""
        try:
            self.send(data)
        except OSError:
            return False
        return True

    def has_ended(self) -> bool:
        """Whether the server has hung up by now; what it has said until then is thrown away."""
        self.socket.settimeout(0)
        try:
            while self.socket.recv(65536):
                pass
        except BlockingIOError:
            return False
        except ConnectionError:
            return True
        finally:
            self.socket.settimeout(30)
        return True

    def status(self) -> int:
        """The status of the next answer; 0 when there is none."""
        head = self.until(b"\r\n\r\n")
        return int(head.split()[1]) if head else 0

    def until(self, end: bytes) -> bytes:
        """What comes up to these bytes, or to the end of the connection."""
        found = b""
        while not found.endswith(end) and (byte := self.receive(1)):
            found += byte
        return found

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        found = b""
        while more := self.receive(65536):
            found += more
        return found

    def receive(self, most: int) -> bytes:
        try:
            return self.socket.recv(most)
        except ConnectionError:
            return b""

    def upgrade(self, path: str, *headers: str) -> int:
        """Ask for a WebSocket; the status is 101 where it is granted."""
        self.ask(
            f"GET {path}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Origin: {self.web.url}",
            *headers,
        )
        return self.status()

    def close_code(self) -> int:
        """Read frames up to one that closes, and return its code; 0 when the connection ends without."""
        while len(head := self.exactly(2)) == 2:
            length = head[1] & 0x7F
            if length >= 126:
                size = 2 if length == 126 else 8
                length = int.from_bytes(self.exactly(size), "big")
            payload = self.exactly(length)
            if head[0] & 0x0F == 8:
                return int.from_bytes(payload[:2], "big")
        return 0

    def exactly(self, length: int) -> bytes:
        found = b""
        while len(found) < length and (more := self.receive(length - len(found))):
            found += more
        return found


TEXT, CLOSE, PING, PONG, MORE = 1, 8, 9, 10, 0


def frame(kind: int, payload: bytes = b"", *, last: bool = True) -> bytes:
    """A masked frame, as clients send them (RFC 6455, 5.2)."""
    mask, size = os.urandom(4), len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return bytes([(0x80 if last else 0) | kind]) + length + mask + masked

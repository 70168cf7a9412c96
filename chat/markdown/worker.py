"""The process that renders long texts for a web process: `python -m chat.markdown.worker`, with a socket as its stdin.

Each text and each answer is a message of its length and its bytes. The process has nothing that is worth stealing, and
limits that end it: seconds of work for each text, memory for all. It ends by itself when the socket closes.
"""

import json
import os
import resource
import socket
import time
from contextlib import suppress
from pathlib import Path

from chat.markdown.growing import blocks

BYTES = 256 * 1024 * 1024
"""Of memory: the longest honest text takes a fifth of that."""

_SECONDS = 3
_CHARACTERS_PER_SECOND = 50_000  # on a slow machine; honest texts take a tenth
_LENGTH_BYTES = 8


def seconds(length: int) -> int:
    """Of processor time for a text of so many characters."""
    return _SECONDS + length // _CHARACTERS_PER_SECOND


def send(to: socket.socket, message: bytes) -> None:
    """Raises OSError, TimeoutError among them."""
    to.sendall(len(message).to_bytes(_LENGTH_BYTES, "big") + message)


def received(source: socket.socket, deadline: float) -> bytes:
    """The next message; `deadline` is of the monotonic clock. Raises EOFError, or OSError, TimeoutError among them."""
    length = int.from_bytes(_received(source, _LENGTH_BYTES, deadline), "big")
    return _received(source, length, deadline)


def _received(source: socket.socket, length: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    while length:
        if deadline < float("inf"):
            source.settimeout(max(0.001, deadline - time.monotonic()))
        part = source.recv(min(length, 1024 * 1024))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def main() -> None:
    with suppress(OSError):  # people who wait for short answers come first
        os.nice(5)
    _limit()
    with socket.socket(fileno=0) as peer, suppress(EOFError, ConnectionError):
        while True:
            text = received(peer, float("inf")).decode("utf-8", "surrogatepass")
            _allow(seconds(len(text)))
            send(peer, json.dumps([blocks(text), _has_room()]).encode())


def _limit() -> None:
    with suppress(OSError):  # if memory is short, this process goes first; only Linux knows that
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # which would hold texts
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        with suppress(OSError, ValueError):  # not every system has them
            resource.setrlimit(limit, (BYTES, BYTES))


def _allow(more: int) -> None:
    """Let this process work for so many seconds from now on; then it is ended."""
    used = sum(os.times()[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + more + 1, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _has_room() -> bool:
    """Whether the texts so far have left most of the memory for the next; else a fresh process takes its place."""
    with suppress(OSError):  # only Linux tells what a process holds now
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() < BYTES // 2
    return True


if __name__ == "__main__":
    main()

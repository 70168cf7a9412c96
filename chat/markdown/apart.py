"""Finished texts → HTML, long ones in a process apart, whose end costs one text its looks and nobody their answer."""

import atexit
import json
import logging
import queue
import socket
import subprocess
import sys
import time
from pathlib import Path

from chat.markdown import code, growing, worker
from chat.markdown.rendering import escaped
from chat.markdown.source import clean

logger = logging.getLogger(__name__)

LONGEST_HERE = 16_000
"""Characters that are rendered in this process: so few are done in milliseconds, whatever they are."""
PATIENCE = 4
"""How many times as long as it may work a process may take, on a machine that is busy with other things, too."""
WORKERS = 2

_ROOT = Path(__file__).resolve().parents[2]


def blocks(text: str, *, apart: bool = False) -> list[str]:
    """A finished text → safe HTML, one text per top-level block.

    A long one, or one that may have ended a process already (`apart`), is rendered by another process meanwhile.
    """
    if len(text) <= LONGEST_HERE and not apart:
        return growing.blocks(text)
    try:
        one = _free.get(timeout=PATIENCE * worker.seconds(len(text)))
    except queue.Empty:
        return _given_up(text, "nobody was free for it")
    try:
        return one.blocks(text)
    except (EOFError, OSError) as error:
        one.end()
        return _given_up(text, type(error).__name__)
    finally:
        _free.put(one)


def as_written(text: str) -> list[str]:
    """A finished text as one block that shows it as it is; no parser sees it."""
    return [code.framed("", escaped(clean(text)), colours=False)]


def _given_up(text: str, cause: str) -> list[str]:
    logger.warning("A text of %d characters is shown as it was written: rendering failed (%s).", len(text), cause)
    return as_written(text)


class Worker:
    """A process that renders texts, one after the other; it is started when there is one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The process that is there now, if one is."""
        return self._process.pid if self._process else None

    def blocks(self, text: str) -> list[str]:
        """As `growing.blocks`. Raises EOFError when the process ended, and OSError, TimeoutError among them."""
        peer = self._ready()
        seconds = PATIENCE * worker.seconds(len(text))
        deadline = time.monotonic() + seconds
        peer.settimeout(seconds)
        worker.send(peer, text.encode("utf-8", "surrogatepass"))
        found, has_room = json.loads(worker.received(peer, deadline))
        if not has_room:
            self.end()
        return list(found)

    def end(self) -> None:
        """End the process, whatever it does."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _ready(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self.end()
        return self._socket or self._start()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._socket = ours
            self._process = subprocess.Popen(
                [sys.executable, "-m", worker.__name__],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what a parser says when it fails holds pieces of the text
                cwd=_ROOT,
                env={},  # with no secret in it
                start_new_session=True,  # Ctrl+C is for the web process, whose end closes the socket
            )
        return ours


workers = [Worker() for _ in range(WORKERS)]
_free: queue.LifoQueue[Worker] = queue.LifoQueue()
for _each in workers:
    _free.put(_each)


@atexit.register
def close() -> None:
    """End all of them; the next long text starts one again."""
    for each in workers:
        each.end()

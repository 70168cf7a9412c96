"""A process that renders one text after the other, and tells what each cost; whoever asks survives its end."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple, Self

from chat.markdown import Growing
from chat.markdown.growing import blocks

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 60
STACK_BYTES = 512 * 1024
"""Far less than the threads of a server have on any system but one."""
PIECE = 5_000


class Cost(NamedTuple):
    """What rendering a text took: seconds of work, those of the longest step, MiB; or how the process ended."""

    seconds: float = 0.0
    step: float = 0.0
    mebibytes: float = 0.0
    end: str = ""


class Subject:
    """Starts the process, and again after each of its ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def cost(self, text: str, *, is_growing: bool) -> Cost:
        """Render a text as a whole, or as it grows by pieces, without its own way out into another process."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([text, is_growing]) + "\n")
        process.stdin.flush()
        if answer := process.stdout.readline():
            return Cost(*json.loads(answer))
        number = -process.wait()
        self.end()
        return Cost(end=signal.Signals(number).name if number > 0 else f"exit {-number}")

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            text=True,
        )


def main() -> None:
    threading.stack_size(STACK_BYTES)
    for line in sys.stdin:
        text, is_growing = json.loads(line)
        resource.setrlimit(resource.RLIMIT_CPU, (int(sum(os.times()[:2])) + SECONDS, resource.RLIM_INFINITY))
        thread = threading.Thread(target=_answer, args=(text, is_growing))
        thread.start()
        thread.join()


def _answer(text: str, is_growing: bool) -> None:
    before = _memory("VmRSS", reset=True)
    started = time.thread_time()
    step = _grow(text) if is_growing else _whole(text)
    cost = Cost(time.thread_time() - started, step, max(0, _memory("VmHWM") - before))
    sys.stdout.write(json.dumps(cost) + "\n")
    sys.stdout.flush()


def _whole(text: str) -> float:
    blocks(text)
    return 0.0


def _grow(text: str) -> float:
    growing, longest = Growing(), 0.0
    for at in range(0, len(text), PIECE):
        started = time.thread_time()
        growing.add(text[at : at + PIECE])
        growing.take()
        longest = max(longest, time.thread_time() - started)
    return longest


def _memory(field: str, *, reset: bool = False) -> float:
    """MiB of this process, now or at the most since the last reset; only Linux tells."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(field)) / 1024


if __name__ == "__main__":
    main()

"""Long finished texts are rendered by a process apart, whose end costs one text its looks."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.markdown import apart, as_written, blocks, growing, worker
from tests.markdown.corpus import ANSWER, DEFINED

LONG = f"{ANSWER}\n\n" * (2 * apart.LONGEST_HERE // len(ANSWER))


@pytest.fixture(autouse=True)
def one(monkeypatch: pytest.MonkeyPatch) -> Iterator[apart.Worker]:
    """The only process apart, and a fresh one."""
    one = apart.Worker()
    monkeypatch.setattr(apart, "_free", apart.queue.LifoQueue())
    apart._free.put(one)
    yield one
    one.end()


@pytest.mark.parametrize("text", [LONG, LONG + DEFINED[0], "\ud800\0\r" * 20_000, "```\n" + "a <b>\xa0\n" * 20_000])
def test_a_long_text_looks_as_it_would_here(text: str, one: apart.Worker) -> None:
    assert blocks(text) == growing.blocks(text)
    assert one.pid is not None


def test_a_short_text_is_rendered_here(one: apart.Worker) -> None:
    assert blocks(ANSWER) == growing.blocks(ANSWER)
    assert one.pid is None
    assert blocks(ANSWER, apart=True) == growing.blocks(ANSWER)
    assert one.pid is not None


def test_a_process_that_ends_at_work_costs_one_text_its_looks(
    one: apart.Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    blocks(LONG)
    pid, send = halted(one), worker.send

    def deadly(to: socket.socket, message: bytes) -> None:
        send(to, message)
        os.kill(pid, signal.SIGKILL)

    monkeypatch.setattr(worker, "send", deadly)
    assert blocks(LONG) == as_written(LONG)
    assert f"{len(LONG)} characters is shown as it was written" in caplog.text
    assert ANSWER[:20] not in caplog.text
    monkeypatch.setattr(worker, "send", send)
    assert one.blocks(LONG) == growing.blocks(LONG)
    assert one.pid not in (None, pid)


def test_a_process_that_ended_while_idle_costs_nothing(one: apart.Worker) -> None:
    blocks(LONG)
    assert one._process is not None
    one._process.kill()
    one._process.wait()
    assert blocks(LONG) == growing.blocks(LONG)


def test_a_process_that_takes_too_long_is_ended(one: apart.Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks(LONG)
    pid = halted(one)
    monkeypatch.setattr(apart, "PATIENCE", 0.05)
    assert blocks(LONG) == as_written(LONG)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    monkeypatch.undo()
    assert one.blocks(LONG) == growing.blocks(LONG)


@pytest.mark.usefixtures("one")
def test_nobody_waits_for_ever_for_a_free_process(monkeypatch: pytest.MonkeyPatch) -> None:
    apart._free.get()
    monkeypatch.setattr(apart, "PATIENCE", 0.05)
    assert blocks(LONG) == as_written(LONG)


@pytest.mark.parametrize(
    ("work", "ends"),
    [
        ("worker._allow(0)\nwhile True: pass", [-signal.SIGXCPU, -signal.SIGKILL]),
        ("bytearray(2 * worker.BYTES)", [1]),
    ],
)
def test_time_and_memory_of_that_process_have_limits(work: str, ends: list[int]) -> None:
    program = f"from chat.markdown import worker\nworker._limit()\n{work}"
    root = Path(apart.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True).returncode in ends
    assert worker.BYTES == 256 * 1024 * 1024


def test_that_process_has_no_secret_and_no_file_of_ours(one: apart.Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "only-ours")
    with Path(__file__).open():
        blocks(LONG)
        home = Path(f"/proc/{one.pid}")
        assert b"only-ours" not in (home / "environ").read_bytes()
        opened = [str(each.readlink()) for each in (home / "fd").iterdir()]
    assert len(opened) == 3
    assert sum(name.startswith("socket:") for name in opened) == 1


def test_that_process_ends_with_ours() -> None:
    program = (
        "import os\nfrom chat.markdown import apart\n"
        f"apart.blocks('a ' * {apart.LONGEST_HERE})\n"
        "print([each.pid for each in apart.workers if each.pid][0], flush=True)\nos._exit(0)"
    )
    root = Path(apart.__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    pid = int(ended.stdout)
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], 30)[0]
    finally:
        os.close(handle)


def halted(one: apart.Worker) -> int:
    """Stops the process in its tracks; returns its id."""
    assert one.pid is not None
    os.kill(one.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, one.pid, os.WSTOPPED | os.WNOWAIT)
    return one.pid

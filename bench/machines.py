"""Starts the processes of a run on loopback, each on its core, and ends them again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
END_SECONDS = 5.0


_first, *_others = sorted(os.sched_getaffinity(0))
SERVERS = {_first}
"""The core of the servers, and of their database and Redis."""
OTHERS = set(_others) or {_first}
"""The cores of the upstream and the readers."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str],
    port: int,
    log: Path,
    *,
    core: set[int] = SERVERS,
    env: dict[str, str] | None = None,
    cwd: Path = ROOT,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that listens on `port` when the block begins, and is ended after it. Its output goes to `log`."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            user=user,
            preexec_fn=lambda: os.sched_setaffinity(0, core),
        )
    try:
        _wait_for(child, port, log)
        yield child
    finally:
        _end(child)


def _wait_for(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{child.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _end(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGINT)
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


@contextmanager
def redis(folder: Path) -> Iterator[tuple[str, int]]:
    """A Redis without a disk: its address and its process."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running(command, port, folder / "redis.log", cwd=folder) as child:
        yield f"redis://127.0.0.1:{port}/0", child.pid


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """A fresh PostgreSQL: its address and its first process. It will not be run by root, so then by its own user."""
    user = "postgres" if os.geteuid() == 0 else None
    port, data = free_port(), folder / "postgres"
    data.mkdir(mode=0o700)
    if user:
        for outer in (folder, folder.parent):
            outer.chmod(0o711)
        shutil.chown(data, user)
    initdb = [postgres_program("initdb"), "-D", str(data), "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, cwd=data)
    command = [postgres_program("postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(data)]
    with running(command, port, folder / "postgres.log", cwd=data, user=user) as child:
        yield f"postgresql://bench@127.0.0.1:{port}/postgres", child.pid


def postgres_program(name: str) -> str:
    """The newest installed one: Debian keeps them off the path."""
    known = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return shutil.which(name) or (str(known[-1]) if known else name)


def missing(*programs: str) -> list[str]:
    return [
        name for name in programs if shutil.which(name if name == "redis-server" else postgres_program(name)) is None
    ]

"""Web processes of `make run-cluster`: announced when they serve, and not before."""

import asyncio
import io
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from chat.management.commands.cluster import Command
from magickpen_site import programs
from tests.stand.waiting import until

WEB = """
import os, signal, socket, sys
server = socket.socket()
try:
    server.bind(("127.0.0.1", int(os.environ["PORT"])))
except OSError:
    sys.exit("The port is in use.")
server.listen()
print("MagickPen Chat is on", os.environ["PORT"], flush=True)
signal.pause()
"""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Command:
    """The command, with web processes that do no more than to listen and to say so."""
    (tmp_path / "manage.py").write_text(WEB, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "manage.py")])
    settings.HOST, settings.PORT = "127.0.0.1", programs.free_port()
    return Command(stdout=io.StringIO())


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The first port that will be found free, and that a stranger takes before it is used."""
    free_port = programs.free_port
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        ports = iter([port])
        monkeypatch.setattr(programs, "free_port", lambda: next(ports, None) or free_port())
        yield port


async def test_a_web_process_that_a_stranger_kept_from_its_port_is_not_announced(command: Command, taken: int) -> None:
    async def two() -> bool:
        return len(announced(command)) >= 2

    serving = asyncio.create_task(command.serve(2, dict(os.environ)))
    try:
        await until(two, "two web processes serve")
        pids = announced(command)
        assert len(pids) == 2
        known = [Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in pids]
        assert not any(f"PORT={taken}".encode() in variables for variables in known)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await serving


async def test_a_web_process_that_cannot_serve_ends_the_trial(command: Command) -> None:
    Path(sys.argv[0]).write_text("import sys; sys.exit('The database cannot be used.')", encoding="utf-8")
    with pytest.raises(CommandError, match="ended at its start"):
        await command.serve(1, dict(os.environ))


def announced(command: Command) -> list[int]:
    """The process ids of the web processes that are said to serve."""
    said = command.stdout._out.getvalue()  # type: ignore[attr-defined]
    return [int(pid) for pid in re.findall(r"Web process (\d+) is one of", said)]

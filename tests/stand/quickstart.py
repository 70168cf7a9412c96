"""`manage.py quickstart` in a process of its own, as people start it; the fixtures are named in conftest.py."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C ends the chat."


def hear_interrupts() -> None:
    """As in a terminal: a suite that runs in the background hands down that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Chat:
    """A running `manage.py quickstart`; `said` is what it has printed until it was ready or ended."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{variables['PORT']}"
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "quickstart"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=hear_interrupts,
        )
        self._alarm = Timer(60, self.process.kill)
        self._alarm.start()
        self.said = self._listen()

    def _listen(self) -> str:
        assert self.process.stdout
        said = ""
        for line in self.process.stdout:
            said += line
            if READY in line:
                break
        return said

    def page(self, path: str = "/") -> str:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return str(answer.read().decode())

    def end(self, number: int = signal.SIGINT) -> int:
        """The exit code; what was printed on the way to the end is added to `said`."""
        self.process.send_signal(number)
        self.said += self.process.communicate(timeout=60)[0]
        self._alarm.cancel()
        return self.process.returncode


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an empty database, to be copied: preparing one takes a while."""
    directory = tmp_path_factory.mktemp("prepared")
    variables = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(directory)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=variables, timeout=60, check=True)
    return directory


@pytest.fixture
def data(tmp_path: Path, prepared: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "data"))


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Callable[..., Chat]]:
    """Starts the chat with its data in a new directory; ends whatever still runs."""
    chats: list[Chat] = []

    def start(**variables: str) -> Chat:
        chats.append(Chat({"DATA_DIR": str(tmp_path / "data"), "PORT": str(port)} | variables))
        return chats[-1]

    yield start
    for chat in chats:
        chat.end(signal.SIGKILL)

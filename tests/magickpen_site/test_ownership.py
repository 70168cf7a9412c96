"""Files of a running chat are for its user only, whatever the umask of whoever starts it and whatever was before."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stand.quickstart import ROOT, Chat


@pytest.fixture(autouse=True)
def _generous() -> Iterator[None]:
    """The umask under which most systems start programs; those that a test starts inherit it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(directory: Path) -> dict[str, str]:
    return {path.name: f"{path.stat().st_mode & 0o777:o}" for path in [directory, *directory.rglob("*")]}


def test_all_that_a_first_start_makes_is_its_users(start: Callable[..., Chat], tmp_path: Path) -> None:
    chat = start(CHAT_ADMIN_USERNAME="alice", CHAT_ADMIN_PASSWORD="pen-and-ink-9")
    chat.page("/accounts/login/")
    private = ("chat.sqlite3", "chat.sqlite3-wal", "chat.sqlite3-shm", "secret-key")
    assert modes(tmp_path / "data") == {"data": "700"} | dict.fromkeys(private, "600")


def test_what_was_open_to_others_is_closed_and_said(start: Callable[..., Chat], data: Path) -> None:
    (data / "secret-key").touch()
    (data / "secret-key").write_text("k" * 64, encoding="ascii")
    (data / "of somebody else").touch()
    for path in (data, *data.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o664)
    chat = start()
    chat.page("/accounts/login/")
    for name in ("chat.sqlite3", "secret-key"):
        assert f"{data / name} was open to other users of this machine" in chat.said
    found = modes(data)
    assert {found.pop("data"), found.pop("of somebody else")} == {"755", "664"}
    assert set(found.values()) == {"600"}
    assert {"chat.sqlite3", "chat.sqlite3-wal"} <= set(found)
    chat.end()
    assert "was open" not in start().said


@pytest.mark.parametrize(
    "program",
    ["import magickpen_site.asgi", "import sys, manage; sys.argv = ['manage.py', 'check']; manage.main()"],
)
def test_every_entry_makes_private_files(tmp_path: Path, program: str) -> None:
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path / "data")}
    ending = "import atexit, os; atexit.register(lambda: print(f'umask {os.umask(0):o}'))\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{ending}{program}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "umask 77" in done.stdout

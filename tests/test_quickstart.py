"""One command from nothing to a page, in a process of its own as people start it."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.stand.quickstart import READY, ROOT, Chat


def users(data: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(data / "chat.sqlite3")) as database:
        return database.execute("SELECT username, is_superuser FROM chat_user").fetchall()


def test_the_first_start_leads_to_the_first_administrator(start: Callable[..., Chat]) -> None:
    chat = start()
    assert "bundled practice upstream answers" in chat.said
    link = re.search(rf"{chat.url}(/setup/\w+/)$", chat.said, re.MULTILINE)
    assert link
    assert "<form" in chat.page(link[1])
    style = re.search(r'href="(/static/[^"]+\.css)"', chat.page("/accounts/login/"))
    assert style
    assert chat.page(style[1])


def test_a_second_start_has_nothing_to_prepare(start: Callable[..., Chat]) -> None:
    start().end()
    second = start()
    assert "…" not in second.said
    assert second.page("/healthz")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("data")
def test_it_ends_quietly(start: Callable[..., Chat], number: int) -> None:
    chat = start()
    assert chat.end(number) == 0
    assert chat.said.rstrip().endswith(READY)


def test_the_first_administrator_may_come_from_the_environment(start: Callable[..., Chat], data: Path) -> None:
    admin = {"CHAT_ADMIN_USERNAME": "charlie", "CHAT_ADMIN_PASSWORD": "a quiet green hill"}
    chat = start(**admin)
    assert "Made the administrator charlie." in chat.said
    assert "/setup/" not in chat.said
    assert "quiet" not in chat.said
    chat.end()
    again = start(**admin | {"CHAT_ADMIN_USERNAME": "mallory"})
    assert "mallory" not in again.said
    assert users(data) == [("charlie", 1)]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"CHAT_ADMIN_PASSWORD": "12345678"}, "CHAT_ADMIN_PASSWORD is too weak: This password is too common."),
        ({"CHAT_ADMIN_PASSWORD": "charlie1"}, "CHAT_ADMIN_PASSWORD is too weak: The password is too similar"),
        ({"CHAT_ADMIN_PASSWORD": "k7Q"}, "CHAT_ADMIN_PASSWORD is too weak: This password is too short."),
        ({"CHAT_ADMIN_PASSWORD": ""}, "go together; only one of them is set."),
        ({"CHAT_ADMIN_USERNAME": "", "CHAT_ADMIN_PASSWORD": "a quiet green hill"}, "go together; only one"),
        ({"CHAT_ADMIN_USERNAME": "<b>", "CHAT_ADMIN_PASSWORD": "a quiet green hill"}, "CHAT_ADMIN_USERNAME is no user"),
    ],
)
def test_a_weak_administrator_is_refused(
    start: Callable[..., Chat], data: Path, variables: dict[str, str], sentence: str
) -> None:
    chat = start(**{"CHAT_ADMIN_USERNAME": "charlie"} | variables)
    assert chat.process.wait(10) == 1
    assert sentence in chat.said
    assert "Traceback" not in chat.said
    assert users(data) == []


@pytest.mark.usefixtures("data")
def test_a_configured_upstream_replaces_the_practice_one(start: Callable[..., Chat]) -> None:
    chat = start(MAGICKPEN_URL="http://127.0.0.1:9")
    assert READY in chat.said
    assert "practice" not in chat.said


@pytest.mark.usefixtures("data")
def test_a_port_in_use_is_said_with_what_to_do(start: Callable[..., Chat], port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        chat = start()
        assert chat.process.wait(10) == 1
    assert f"PORT {port} on 127.0.0.1 is in use by another program." in chat.said
    assert f"PORT={port + 1}" in chat.said
    assert "Traceback" not in chat.said


@pytest.mark.usefixtures("data")
def test_an_address_of_another_machine_is_refused(start: Callable[..., Chat]) -> None:
    chat = start(HOST="192.0.2.1")
    assert chat.process.wait(10) == 1
    assert "HOST 192.0.2.1 is no address to listen on" in chat.said
    assert "Traceback" not in chat.said


@pytest.mark.usefixtures("data")
def test_where_any_network_may_connect_the_machine_answers_to_its_own_name(
    start: Callable[..., Chat], port: int
) -> None:
    chat = start(HOST="0.0.0.0")
    assert f"From other machines: http://{socket.gethostname()}:{port}/" in chat.said
    request = urllib.request.Request(f"{chat.url}/accounts/login/", headers={"Host": f"{socket.gethostname()}:{port}"})
    assert urllib.request.urlopen(request, timeout=60).status == 200
    stranger = urllib.request.Request(f"{chat.url}/accounts/login/", headers={"Host": "elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(stranger, timeout=60)


def test_a_file_that_is_no_database_is_said(start: Callable[..., Chat], tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear Alice, " * 100, encoding="utf-8")
    chat = start(DATABASE_URL=f"sqlite:///{tmp_path / 'letter'}")
    assert chat.process.wait(10) == 1
    assert "DATABASE_URL: the database cannot be used: file is not a database" in chat.said
    assert "Traceback" not in chat.said


def test_without_its_packages_it_says_what_to_type() -> None:
    ended = subprocess.run(
        [sys.executable, "-S", "manage.py", "quickstart"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert "Type `make run`" in ended.stderr
    assert "Traceback" not in ended.stderr

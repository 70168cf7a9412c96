import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from chat import practice

ROOT = Path(__file__).parents[2]
COMMANDS = {"module": ["-m", "chat.practice"], "django": ["manage.py", "practice_upstream"]}


@pytest.fixture
def taken_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held.getsockname()[1]


async def test_a_taken_port_is_said_so(taken_port):
    with pytest.raises(practice.CannotListen, match=f"port {taken_port}"):
        async with practice.serving(port=taken_port):
            pass


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 99_999), ("not a host", 0)])
async def test_an_impossible_address_is_said_so(host, port):
    with pytest.raises(practice.CannotListen):
        async with practice.serving(port=port, host=host):
            pass


def test_it_serves_in_a_thread_until_stopped():
    server = practice.serve_in_thread(port=0)
    assert b"practice upstream" in urllib.request.urlopen(server.url, timeout=10).read()
    assert server.api_endpoint == f"{server.url}/ask"
    server.stop()
    server.stop()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(server.url, timeout=10)


def test_a_thread_that_cannot_listen_says_so_to_its_maker(taken_port):
    with pytest.raises(practice.CannotListen):
        practice.serve_in_thread(port=taken_port)


@pytest.mark.parametrize("command", COMMANDS)
async def test_the_command_serves_until_it_is_ended(command, tmp_path):
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "DATA_DIR": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *COMMANDS[command], "--port", "0", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        welcome = (await process.stdout.readline()).decode() + (await process.stdout.readline()).decode()
        url = welcome.split("MAGICKPEN_URL=")[1].split()[0]
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=10).read())
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert b"practice upstream" in page
    assert (process.returncode, errors.decode()) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_says_that_its_port_is_taken(command, taken_port, tmp_path):
    done = subprocess.run(
        [sys.executable, *COMMANDS[command], "--port", str(taken_port)],
        cwd=ROOT, env={**os.environ, "DATA_DIR": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1, port {taken_port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_practice_upstream_needs_no_django():
    program = "import sys, chat.practice.__main__\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "django" not in done.stdout.split()

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chat import providers
from chat.providers import client

ROOT = Path(__file__).parents[2]
ASK = """
import asyncio, atexit, threading
loops = []
atexit.register(lambda: [loop.close() for loop in loops])
from chat import practice, providers
from chat.providers import MagickPen

server = practice.serve_in_thread(port=0, pace=0)
MagickPen.url, MagickPen.api_endpoint = server.url, server.api_endpoint

async def ask():
    messages = [{"role": "user", "content": "Hello"}]
    return "".join([chunk async for chunk in MagickPen.create_async_generator("", messages)])
"""
ENDS = {
    "asyncio.run": "asyncio.run(ask())",
    "twice": "asyncio.run(ask()); asyncio.run(ask())",
    "closed by hand": "async def main():\n    await ask()\n    await providers.close()\nasyncio.run(main())",
    "stopped, not closed": "loops.append(asyncio.new_event_loop())\nloops[0].run_until_complete(ask())",
    "in a thread": "thread = threading.Thread(target=lambda: asyncio.run(ask()))\nthread.start()\nthread.join()",
    "unfinished": (
        "async def main():\n"
        "    stream = MagickPen.create_async_generator('', [{'role': 'user', 'content': '!stall'}])\n"
        "    print(await anext(stream))\n"
        "    global kept; kept = stream\n"
        "asyncio.run(main())"
    ),
}


async def test_one_session_serves_a_loop():
    assert await client.session() is await client.session()


async def test_close_closes_and_the_next_request_opens_again():
    first = await client.session()
    await providers.close()
    assert first.closed
    await providers.close()
    assert not (await client.session()).closed


def test_the_session_ends_with_its_loop():
    sessions = []

    async def use():
        sessions.append(await client.session())

    asyncio.run(use())
    asyncio.run(use())
    assert sessions[0] is not sessions[1]
    assert all(session.closed for session in sessions)
    assert not [loop for loop in client._held if loop.is_closed()]


def test_the_session_of_a_loop_that_was_closed_roughly_is_forgotten():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(client.session())
    loop.close()
    asyncio.run(client.session())
    assert loop not in client._held


@pytest.mark.parametrize("end", ENDS)
def test_a_program_ends_without_a_word_about_unclosed_sessions(end):
    program = f"{ASK}\n{ENDS[end]}\nserver.stop()\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONASYNCIODEBUG": "0"}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_providers_import_neither_django_nor_the_rest_of_chat():
    program = "import sys, chat.providers\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.split(".")[0] in ("chat", "django")}
    assert {name for name in ours if not name.startswith("chat.providers")} == {"chat"}


def test_settings_are_assigned_and_nonsense_is_refused():
    class Pen(providers.MagickPen):
        pass

    providers.PROVIDERS["pen"] = Pen
    try:
        providers.configure({"pen": {"url": "http://127.0.0.1:8100", "proxy": None}})
        assert Pen.url == "http://127.0.0.1:8100"
        with pytest.raises(AttributeError):
            providers.configure({"pen": {"ulr": "http://127.0.0.1:8100"}})
        with pytest.raises(KeyError):
            providers.configure({"pan": {}})
    finally:
        del providers.PROVIDERS["pen"]

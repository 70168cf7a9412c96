"""Serves the practice upstream: until interrupted, inside a running event loop, or in a thread of its own."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from chat.practice.upstream import Upstream

HOST = "127.0.0.1"
PORT = 8100


class CannotListen(Exception):  # noqa: N818
    """The port is taken or the address is none of this machine; str() says so in one sentence."""


@asynccontextmanager
async def serving(port: int = PORT, host: str = HOST, **options: Any) -> AsyncIterator[Upstream]:
    """Serve an `Upstream(**options)` while the block runs. Port 0 takes a free one. Raises CannotListen."""
    upstream = Upstream(**options)
    runner = web.AppRunner(upstream.application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        shown = f"[{host}]" if ":" in host else host
        upstream.url = f"http://{shown}:{runner.addresses[0][1]}"
        yield upstream
    finally:
        await runner.cleanup()


class InThread:
    """A practice upstream in a thread of its own, from `serve_in_thread`."""

    def __init__(self, port: int, host: str, **options: Any) -> None:
        self._started: Future[Upstream] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(port, host, options)), name="practice upstream", daemon=True
        )
        self._thread.start()
        self.upstream = self._started.result()
        self.url = self.upstream.url
        self.api_endpoint = self.upstream.api_endpoint

    def hurry(self) -> None:
        """As an `Upstream`'s, from any thread."""
        self._loop.call_soon_threadsafe(self.upstream.hurry)

    def stop(self) -> None:
        """End the server and its thread; a second call does nothing."""
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    async def _serve(self, port: int, host: str, options: dict[str, Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        try:
            async with serving(port, host, **options) as upstream:
                self._started.set_result(upstream)
                await self._ended.wait()
        except Exception as error:  # handed over to the thread that waits for the start
            if self._started.done():
                raise
            self._started.set_exception(error)


def serve_in_thread(port: int = 0, host: str = HOST, **options: Any) -> InThread:
    """Serve an `Upstream(**options)` in a thread; returns once it listens. Raises CannotListen."""
    return InThread(port, host, **options)


async def run(port: int = PORT, host: str = HOST, **options: Any) -> None:
    """Serve until SIGINT or SIGTERM, and say in the terminal how to use it. Raises CannotListen."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
    async with serving(port, host, **options) as upstream:
        print(_welcome(upstream), flush=True)  # noqa: T201 - this is a terminal program
        await ended.wait()


def _welcome(upstream: Upstream) -> str:
    return (
        f"The practice upstream is listening on {upstream.url}. It invents its answers; nothing leaves this machine.\n"
        f"To use it: MAGICKPEN_URL={upstream.url} MAGICKPEN_API_ENDPOINT={upstream.api_endpoint}\n"
        "Stop it with Ctrl-C."
    )


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    failure = ""
    try:
        await web.TCPSite(runner, host, port, backlog=4096).start()
    except OSError as error:
        failure = error.strerror or str(error)
    except OverflowError:
        failure = "a port is a number from 0 to 65535"
    if failure:
        raise CannotListen(f"The practice upstream cannot listen on {host}, port {port}: {failure}.")

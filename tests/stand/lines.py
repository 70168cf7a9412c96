"""A slow line between a visitor and a web process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.stand.site import Web

PIECE = 4096


@dataclass
class Line:
    """Stands for the web process at its end; its speed may be changed at any time."""

    bytes_per_second: int
    url: str = ""


@asynccontextmanager
async def slow(web: Web, bytes_per_second: int) -> AsyncIterator[Line]:
    """A line to a web process that carries so many bytes a second towards the visitor, and takes in no more."""
    line = Line(bytes_per_second)
    carried: set[asyncio.Future[list[None]]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_slow: bool) -> None:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(PIECE / line.bytes_per_second if is_slow else 0)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection("127.0.0.1", web.port, limit=PIECE)
        both = asyncio.gather(carry(reader, away, is_slow=False), carry(there, writer, is_slow=True))
        carried.add(both)
        with suppress(ConnectionError, asyncio.CancelledError):
            await both
        for end in (writer, away):
            end.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        line.url = f"http://{host}:{port}"
        yield line
        for both in carried:
            both.cancel()
        await asyncio.wait(carried)

"""A slow line between a visitor and a web process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from tests.stand.site import Web

PIECE = 4096


class Line(NamedTuple):
    """Stands for the web process at its end."""

    url: str


@asynccontextmanager
async def slow(web: Web, bytes_per_second: int) -> AsyncIterator[Line]:
    """A line to a web process that carries so many bytes a second towards the visitor, and takes in no more."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: float) -> None:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", web.port, limit=PIECE)
        with suppress(ConnectionError):
            await asyncio.gather(carry(reader, there[1], 0), carry(there[0], writer, PIECE / bytes_per_second))

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield Line(f"http://{host}:{port}")

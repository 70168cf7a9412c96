"""One address for several web processes: each connection is passed on to the next of them that accepts it."""

import asyncio
from contextlib import suppress

PIECE = 64 * 1024

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Balancer:
    """Takes turns among the given ports of this machine. One that refuses is skipped until it listens again."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._turn = 0

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Starts to pass connections on; raises OSError when the address cannot be had."""
        return await asyncio.start_server(self._pass_on, host, port)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there = await self._connect()
            try:
                await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))
            finally:
                there[1].close()
        writer.close()

    async def _connect(self) -> Line:
        for _ in self._ports:
            self._turn = (self._turn + 1) % len(self._ports)
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self._ports[self._turn])
        raise ConnectionRefusedError


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Passes on what comes, no faster than it is taken, and its end."""
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    writer.write_eof()

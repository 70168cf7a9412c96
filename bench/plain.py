"""A plain Channels consumer on Daphne: each chunk of an answer goes out as a frame, and nothing else happens.

This is what a tutorial's consumer costs. Nothing is saved, rendered or checked.
Runs by itself: `BENCH_UPSTREAM=… python -m daphne -p PORT bench.plain:application`.
"""

import asyncio
import os

import aiohttp
import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})
django.setup()

session: aiohttp.ClientSession | None = None


def opened_session() -> aiohttp.ClientSession:
    """One session for all, opened on the running loop."""
    global session
    if session is None:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    return session


class Relay(AsyncWebsocketConsumer):
    """Answers each frame with a stream of frames."""

    answering: asyncio.Task[None] | None = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self.answering = asyncio.create_task(self.answer(text_data or ""))

    async def answer(self, prompt: str) -> None:
        async with opened_session().post(f"{os.environ['BENCH_UPSTREAM']}/ask", json={"query": prompt}) as response:
            async for chunk in response.content.iter_any():
                await self.send(chunk.decode())

    async def disconnect(self, code: int) -> None:
        if self.answering is not None:
            self.answering.cancel()


application = ProtocolTypeRouter({"websocket": Relay.as_asgi()})

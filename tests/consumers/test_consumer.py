"""What the socket's consumer relies on in Channels, whose way to hand messages over it replaces by its own."""

from typing import Any

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer

from chat.consumers import conversation

pytestmark = pytest.mark.django_db(transaction=True)  # Channels looks at the connections after every message

SAID: list[dict[str, Any]] = [
    {"type": "websocket.connect"},
    {"type": "websocket.receive", "text": "Hello"},
    {"type": "websocket.receive", "bytes": b"Hello", "text": None},
    {"type": "websocket.disconnect", "code": 1000},
]


class Theirs(AsyncWebsocketConsumer):
    """A consumer as Channels runs it, which repeats what it is told."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=text_data, bytes_data=bytes_data)


class Ours(Theirs):
    """The same, run as the socket of a page is."""

    __call__ = conversation.ConversationConsumer.__call__

    def leave(self) -> None:
        """Has nowhere to leave."""


async def answers(consumer: AsyncWebsocketConsumer) -> list[dict[str, Any]]:
    """What a consumer sends when it is told what stands in SAID."""
    messages, sent = iter(SAID), []

    async def receive() -> dict[str, Any]:
        return dict(next(messages))

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await consumer({"type": "websocket"}, receive, send)
    return sent


async def test_a_consumer_answers_as_channels_would_have_it_answer() -> None:
    theirs = await answers(Theirs())
    assert [message["type"] for message in theirs] == ["websocket.accept", "websocket.send", "websocket.send"]
    assert await answers(Ours()) == theirs


async def test_channels_prepares_a_consumer_with_nothing_that_ours_lacks() -> None:
    theirs, ours = Theirs(), Ours()
    await answers(theirs)
    await answers(ours)
    channel = {"channel_layer", "channel_name", "channel_receive"}  # which pages do without, see chat.live
    assert set(vars(theirs)) - channel == set(vars(ours))


def test_channels_knows_no_other_messages() -> None:
    handlers = {name for name in dir(AsyncWebsocketConsumer) if name.startswith("websocket_")}
    assert handlers == {"websocket_connect", "websocket_receive", "websocket_disconnect"}

"""Stop: from any page, at once, and the text stays."""

import asyncio
import uuid

import pytest

from chat import conversations
from chat.models import Message, State, User
from chat.practice.upstream import Upstream
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests.page import Page

pytestmark = pytest.mark.django_db(transaction=True)


async def test_stop_keeps_the_text_and_closes_the_upstream(engine: Engine, alice: User, upstream: Upstream) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Tell me !stall")
    async with Page(alice, asked.prompt.conversation_id) as page, Page(alice, asked.prompt.conversation_id) as other:
        await page.until(lambda frame: frame.get("rev", 0) >= 2)
        await other.say(type="stop")
        stopped = await page.settled()
        assert (await other.settled()).pk == stopped.pk
    assert stopped.state == State.STOPPED
    assert stopped.text
    assert stopped.html
    async with asyncio.timeout(5):
        await upstream.until(lambda: upstream.live == 0)


async def test_stop_before_the_first_word(engine: Engine, alice: User, upstream: Upstream) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "!silent")
    async with asyncio.timeout(5):
        await upstream.until(lambda: upstream.live == 1)
        await conversations.stop(alice, asked.prompt.conversation_id)
        await upstream.until(lambda: upstream.live == 0)
    reply = await Message.objects.aget(pk=asked.reply.pk)
    assert (reply.state, reply.text) == (State.STOPPED, "")


async def test_stop_when_nothing_is_live_does_nothing(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Quick")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
        await page.say(type="stop")
        await page.say(type="nonsense")
        await page.refusal()
    assert (await Message.objects.aget(pk=reply.pk)).state == State.COMPLETE


async def test_a_row_stopped_elsewhere_is_noticed(engine: Engine, alice: User, upstream: Upstream) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Tell me !stall")
    await upstream.until(lambda: upstream.live == 1)
    await Message.objects.filter(pk=asked.reply.pk).aupdate(state=State.STOPPED, lease=None)
    async with asyncio.timeout(5):
        await upstream.until(lambda: upstream.live == 0)
    assert asked.reply.pk not in engine.runs


async def test_a_stranger_cannot_stop(engine: Engine, alice: User, bob: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "!stall")
    with pytest.raises(Refused):
        await conversations.stop(bob, asked.prompt.conversation_id)
    assert (await Message.objects.aget(pk=asked.reply.pk)).is_live

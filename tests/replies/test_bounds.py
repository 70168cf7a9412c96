"""Whatever an answer repeats, it does not keep the event loop from others for much longer than a harmless one does."""

import asyncio
import threading
import uuid
from typing import Any

import pytest

from chat import conversations, replies
from chat.markdown import apart
from chat.messages import fragments
from chat.models import Message, State, User
from chat.practice.upstream import Upstream
from chat.replies.engine import Engine
from tests.fuzz.texts import HARMLESS, LARGEST
from tests.page import Page

pytestmark = pytest.mark.django_db(transaction=True)

LATER = 12
SHORTEST = 0.05
"""Seconds: less is the noise of a busy machine."""
REPEATED = ["~", "\\[", "a@b.c ", "> ", "$a", "\\[\n", "[^1]: x\n", '"']


async def lag_of(alice: User, upstream: Upstream, text: str) -> float:
    """The longest time for which the loop stood still while this was answered."""
    upstream.given["Go!"] = text
    asked = await conversations.start(alice, uuid.uuid4(), "Go!")
    ticking = asyncio.create_task(longest_tick())
    async with Page(alice, asked.prompt.conversation_id) as page:
        async with asyncio.timeout(120):
            while (reply := await Message.objects.aget(pk=asked.reply.pk)).is_live:
                await asyncio.sleep(0)
        assert page.is_open
    ticking.cancel()
    assert (reply.state, reply.text) == (State.COMPLETE, text)
    return await ticking


async def longest_tick() -> float:
    clock, longest = asyncio.get_running_loop().time, 0.0
    try:
        while True:
            before = clock()
            await asyncio.sleep(0.001)
            longest = max(longest, clock() - before)
    except asyncio.CancelledError:
        return longest


async def test_the_loop_goes_on_beside_any_answer(engine: Engine, alice: User, upstream: Upstream) -> None:
    harmless = max([await lag_of(alice, upstream, HARMLESS) for _ in range(2)])
    for piece in REPEATED:
        text = (piece * (LARGEST // len(piece) + 1))[:LARGEST]
        lag = await lag_of(alice, upstream, text)
        assert lag < LATER * max(harmless, SHORTEST), repr(piece)


async def test_nothing_reads_a_first_text_before_it_is_committed(
    engine: Engine, alice: User, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ended by reading it would ask for it again, if it were not there."""
    kept: list[str] = []
    render = engine._render

    async def looking(runs: list[Any]) -> Any:
        kept.extend([(await Message.objects.aget(pk=run.reply.pk)).text for run in runs])
        return await render(runs)

    monkeypatch.setattr(engine, "_render", looking)
    upstream.given["Go!"] = "Some words"
    asked = await conversations.start(alice, uuid.uuid4(), "Go!")
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.settled()
    assert kept
    assert all(kept)


async def test_what_an_ended_process_has_left_is_never_rendered_here(
    engine: Engine, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Tell me !silent")
    replies.drop(asked.reply.pk)
    await Message.objects.filter(pk=asked.reply.pk).aupdate(text="**a** word", lease=uuid.uuid4())
    with monkeypatch.context() as forbidding:
        forbidding.setattr(apart.growing, "blocks", lambda text: pytest.fail("it was rendered here"))
        async with Page(alice, asked.prompt.conversation_id) as page:
            reply = await page.settled()
            while "<strong>" not in reply.html:
                reply = await Message.objects.aget(pk=reply.pk)
    assert reply.state == State.INTERRUPTED
    assert reply.html == fragments.settled_body(reply.dom_id, reply.text)


async def test_a_long_text_of_an_earlier_release_is_rendered_beside_the_loop(
    engine: Engine, alice: User, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.given["Go!"] = HARMLESS[: apart.LONGEST_HERE + 1]
    asked = await conversations.start(alice, uuid.uuid4(), "Go!")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
    await Message.objects.filter(pk=reply.pk).aupdate(html="", html_version=0)
    threads: list[threading.Thread] = []
    blocks = apart.Worker.blocks
    monkeypatch.setattr(
        apart.Worker, "blocks", lambda one, text: threads.append(threading.current_thread()) or blocks(one, text)
    )
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.settled()
    assert [thread.name.partition("_")[0] for thread in threads] == ["chat-markdown"]
    assert (await Message.objects.aget(pk=reply.pk)).html == reply.html

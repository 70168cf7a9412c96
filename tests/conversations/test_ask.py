"""Asking: a prompt is stored once, answered once, and the answer outlives the page."""

import asyncio
import threading
import uuid

import pytest

from chat import conversations, database, markdown
from chat.models import Conversation, Message, State, User
from chat.practice.upstream import Upstream
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests.page import Page, html_of
from tests.stand.answers import told
from tests.talks import settled

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_first_prompt_begins_a_conversation_and_is_answered(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Explain rainbows\nwith an experiment")
    reply = await settled(asked.reply)
    conversation = await Conversation.objects.aget(owner=alice)
    assert conversation.title == "Explain rainbows"
    assert (reply.state, reply.provider, reply.model) == (State.COMPLETE, "magickpen", "gpt-4o-mini")
    assert len(reply.text) > 100


async def test_the_answer_is_complete_though_nobody_watches(engine: Engine, alice: User) -> None:
    prompt = "!size=3000 !pace=1 please"
    asked = await conversations.start(alice, uuid.uuid4(), prompt)
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.until(lambda frame: frame.get("rev", 0) > 2)
    reply = await settled(asked.reply)
    assert reply.state == State.COMPLETE
    assert reply.text == told(prompt)


async def test_a_repeated_key_is_one_prompt_and_one_answer(engine: Engine, alice: User, upstream: Upstream) -> None:
    key = uuid.uuid4()
    first = await conversations.start(alice, key, "Once")
    again = await conversations.start(alice, key, "Once")
    await settled(first.reply)
    assert again.prompt.pk == first.prompt.pk
    assert again.reply.pk == first.reply.pk
    assert not again.is_new
    assert await Message.objects.acount() == 2
    assert upstream.posts == 1


async def test_a_key_repeated_over_the_socket_shows_what_exists(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "First")
    await settled(asked.reply)
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        key = await page.ask("Second")
        await page.settled()
        await page.ask("Second", key)
        frame = await page.until(lambda frame: f'id="m-{key}"' in html_of(frame))
    assert frame["type"] == "fragments"
    assert await Message.objects.filter(key=key).acount() == 1
    assert await Message.objects.acount() == 4


async def test_the_same_key_of_another_user_is_another_conversation(engine: Engine, alice: User, bob: User) -> None:
    key = uuid.uuid4()
    hers = await conversations.start(alice, key, "Mine")
    his = await conversations.start(bob, key, "Mine")
    assert hers.prompt.conversation_id != his.prompt.conversation_id


async def test_while_a_reply_is_written_another_prompt_is_refused(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "!stall")
    with pytest.raises(Refused) as refusal:
        await conversations.ask(alice, asked.prompt.conversation_id, uuid.uuid4(), "Too early")
    assert refusal.value.reason == "busy"
    assert await Message.objects.acount() == 2


async def test_two_prompts_in_the_same_moment_are_one_prompt_and_one_refusal(engine: Engine, alice: User) -> None:
    first = await conversations.start(alice, uuid.uuid4(), "Hello")
    await settled(first.reply)
    both = [
        conversations.ask(alice, first.prompt.conversation_id, uuid.uuid4(), text) for text in ("!stall", "!stall !")
    ]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Asked", "Refused"]
    assert await Message.objects.acount() == 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "invalid"),
        ("  \n ", "invalid"),
        ("nul \x00", "invalid"),
        ("half \ud83d of a pair", "invalid"),
        ("long" * 5000, "length"),
    ],
)
async def test_a_prompt_that_is_none_is_refused_and_nothing_is_stored(
    engine: Engine, alice: User, text: str, reason: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await conversations.start(alice, uuid.uuid4(), text)
    assert refusal.value.reason == reason
    assert refusal.value.text
    assert await Conversation.objects.acount() == 0


async def test_a_stranger_cannot_ask(engine: Engine, alice: User, bob: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Private")
    await settled(asked.reply)
    with pytest.raises(Refused) as refusal:
        await conversations.ask(bob, asked.prompt.conversation_id, uuid.uuid4(), "Let me in")
    assert refusal.value.reason == "not_found"


async def test_the_upstream_is_told_the_history(engine: Engine, alice: User, upstream: Upstream) -> None:
    first = await conversations.start(alice, uuid.uuid4(), "My name is Alice")
    first_reply = await settled(first.reply)
    second = await conversations.ask(alice, first.prompt.conversation_id, uuid.uuid4(), "What is my name?")
    await settled(second.reply)
    prompt = upstream.asked[-1]
    assert prompt.startswith("User: My name is Alice\nAssistant: " + first_reply.text[:20])
    assert prompt.endswith("User: What is my name?\nAssistant:")


async def test_what_is_shown_was_committed_before(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "!size=2000 !pace=2")
    async with Page(alice, asked.prompt.conversation_id) as page:
        for _ in range(8):
            frame = await page.frame()
            stored = await database.run(Message.objects.get, pk=frame["pk"])
            assert stored.rev >= frame["rev"]


async def test_a_nul_from_the_upstream_is_replaced(
    engine: Engine, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def speak(*args: object, **options: object):  # type: ignore[no-untyped-def]
        yield "before\x00after"

    monkeypatch.setattr("chat.providers.MagickPen.create_async_generator", speak)
    asked = await conversations.start(alice, uuid.uuid4(), "Say nothing")
    reply = await settled(asked.reply)
    assert reply.text == "before\ufffdafter"


async def test_the_live_page_ends_as_a_reload_shows_it(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Show me code in Python")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
        last = html_of(page.frames[-1])
    assert reply.html
    assert reply.html in last
    assert all(block in reply.html for block in markdown.blocks(reply.text))


async def test_any_text_is_stored_as_it_came(engine: Engine, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = ['a "quote", {braces}, back\\slash, NULL', "'apostrophe' %s %% ", "Привет 🖋️\n", "\\N,\\,{}\t\r\n", " $1 ?"]

    async def speak(*args: object, **options: object):  # type: ignore[no-untyped-def]
        for piece in pieces:
            yield piece

    monkeypatch.setattr("chat.providers.MagickPen.create_async_generator", speak)
    asked = await conversations.start(alice, uuid.uuid4(), "Say awkward things")
    assert (await settled(asked.reply)).text == "".join(pieces)


async def test_a_prompt_that_is_being_stored_when_its_page_leaves_is_answered_at_once(
    engine: Engine, alice: User
) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    await settled(begun.reply)
    for watch in engine._tasks[1:]:  # which would find it after a while
        watch.cancel()
    is_busy, may_go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(is_busy.set)
        may_go_on.wait(10)

    async with Page(alice, begun.prompt.conversation_id) as page:
        await page.settled()
        other = database.submit(work)
        await is_busy.wait()
        key = await page.ask("Hello again")
        while database._jobs.empty():
            await asyncio.sleep(0)
    may_go_on.set()
    await other
    async with asyncio.timeout(10):
        while (prompt := await Message.objects.filter(key=key).afirst()) is None:
            await asyncio.sleep(0.02)
    reply = await settled(await Message.objects.aget(parent=prompt))
    assert reply.state == State.COMPLETE

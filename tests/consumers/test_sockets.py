"""The WebSocket door: who may join, what nonsense is answered with, and that the socket lives on."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from chat import conversations
from chat.consumers import patrol, tasks
from chat.models import Conversation, Message, User
from chat.replies.engine import Engine
from tests.page import Page, html_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def asked(engine: Engine, alice: User) -> conversations.Asked:
    """A conversation of Alice's with one finished answer."""
    asked = await conversations.start(alice, uuid.uuid4(), "Hello there")
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.settled()
    return asked


async def test_joining_shows_what_comes_after(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        frame = await page.frame()
    assert frame["pk"] == asked.reply.pk
    async with Page(alice, asked.prompt.conversation_id) as page:
        frames = [await page.frame(), await page.frame()]
    assert [frame["pk"] for frame in frames] == [asked.prompt.pk, asked.reply.pk]


async def test_a_stranger_is_told_nothing(asked: conversations.Asked, bob: User) -> None:
    async with Page(bob, asked.prompt.conversation_id) as page:
        assert (await page.frame())["reason"] == "not_found"
        assert (await page.frame())["code"] == 4404
        assert "Hello" not in json.dumps(page.frames)


async def test_a_conversation_that_never_was_looks_the_same(asked: conversations.Asked, bob: User) -> None:
    async with Page(bob, uuid.uuid4()) as page:
        assert (await page.frame())["reason"] == "not_found"
        assert (await page.frame())["code"] == 4404


async def test_nobody_without_a_session_joins(asked: conversations.Asked) -> None:
    async with Page(None, asked.prompt.conversation_id) as page:
        assert (await page.frame())["reason"] == "signed_out"
        assert (await page.frame())["code"] == 4401


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "http://localhost",
        "http://localhost:8001",
        "https://localhost:8000",
        "ftp://localhost:8000",
        "http://localhost:8000.evil.example",
        "http://evil.example:8000",
    ],
)
async def test_another_origin_is_refused(asked: conversations.Asked, alice: User, origin: str | None) -> None:
    async with Page(alice, asked.prompt.conversation_id, origin=origin) as page:
        assert not page.is_open


NONSENSE = [
    " ",
    "not json",
    "[]",
    "null",
    '"ask"',
    "{}",
    '{"type":null}',
    '{"type":["ask"]}',
    '{"type":"fly"}',
    '{"type":"ask"}',
    '{"type":"ask","key":"1","text":"x"}',
    '{"type":"ask","key":5,"text":"x"}',
    '{"type":"ask","key":"5f0f3c1c-6a54-4f0a-9a5e-5d3c8a0b7f11"}',
    '{"type":"ask","key":"5f0f3c1c-6a54-4f0a-9a5e-5d3c8a0b7f11","text":7}',
    '{"type":"ask","key":"5f0f3c1c-6a54-4f0a-9a5e-5d3c8a0b7f11","text":"\\u0000"}',
    '{"type":"ask","key":"5f0f3c1c-6a54-4f0a-9a5e-5d3c8a0b7f11","text":"\\ud800"}',
    '{"type":"ask","key":"5f0f3c1c-6a54-4f0a-9a5e-5d3c8a0b7f11","text":""}',
    '{"type":"retry"}',
    '{"type":"retry","pk":"x"}',
    '{"type":"retry","pk":-1}',
    '{"type":"retry","pk":1.5}',
    '{"type":"retry","pk":true}',
    '{"type":"retry","pk":1e999}',
    '{"type":"ack","rev":NaN}',
    '{"type":"retry","pk":99999999999999999999}',
    '{"type":"retry","pk":' + "9" * 5000 + "}",
    "[" * 30_000,
]


@pytest.mark.parametrize("text", NONSENSE)
async def test_nonsense_is_refused_and_the_socket_lives_on(asked: conversations.Asked, alice: User, text: str) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        await page.socket.send_to(text_data=text)
        refusal = await page.refusal()
        assert refusal["reason"] == "invalid"
        assert refusal["text"]
        key = await page.ask("Still there?")
        await page.until(lambda frame: f'id="m-{key}"' in html_of(frame))
    assert await Message.objects.acount() == 4


async def test_binary_frames_are_refused(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        await page.socket.send_to(bytes_data=b"\x00\x01")
        assert (await page.refusal())["reason"] == "invalid"


async def test_an_oversized_frame_is_refused(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        key = await page.ask("x" * 70_000)
        refusal = await page.refusal()
    assert (refusal["reason"], refusal["key"]) == ("length", str(key))


@pytest.mark.parametrize("kind", ["retry", "continue", "edit"])
async def test_a_message_of_another_conversation_is_not_there(
    asked: conversations.Asked, engine: Engine, alice: User, bob: User, kind: str
) -> None:
    his = await conversations.start(bob, uuid.uuid4(), "Mine")
    fields: dict[str, Any] = {"pk": his.prompt.pk if kind == "edit" else his.reply.pk}
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        await page.say(type=kind, key=str(uuid.uuid4()), text="mine now", **fields)
        assert (await page.refusal())["reason"] == "not_found"


async def test_a_refusal_names_the_key(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        key = await page.ask(" ")
        assert (await page.refusal())["key"] == str(key)


async def test_words_come_in_the_language_of_the_browser(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk, language="ru") as page:
        await page.say(type="nonsense")
        assert (await page.refusal())["text"].startswith("Сервер")


async def test_signing_out_closes_the_socket(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        await page.frame()
        await _end_session(page.session_key)
        await patrol.walk_round()
        assert (await page.until(lambda frame: frame["type"] == "closed"))["code"] == 4401


async def test_a_command_after_signing_out_is_refused(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        await page.frame()
        await _end_session(page.session_key)
        await page.ask("Am I still here?")
        assert (await page.refusal())["reason"] == "signed_out"
    assert await Message.objects.acount() == 2


async def test_a_new_password_and_deactivation_close_the_socket(asked: conversations.Asked, alice: User) -> None:
    for change in ({"password": "another"}, {"is_active": False}):
        async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
            await page.frame()
            await User.objects.filter(pk=alice.pk).aupdate(**change)
            await patrol.walk_round()
            assert (await page.until(lambda frame: frame["type"] == "closed"))["code"] == 4401
        await alice.asave()


async def test_a_lost_message_is_healed_by_the_patrol(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        await page.frame()
        await Message.objects.filter(pk=asked.reply.pk).aupdate(text="changed elsewhere", rev=90, html_version=0)
        await patrol.walk_round()
        await patrol.walk_round()
        frame = await page.until(lambda frame: frame.get("rev") == 90)
    assert "changed elsewhere" in html_of(frame)


async def test_a_deleted_conversation_says_so(asked: conversations.Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id, after=asked.reply.pk) as page:
        await page.frame()
        await Conversation.objects.all().adelete()
        await page.ask("Hello?")
        assert (await page.refusal())["reason"] == "not_found"
        assert (await page.frame())["code"] == 4404


async def _end_session(key: str) -> None:
    from django.contrib.sessions.models import Session

    await Session.objects.filter(pk=key).adelete()


async def test_an_error_of_ours_is_logged_even_when_the_page_has_left(caplog: pytest.LogCaptureFixture) -> None:
    may_fail = asyncio.Event()

    async def command() -> None:
        await may_fail.wait()
        raise ZeroDivisionError

    page = asyncio.create_task(tasks.to_the_end(command()))
    await asyncio.sleep(0)
    page.cancel()
    await asyncio.wait([page])
    may_fail.set()
    await asyncio.wait([*tasks._begun])
    await asyncio.sleep(0)
    assert "after its page had left" in caplog.text
    assert "ZeroDivisionError" in caplog.text

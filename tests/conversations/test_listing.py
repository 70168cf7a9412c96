"""The list stays fresh in every tab: what changes in it is told to all pages of its owner, and to nobody else."""

import uuid
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient

from chat import conversations, live
from chat.models import Conversation, User
from chat.replies.engine import Engine
from tests.page import Page
from tests.talks import settled, talk

pytestmark = pytest.mark.django_db(transaction=True)


def is_list(frame: dict[str, Any]) -> bool:
    return bool(frame["type"] == "list")


async def row(page: Page, conversation_id: uuid.UUID) -> str:
    """What the next frame about this conversation's row says."""
    frame = await page.until(lambda frame: is_list(frame) and frame["id"] == str(conversation_id))
    return str(frame["row"])


async def test_a_reply_is_told_to_pages_that_show_another_conversation(engine: Engine, alice: User) -> None:
    elsewhere = await database_sync_to_async(talk)(alice, "Hello", "Answer")
    async with Page(alice, elsewhere.pk) as page:
        await page.until(lambda frame: frame["type"] == "fragments")
        begun = await conversations.start(alice, uuid.uuid4(), "Hello")
        talked = begun.prompt.conversation_id
        assert [await row(page, talked) for _ in range(2)] == ["live", "settled"]
        await settled(begun.reply)
        await conversations.retry(alice, talked, begun.reply.pk)
        assert [await row(page, talked) for _ in range(2)] == ["live", "settled"]
        await conversations.ask(alice, talked, uuid.uuid4(), "!stall")
        assert await row(page, talked) == "live"
        await conversations.stop(alice, talked)
        assert await row(page, talked) == "settled"
        stalled = await begun.prompt.conversation.messages.alast()
        assert stalled is not None
        await conversations.ask(alice, talked, uuid.uuid4(), "Tell me !cut")
        assert [await row(page, talked) for _ in range(2)] == ["live", "settled"]
        cut = await begun.prompt.conversation.messages.alast()
        assert cut is not None
        await conversations.go_on(alice, talked, cut.pk)
        assert [await row(page, talked) for _ in range(2)] == ["live", "settled"]


async def test_a_form_is_told_to_all_pages_of_its_owner_and_to_no_other(engine: Engine, alice: User, bob: User) -> None:
    hers, his = await database_sync_to_async(talk)(alice, "Hello"), await database_sync_to_async(talk)(bob, "Hello")
    browser = AsyncClient()
    await browser.aforce_login(alice)
    async with Page(alice, hers.pk) as one, Page(alice, hers.pk) as two, Page(bob, his.pk) as bobs:
        for page in (one, two, bobs):
            await page.until(lambda frame: frame["type"] == "fragments")
        await browser.post("/conversations/", {"action": "rename", "id": str(hers.pk), "title": "New"})
        for page in (one, two):
            assert (await page.until(is_list))["row"] == ""
        await two.say(type="look")
        assert await row(one, hers.pk) == "seen"
        assert await bobs.socket.receive_nothing(timeout=0.2)


async def test_a_page_that_has_left_is_told_nothing(engine: Engine, alice: User) -> None:
    conversation = await database_sync_to_async(talk)(alice, "Hello")
    async with Page(alice, conversation.pk) as page:
        await page.until(lambda frame: frame["type"] == "fragments")
        assert alice.pk in live._pages
    assert alice.pk not in live._pages


async def test_the_list_alone_is_what_stands_beside_a_page(engine: Engine, alice: User) -> None:
    conversation = await database_sync_to_async(talk)(alice, "Hello", title="A talk")
    browser = AsyncClient()
    await browser.aforce_login(alice)
    alone = (await browser.get("/conversations/beside/")).content.decode().strip()
    whole = (await browser.get("/")).content.decode()
    assert alone.startswith("<nav")
    assert alone in whole
    assert str(conversation.pk) in alone
    assert await Conversation.objects.acount() == 1


async def test_a_socket_that_did_not_ask_for_the_list_hears_nothing_of_it(engine: Engine, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    async with Page(alice, begun.prompt.conversation_id, asks_for="") as page:
        await page.settled()
        await page.ask("Again")
        await page.settled()
    assert {frame["type"] for frame in page.frames} == {"fragments"}

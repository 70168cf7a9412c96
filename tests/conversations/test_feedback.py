"""Feedback: an answer is called good or bad by its owner, with a reason, and administrators find it."""

import uuid

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient, Client

from chat import conversations, inputs
from chat.conversations import Asked
from chat.models import Author, Message, User
from chat.replies.engine import Engine
from tests.page import Page, html_of
from tests.talks import settled, talk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def asked(engine: Engine, alice: User) -> Asked:
    """Alice's conversation with one settled answer."""
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    await settled(begun.reply)
    return begun


@pytest.fixture
async def browser(alice: User) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(alice)
    return client


async def judge(browser: AsyncClient, asked: Asked, action: str, **fields: str) -> Message:
    place = asked.prompt.conversation.get_absolute_url()
    response = await browser.post(place, {"action": f"{action}:{asked.reply.pk}", **fields})
    assert (response.status_code, response["Location"]) == (303, f"{place}#a-{asked.reply.pk}")
    return await Message.objects.aget(pk=asked.reply.pk)


async def test_a_verdict_is_given_changed_and_taken_back(asked: Asked, browser: AsyncClient) -> None:
    assert (await judge(browser, asked, "up")).verdict == "up"
    assert (await judge(browser, asked, "down")).verdict == "down"
    commented = await judge(browser, asked, "comment", **{f"text-{asked.reply.pk}": " Too\n short ", "text-1": "other"})
    assert (commented.verdict, commented.comment) == ("down", "Too short")
    page = (await browser.get(asked.prompt.conversation.get_absolute_url())).content.decode()
    assert "Your comment" in page
    assert "Too short</textarea>" in page
    back = await judge(browser, asked, "down")
    assert (back.verdict, back.comment) == ("", "")


async def test_a_verdict_shows_in_every_tab_and_is_no_news(asked: Asked, alice: User) -> None:
    conversation_id = asked.prompt.conversation_id
    async with Page(alice, conversation_id) as one, Page(alice, conversation_id) as two:
        await one.settled()
        await two.settled()
        await one.say(type="up", pk=asked.reply.pk)
        for page in (one, two):
            frame = await page.until(lambda frame: 'aria-pressed="true"' in html_of(frame))
            assert frame["pk"] == asked.reply.pk
        assert not [frame for frame in two.frames if frame["type"] == "list"]


async def test_only_settled_answers_of_ones_own_are_judged(engine: Engine, alice: User, bob: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "!stall")
    his = await database_sync_to_async(talk)(bob, "Hello", "Answer")
    answer = await his.messages.aget(author=Author.ASSISTANT)
    async with Page(alice, begun.prompt.conversation_id) as page:
        for pk, reason in ((begun.reply.pk, "busy"), (begun.prompt.pk, "not_found"), (answer.pk, "not_found")):
            await page.say(type="up", pk=pk)
            assert (await page.refusal())["reason"] == reason
    assert not await Message.objects.exclude(verdict="").aexists()


async def test_a_comment_keeps_only_what_is_text(asked: Asked, browser: AsyncClient, alice: User) -> None:
    await judge(browser, asked, "down")
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.say(type="comment", pk=asked.reply.pk, text=" Too\ud800 \x00\r\nshort ")
        await page.until(lambda frame: "Too short</textarea>" in html_of(frame))
    await judge(browser, asked, "comment", text="x" * 5000)
    assert (await Message.objects.aget(pk=asked.reply.pk)).comment == "x" * inputs.longest(Message, "comment")
    shown = (await browser.get(asked.prompt.conversation.get_absolute_url())).content.decode()
    assert f'maxlength="{inputs.longest(Message, "comment")}"' in shown


async def test_a_comment_needs_a_verdict(asked: Asked, alice: User) -> None:
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.say(type="comment", pk=asked.reply.pk, text="Why")
        assert (await page.refusal())["reason"] == "state"


def test_administrators_find_verdicts_and_read_comments(client: Client, alice: User, charlie: User) -> None:
    rows = [talk(alice, "Hello", "Answer", title=title) for title in ("Praised", "Blamed", "Silent")]
    for row, verdict, comment in zip(rows, ("up", "down", ""), ("", "Wrong year", ""), strict=True):
        row.messages.filter(author=Author.ASSISTANT).update(verdict=verdict, comment=comment)
    client.force_login(charlie)
    for query, titles in (("up", {"Praised"}), ("down", {"Blamed"}), ("said", {"Blamed"})):
        page = client.get(f"/admin/chat/conversation/?verdict={query}").content.decode()
        assert {row.title for row in rows if f">{row.title}</a>" in page} == titles
    transcript = client.get(f"/admin/chat/conversation/{rows[1].pk}/change/", follow=True).content.decode()
    assert "Called bad by the reader." in transcript
    assert "Wrong year" in transcript
    assert "comment:" not in transcript

"""What may be continued is one rule: an answer without an end that nothing builds on, at the page and at the verb."""

import uuid

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient

from chat import conversations
from chat.models import Message, State, User
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests import talks
from tests.page import Page, html_of
from tests.talks import settled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def cut(engine: Engine, alice: User) -> Message:
    """An answer to Alice that broke off."""
    asked = await conversations.start(alice, uuid.uuid4(), "Explain rainbows !cut")
    return await settled(asked.reply)


def offer(message: Message) -> str:
    return f'value="continue:{message.pk}"'


async def page_of(user: User, message: Message, query: str = "") -> str:
    browser = AsyncClient()
    await browser.aforce_login(user)
    return (await browser.get(f"/c/{message.conversation_id}/{query}")).content.decode()


async def follow(user: User, message: Message) -> conversations.Asked:
    """Asks something after this answer, and waits for what is said to it."""
    asked = await conversations.ask(user, message.conversation_id, uuid.uuid4(), "And then?")
    await settled(asked.reply)
    return asked


async def test_the_last_answer_is_offered_and_taken(cut: Message, alice: User) -> None:
    assert offer(cut) in await page_of(alice, cut)
    again = await conversations.go_on(alice, cut.conversation_id, cut.pk)
    assert (await settled(again)).state == State.COMPLETE


async def test_a_followed_answer_is_neither_offered_nor_taken(cut: Message, alice: User) -> None:
    asked = await follow(alice, cut)
    assert "continue:" not in await page_of(alice, cut)
    assert "continue:" not in await page_of(alice, cut, f"?before={asked.prompt.pk}")
    with pytest.raises(Refused, match="cannot be continued any more"):
        await conversations.go_on(alice, cut.conversation_id, cut.pk)
    assert (await Message.objects.aget(pk=cut.pk)).text == cut.text


async def test_a_form_that_was_open_meanwhile_is_refused_and_the_page_it_gets_has_no_such_button(
    cut: Message, alice: User
) -> None:
    await follow(alice, cut)
    browser = AsyncClient()
    await browser.aforce_login(alice)
    answer = await browser.post(f"/c/{cut.conversation_id}/", {"action": f"continue:{cut.pk}"})
    assert answer.status_code == 409
    assert "cannot be continued any more" in answer.content.decode()
    assert "continue:" not in answer.content.decode()


async def test_an_open_page_loses_the_button_with_the_next_prompt(cut: Message, alice: User) -> None:
    async with Page(alice, cut.conversation_id) as page, Page(alice, cut.conversation_id) as other:
        assert offer(cut) in html_of(await page.until(lambda frame: frame["pk"] == cut.pk))
        await other.until(lambda frame: frame["pk"] == cut.pk)
        await page.ask("And then?")
        for reader in (page, other):
            again = await reader.until(lambda frame: frame.get("pk") == cut.pk)
            assert "<article" in html_of(again)
            assert "continue:" not in html_of(again)


async def test_a_page_that_comes_back_loses_the_button(cut: Message, alice: User) -> None:
    await follow(alice, cut)
    async with Page(alice, cut.conversation_id, after=cut.pk) as page:
        again = await page.until(lambda frame: frame.get("pk") == cut.pk)
    assert "<article" in html_of(again)
    assert "continue:" not in html_of(again)


async def test_a_verdict_does_not_bring_the_button_back(cut: Message, alice: User) -> None:
    asked = await follow(alice, cut)
    async with Page(alice, cut.conversation_id, after=asked.reply.pk) as page:
        await page.settled()
        await page.say(type="up", pk=cut.pk)
        again = await page.until(lambda frame: frame.get("pk") == cut.pk)
    assert "continue:" not in html_of(again)


async def test_what_followed_on_another_branch_forbids_nothing(cut: Message, alice: User) -> None:
    """An answer whose followers are out of sight is the last one again."""
    asked = await follow(alice, cut)
    followers = Message.objects.filter(pk__in=[asked.prompt.pk, asked.reply.pk])
    await followers.aupdate(shown=False)
    assert offer(cut) in await page_of(alice, cut)
    again = await conversations.go_on(alice, cut.conversation_id, cut.pk)
    assert (await settled(again)).state == State.COMPLETE


@pytest.mark.parametrize("state", [State.STOPPED, State.FAILED, State.INTERRUPTED, State.COMPLETE])
@pytest.mark.parametrize("text", ["", "As I was saying"])
async def test_both_doors_say_the_same_of_every_ending(engine: Engine, alice: User, state: State, text: str) -> None:
    conversation = await database_sync_to_async(talks.talk)(alice, "One", text)
    await conversation.messages.filter(author="assistant").aupdate(state=state)
    reply = await conversation.messages.aget(author="assistant")
    is_offered = offer(reply) in await page_of(alice, reply)
    assert is_offered == (state != State.COMPLETE and text != "")
    try:
        is_taken = bool(await settled(await conversations.go_on(alice, conversation.pk, reply.pk)))
    except Refused:
        is_taken = False
    assert is_taken == is_offered


async def test_an_answer_that_came_to_its_end_is_not_shown_anew_by_the_next_prompt(engine: Engine, alice: User) -> None:
    first = await conversations.start(alice, uuid.uuid4(), "One")
    done = await settled(first.reply)
    asked = await follow(alice, done)
    assert not asked.closed
    assert (await Message.objects.aget(pk=done.pk)).rev == done.rev

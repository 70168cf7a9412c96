"""Editing and retrying make versions; switching shows another one; nothing is ever thrown away."""

import uuid

import pytest
from django.test import AsyncClient

from chat import conversations
from chat.messages import versions
from chat.models import Message, User
from chat.practice.upstream import Upstream
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests import talks
from tests.page import Page, html_of
from tests.talks import settled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def talk(engine: Engine, alice: User) -> list[Message]:
    """Two prompts and two answers of Alice's."""
    first = await conversations.start(alice, uuid.uuid4(), "One")
    await settled(first.reply)
    second = await conversations.ask(alice, first.prompt.conversation_id, uuid.uuid4(), "Two")
    await settled(second.reply)
    return [first.prompt, first.reply, second.prompt, second.reply]


async def shown(conversation_id: uuid.UUID) -> list[str]:
    messages = Message.objects.filter(conversation_id=conversation_id).shown()
    return [message.text[:12] if message.author == "user" else "answer" async for message in messages]


async def test_an_edited_prompt_takes_the_place_of_the_old_one(
    talk: list[Message], alice: User, upstream: Upstream
) -> None:
    conversation_id = talk[0].conversation_id
    asked = await conversations.edit(alice, conversation_id, talk[0].pk, uuid.uuid4(), "One, but better")
    assert [message.pk for message in asked.hidden] == [message.pk for message in talk]
    await settled(asked.reply)
    assert await shown(conversation_id) == ["One, but bet", "answer"]
    assert upstream.asked[-1] == "One, but better"
    assert await Message.objects.acount() == 6


async def test_the_history_of_an_edited_prompt_is_what_stands_above_it(
    talk: list[Message], alice: User, upstream: Upstream
) -> None:
    asked = await conversations.edit(alice, talk[0].conversation_id, talk[2].pk, uuid.uuid4(), "Two, but better")
    await settled(asked.reply)
    assert upstream.asked[-1].startswith("User: One\nAssistant:")
    assert "User: Two\n" not in upstream.asked[-1]


async def test_switching_back_shows_the_old_branch_to_its_end(talk: list[Message], alice: User) -> None:
    conversation_id = talk[0].conversation_id
    asked = await conversations.edit(alice, conversation_id, talk[0].pk, uuid.uuid4(), "Other")
    await settled(asked.reply)
    await conversations.switch(alice, conversation_id, talk[0].pk)
    assert await shown(conversation_id) == ["One", "answer", "Two", "answer"]
    await conversations.switch(alice, conversation_id, asked.prompt.pk)
    assert await shown(conversation_id) == ["Other", "answer"]


async def test_an_open_page_follows_the_switch(talk: list[Message], alice: User) -> None:
    conversation_id = talk[0].conversation_id
    last = talk[3].pk
    async with Page(alice, conversation_id, after=last) as page, Page(alice, conversation_id, after=last) as other:
        assert (await page.settled()).pk == (await other.settled()).pk == last
        await page.say(type="retry", pk=last)
        again = await page.settled()
        assert "2/2" in html_of(page.frames[-1]).replace(" ", "")
        await other.settled()
        await other.say(type="switch", pk=talk[3].pk)
        gone = await page.until(lambda frame: frame.get("fragments", [{}])[0].get("html") == "")
        back = await page.until(lambda frame: frame["pk"] == talk[3].pk and "<article" in html_of(frame))
    assert gone["fragments"][0]["id"] == again.dom_id
    assert "1/2" in html_of(back).replace(" ", "")


async def test_a_page_that_missed_a_switch_is_brought_to_the_branch_shown(talk: list[Message], alice: User) -> None:
    conversation_id = talk[0].conversation_id
    asked = await conversations.edit(alice, conversation_id, talk[2].pk, uuid.uuid4(), "Other")
    await settled(asked.reply)
    async with Page(alice, conversation_id, after=talk[3].pk) as page:
        gone = {(await page.frame())["pk"], (await page.frame())["pk"]}
        coming = [(await page.frame())["pk"] for _ in range(3)]
    assert gone == {talk[2].pk, talk[3].pk}
    assert coming == [talk[1].pk, asked.prompt.pk, asked.reply.pk]


async def test_nothing_branches_while_an_answer_is_written(talk: list[Message], alice: User) -> None:
    conversation_id = talk[0].conversation_id
    live = await conversations.ask(alice, conversation_id, uuid.uuid4(), "!stall")
    with pytest.raises(Refused, match="still being written"):
        await conversations.edit(alice, conversation_id, talk[0].pk, uuid.uuid4(), "Other")
    with pytest.raises(Refused, match="still being written"):
        await conversations.switch(alice, conversation_id, talk[0].pk)
    with pytest.raises(Refused):
        await conversations.retry(alice, conversation_id, talk[3].pk)
    assert (await Message.objects.aget(pk=live.reply.pk)).is_live


async def test_a_stranger_neither_edits_nor_switches(talk: list[Message], bob: User) -> None:
    for attempt in (
        conversations.edit(bob, talk[0].conversation_id, talk[0].pk, uuid.uuid4(), "Mine"),
        conversations.switch(bob, talk[0].conversation_id, talk[0].pk),
        conversations.retry(bob, talk[0].conversation_id, talk[1].pk),
        conversations.go_on(bob, talk[0].conversation_id, talk[1].pk),
    ):
        with pytest.raises(Refused) as refusal:
            await attempt
        assert refusal.value.reason == "not_found"


async def test_editing_works_as_a_form(talk: list[Message], alice: User) -> None:
    browser = AsyncClient()
    await browser.aforce_login(alice)
    address = f"/c/{talk[0].conversation_id}/"
    page = (await browser.get(f"{address}?edit={talk[2].pk}")).content.decode()
    assert f'value="edit:{talk[2].pk}"' in page
    assert ">Two</textarea>" in page
    form = {"action": f"edit:{talk[2].pk}", "text": "Two again", "key": str(uuid.uuid4())}
    assert (await browser.post(address, form)).status_code == 303
    assert await shown(talk[0].conversation_id) == ["One", "answer", "Two again", "answer"]


def test_versions_cost_one_query(alice: User, django_assert_num_queries: object) -> None:
    conversation = talks.talk(alice, *("line" for _ in range(20)))
    messages = list(conversation.messages.all())
    with django_assert_num_queries(1):  # type: ignore[operator]
        versions.attach(messages)

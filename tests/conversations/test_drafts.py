"""Drafts: kept on the server while they are written, gone in the moment in which they have become a prompt."""

import uuid

import pytest
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from chat import conversations
from chat.conversations import drafts, keeping
from chat.models import Conversation, User
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests.talks import settled, talk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def browser(engine: Engine, alice: User) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(alice)
    return client


async def write(browser: AsyncClient, place: str, text: str, key: uuid.UUID) -> int:
    return int((await browser.post(f"{place}draft/", {"text": text, "key": str(key)})).status_code)


async def text_in(browser: AsyncClient, place: str) -> str:
    """What stands in the composer of a page."""
    page = (await browser.get(place)).content.decode()
    return page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]


async def test_a_draft_is_there_on_every_device_under_its_key(browser: AsyncClient, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    place = begun.prompt.conversation.get_absolute_url()
    for address in ("/", place):
        key = uuid.uuid4()
        assert await write(browser, address, f"Half a thought <{address}>", key) == 204
        elsewhere = AsyncClient()
        await elsewhere.aforce_login(alice)
        assert await text_in(elsewhere, address) == f"Half a thought &lt;{address}&gt;"
        assert str(key) in (await elsewhere.get(address)).content.decode()
    assert await text_in(browser, "/?text=Another") == "Another"
    assert await write(browser, "/", " ", key) == 204
    assert await text_in(browser, "/") == ""


async def test_an_accepted_prompt_takes_its_draft_along(browser: AsyncClient, alice: User) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    await write(browser, "/", "Hello", first)
    begun = await conversations.start(alice, first, "Hello")
    await settled(begun.reply)
    assert await text_in(browser, "/") == ""
    place = begun.prompt.conversation.get_absolute_url()
    await write(browser, place, "And?", second)
    await settled((await conversations.ask(alice, begun.prompt.conversation_id, second, "And?")).reply)
    assert await text_in(browser, place) == ""
    for address, key in (("/", first), (place, second)):  # and what comes too late is no ghost
        assert await write(browser, address, "Too late", key) == 204
        assert await text_in(browser, address) == ""


async def test_a_refused_prompt_leaves_its_draft(browser: AsyncClient, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "!stall")
    place, key = begun.prompt.conversation.get_absolute_url(), uuid.uuid4()
    await write(browser, place, "Impatient words", key)
    with pytest.raises(Refused):
        await conversations.ask(alice, begun.prompt.conversation_id, key, "Impatient words")
    assert await text_in(browser, place) == "Impatient words"


async def test_changing_an_earlier_prompt_leaves_the_draft(browser: AsyncClient, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    await settled(begun.reply)
    place = begun.prompt.conversation.get_absolute_url()
    await write(browser, place, "For later", uuid.uuid4())
    edited = await conversations.edit(alice, begun.prompt.conversation_id, begun.prompt.pk, uuid.uuid4(), "Hi")
    await settled(edited.reply)
    assert await text_in(browser, place) == "For later"


async def test_what_is_no_draft_is_refused(browser: AsyncClient, bob: User, alice: User) -> None:
    his = await Conversation.objects.acreate(owner=bob, title="His")
    assert await write(browser, his.get_absolute_url(), "Mine", uuid.uuid4()) == 404
    assert (await browser.post("/draft/", {"text": "Without a key"})).status_code == 400
    assert (await AsyncClient().post("/draft/", {"text": "x", "key": str(uuid.uuid4())})).status_code == 302
    await write(browser, "/", "nul \x00 and " + "x" * drafts.MOST_CHARS, uuid.uuid4())
    await alice.arefresh_from_db()
    assert alice.draft.startswith("nul \ufffd and ")
    assert len(alice.draft) == drafts.MOST_CHARS


@pytest.mark.parametrize("address", ["/conversations/", "/conversations/beside/", "/conversations/?archived="])
def test_a_list_does_not_read_the_drafts(client: Client, alice: User, address: str) -> None:
    shown = talk(alice, "Hello", title="A talk")
    if "archived" in address:
        keeping.put(alice, [shown.pk], keeping.Shelf.ARCHIVE)
    Conversation.objects.update(draft="x" * drafts.MOST_CHARS)
    client.force_login(alice)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address).content.decode()
    assert f"/c/{shown.pk}/" in page
    rows = [query["sql"] for query in asked if '"chat_conversation"."title"' in query["sql"]]
    assert rows
    assert not [sql for sql in rows if '"chat_conversation"."draft"' in sql]

"""Several processes are one site: whoever comes by whichever process sees the same and is counted once."""

import asyncio
import socket
import uuid
from contextlib import AsyncExitStack
from typing import Any

from tests.stand.answers import told
from tests.stand.site import Site
from tests.stand.visitor import Socket, Visitor, settled
from tests.stand.waiting import until


async def test_readers_on_two_processes_see_the_same(whole: Site, alice: Visitor) -> None:
    one, two = whole.webs
    conversation = await alice.begin(one, "Hello!")
    await settled(alice, one, conversation)
    async with alice.watching(one, conversation) as here, alice.watching(two, conversation) as there:
        for page in (here, there):
            await page.until_state("complete")
        shown = [remembered(page) for page in (here, there)]
        await there.ask("Everything in Markdown !size=3000")
        for page in (here, there):
            await page.until_messages(4)
            await page.until_state("complete")
    both = shown[0].keys() & shown[1].keys()
    assert len(both) > 10
    for one_, other in ((shown[0][frame], shown[1][frame]) for frame in both):
        settled_blocks = min(len(one_), len(other)) - 1
        assert one_[:settled_blocks] == other[:settled_blocks]


def remembered(page: Socket) -> dict[tuple[int, int], list[str]]:
    """The blocks of the last message after each frame, by message and revision."""
    shown: dict[tuple[int, int], list[str]] = {}

    def keep(frame: dict[str, Any]) -> None:
        shown[frame["pk"], frame["rev"]] = page.document.blocks

    page.on_frame = keep
    return shown


async def test_stop_works_from_another_process_while_the_upstream_is_silent(whole: Site, alice: Visitor) -> None:
    one, two = whole.webs
    prompt = "Tell me a story !stall=100"
    conversation = await alice.begin(one, prompt)
    async with alice.watching(one, conversation) as here, alice.watching(two, conversation) as there:
        for page in (here, there):
            await page.until_chars(90)
        assert whole.upstream.upstream.live == 1
        await there.send(type="stop")
        for page in (there, here):
            await page.until_state("stopped", seconds=5)
        await until(lambda: _is_silent(whole), "the connection to the upstream is closed", 5)
        kept = await alice.source(one, conversation, here.pk)
        assert kept == told(prompt)[:100]
        await here.send(type="continue", pk=here.pk)
        for page in (there, here):
            await page.until_state("complete", seconds=60)
        assert await alice.source(two, conversation, here.pk) == told(prompt)


async def _is_silent(site: Site) -> bool:
    return site.upstream.upstream.live == 0


async def test_a_repeated_key_is_one_prompt_whatever_way_it_comes(whole: Site, alice: Visitor) -> None:
    one, two = whole.webs
    conversation = await alice.begin(one, "Hello!")
    await settled(alice, one, conversation)
    key = uuid.uuid4()
    async with alice.watching(one, conversation) as here, alice.watching(two, conversation) as there:
        await asyncio.gather(*[page.ask("Hello again!", key) for page in (here, there, here, there)])
        for page in (here, there):
            await page.until_messages(4)
    async with alice.watching(two, conversation) as again:  # the page that was not sure whether it had been heard
        await again.ask("Hello again!", key)
        await again.until_messages(4)
        await again.until_state("complete")
        await again.ask("Hello again!", key)
        await again.ask("Something else", uuid.uuid4())
        await again.until_messages(6)
        assert not here.refused + there.refused + again.refused
    assert await prompts(whole, conversation) == ["Hello!", "Hello again!", "Something else"]


async def test_a_repeated_first_prompt_begins_one_conversation(whole: Site, alice: Visitor) -> None:
    key = uuid.uuid4()
    ids = await asyncio.gather(*[alice.begin(web, "Hello!", key) for web in whole.webs * 3])
    assert len(set(ids)) == 1
    await settled(alice, whole.webs[0], ids[0])
    assert await prompts(whole, ids[0]) == ["Hello!"]


async def test_who_asks_and_leaves_at_once_finds_the_answer_later(whole: Site, alice: Visitor) -> None:
    web = whole.webs[0]
    conversations = [await alice.begin(web, "Hello!") for _ in range(10)]
    for conversation in conversations:
        await settled(alice, web, conversation)

    async def ask_and_leave(conversation: uuid.UUID, after: float) -> None:
        page = await alice.raw(web, conversation)
        await page.send_json({"type": "ask", "key": str(uuid.uuid4()), "text": "And now?"})
        await asyncio.sleep(after)  # some leave before they are heard, some in the middle of it
        page.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    for round_number in range(5):
        await asyncio.gather(*[ask_and_leave(c, n * round_number / 500) for n, c in enumerate(conversations)])
        for conversation in conversations:
            assert (await settled(alice, web, conversation)).attributes["data-state"] == "complete"
    for conversation in conversations:
        await prompts(whole, conversation)


async def test_of_two_prompts_at_once_one_is_refused(whole: Site, alice: Visitor) -> None:
    one, two = whole.webs
    conversation = await alice.begin(one, "Hello!")
    await settled(alice, one, conversation)
    async with alice.watching(one, conversation) as here, alice.watching(two, conversation) as there:
        for page in (here, there):
            await page.until_state("complete")
        await asyncio.gather(here.ask("One !slow=2"), there.ask("Another !slow=2"))
        await here.until(lambda: here.refused or there.refused, "one is refused")  # wakes with every frame
        for page in (here, there):
            await page.until_messages(4)
            await page.until_state("complete")
        (refusal,) = here.refused + there.refused
        assert refusal["reason"] == "busy"
    assert len(await prompts(whole, conversation)) == 2


async def prompts(site: Site, conversation: uuid.UUID) -> list[str]:
    """The prompts of a conversation, each of which must have exactly one reply."""
    rows = site.query(
        "SELECT p.text, count(r.id) FROM chat_message p LEFT JOIN chat_message r ON r.parent_id = p.id"
        " AND r.author = 'assistant' WHERE p.author = 'user' AND p.conversation_id = %s GROUP BY p.id ORDER BY p.id",
        site.identifier(conversation),
    )
    assert all(replies == 1 for _text, replies in rows)
    return [text for text, _replies in rows]


async def test_many_stops_at_once_from_another_process_all_work(whole: Site, alice: Visitor) -> None:
    one, two = whole.webs
    assert whole.postgresql is not None
    said = len(whole.postgresql.log.read_text())
    conversations = await asyncio.gather(*[alice.begin(one, "A long one !pace=2") for _ in range(30)])
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(alice.watching(two, each)) for each in conversations]
        for page in pages:
            await page.until_chars(100)
        await asyncio.gather(*[page.send(type="stop") for page in pages])
        for page in pages:
            await page.until_state("stopped")
        assert [page.refused for page in pages if page.refused] == []
    await until(lambda: _is_silent(whole), "all connections to the upstream are closed")
    assert "deadlock" not in whole.postgresql.log.read_text()[said:], "the processes waited for each other"

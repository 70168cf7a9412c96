"""Sockets that mean no good: the server stays small and others notice nothing."""

import asyncio
import json
import uuid

import aiohttp

from tests.stand.site import Site, Web
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import within

MEGABYTE = 1024 * 1024

NOT_UNDERSTOOD = {
    "not JSON": "ask",
    "nothing": "",
    "a list": "[]",
    "no type": "{}",
    "an unknown type": '{"type": "sudo"}',
    "a type that is none": '{"type": ["ask"]}',
    "no key": '{"type": "ask", "text": "Hello!"}',
    "a key that is none": '{"type": "ask", "key": "1; DROP TABLE", "text": "Hello!"}',
    "a key that is a list": '{"type": "ask", "key": [], "text": "Hello!"}',
    "no text": '{"type": "ask", "key": "%(key)s"}',
    "a text that is none": '{"type": "ask", "key": "%(key)s", "text": {"a": 1}}',
    "an empty text": '{"type": "ask", "key": "%(key)s", "text": "  "}',
    "half a character": '{"type": "ask", "key": "%(key)s", "text": "\\ud800"}',
    "a NUL": '{"type": "ask", "key": "%(key)s", "text": "a\\u0000b"}',
    "a NUL in the type": '{"type": "ask\\u0000", "key": "%(key)s", "text": "a"}',
    "half a character in the key": '{"type": "ask", "key": "\\udfff", "text": "a"}',
    "a deep list": "[" * 30_000,
    "a deep text": '{"type": "ask", "key": "%(key)s", "text": ' + '{"a":' * 9_000 + "1" + "}" * 9_000 + "}",
    "a huge number": '{"type": "retry", "pk": ' + "9" * 20_000 + "}",
    "a number beyond the database": '{"type": "retry", "pk": 9223372036854775808}',
    "a negative number": '{"type": "retry", "pk": -1}',
    "not a number": '{"type": "retry", "pk": NaN}',
    "infinity": '{"type": "ack", "rev": Infinity}',
    "a fraction": '{"type": "retry", "pk": 1.5}',
    "a truth": '{"type": "ack", "rev": true}',
    "no number": '{"type": "continue"}',
}


async def test_nonsense_is_refused_and_the_socket_lives_on(whole: Site, alice: Visitor) -> None:
    web = whole.webs[0]
    conversation = await alice.begin(web, "Hello!")
    await settled(alice, web, conversation)
    async with alice.watching(web, conversation) as page:
        await page.until_state("complete")
        for name, text in NOT_UNDERSTOOD.items():
            await page.send_raw(text.replace("%(key)s", str(uuid.uuid4())))
            refusal = await page.until_refused("invalid")
            assert refusal["text"], name
        for data in (b"", b"\x00\xff", b'{"type": "stop"}', b"x" * MEGABYTE):
            await page.send_raw(data)
            await page.until_refused("invalid")
        for size in (64 * 1024 + 1, 900_000):
            await page.send_raw(json.dumps({"type": "ask", "key": str(uuid.uuid4()), "text": "x" * size}))
            await page.until_refused("length")
        await page.ask("Are you still there?")
        await page.until_messages(4)
        await page.until_state("complete")
        assert not page.refused


async def test_messages_of_others_cannot_be_named(whole: Site, alice: Visitor) -> None:
    web = whole.webs[0]
    mine, other = [await alice.begin(web, "Hello!") for _ in range(2)]
    pk = int((await settled(alice, web, other)).attributes["data-pk"])
    async with alice.watching(web, mine) as page:
        await page.until_state("complete")
        for kind in ("retry", "continue", "edit"):
            await page.send(type=kind, pk=pk, key=str(uuid.uuid4()), text="Mine now")
            await page.until_refused("not_found")
        assert page.closed is None


async def test_a_flood_of_frames_is_bounded(whole: Site, alice: Visitor) -> None:
    web = whole.webs[0]
    mine, other = await alice.begin(web, "Hello!"), await alice.begin(web, "A long one !size=5000")
    await settled(alice, web, mine)
    async with alice.watching(web, other) as page:
        await page.until_chars(200)
        before = web.memory()
        await asyncio.gather(*[flood(alice, site_web, mine) for site_web in [web] * 5])
        await page.until_state("complete")
        assert page.closed is None
    assert web.memory() - before < 64 * MEGABYTE


async def flood(visitor: Visitor, web: Web, conversation: uuid.UUID) -> None:
    """Sends as fast as the server takes it, and never reads; ends when the server hangs up."""
    socket = await visitor.raw(web, conversation)
    large, small = "x" * 900_000, json.dumps({"type": "ack", "rev": 1, "padding": "x" * 200})
    try:
        async with asyncio.timeout(60):
            while True:
                await socket.send_str(large)
                for _ in range(100):
                    await socket.send_str(small)
    except (aiohttp.ClientError, ConnectionError):
        pass
    finally:
        await socket.close()


async def test_readers_that_never_read_are_sent_little_and_then_closed(whole: Site, alice: Visitor) -> None:
    web = whole.webs[0]
    before = web.memory()
    huge = await alice.begin(web, "A long one !pace=5 !chunk=500 !size=400k")
    mute = [asyncio.create_task(never_read(alice, web, huge)) for _ in range(30)]
    async with alice.watching(web, huge) as page:
        await page.until_state("complete", seconds=120)
        other = await alice.begin(web, "Hello!")
        assert (await settled(alice, web, other)).attributes["data-state"] == "complete"
    assert web.memory() - before < 64 * MEGABYTE
    await within(120, asyncio.gather(*mute), "all mute readers are closed")


async def test_a_reader_that_lies_about_what_it_has_read_is_hung_up_on(whole: Site, alice: Visitor) -> None:
    web = whole.webs[0]
    huge = await alice.begin(web, "A long one !pace=0 !chunk=2000 !size=1500k")
    async with alice.watching(web, huge) as page:
        await page.until_state("complete", seconds=120)
        pk, rev = page.pk, page.rev
    before = web.memory()
    await within(120, asyncio.gather(*[lie(alice, web, huge, pk, rev) for _ in range(3)]), "all liars are hung up on")
    assert web.memory() - before < 64 * MEGABYTE


async def lie(visitor: Visitor, web: Web, conversation: uuid.UUID, pk: int, rev: int) -> None:
    """Wants the same large message again and again, says that it has it, and reads nothing."""
    socket = await visitor.raw(web, conversation)
    try:
        while True:
            await socket.send_json({"type": "resend", "pk": pk})
            await socket.send_json({"type": "ack", "pk": pk, "rev": rev})
            await asyncio.sleep(0.2)
    except (aiohttp.ClientError, ConnectionError):
        await socket.close()


async def never_read(visitor: Visitor, web: Web, conversation: uuid.UUID) -> None:
    """Sends a frame now and then, so that the connection looks alive; ends when the server has closed it."""
    socket = await visitor.raw(web, conversation)
    try:
        while True:
            await socket.send_str('{"type": "ack", "rev": 1}')
            await asyncio.sleep(0.5)
    except (aiohttp.ClientError, ConnectionError):
        await socket.close()

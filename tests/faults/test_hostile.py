"""Sockets that mean no good: the server stays small and others notice nothing."""

import asyncio
import json
import uuid

import aiohttp

from tests.stand.site import Site
from tests.stand.visitor import Visitor, settled

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


async def flood(visitor: Visitor, web: object, conversation: uuid.UUID) -> None:
    """Sends as fast as the server takes it, and never reads; ends when the server hangs up."""
    socket = await visitor.raw(web, conversation)  # type: ignore[arg-type]
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

"""WebSockets whose frames, fragments, pings and number mean no good; what a page does goes on unnoticed."""

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from chat.consumers.places import MOST_PER_PERSON
from tests.stand.site import Site, Web, work
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import until
from tests.stand.wire import MORE, PING, PONG, TEXT, Wire, frame

FLOODS = {
    "fragments of one byte": frame(TEXT, b"{", last=False) + frame(MORE, b" ", last=False) * 1_000_000,
    "empty fragments": frame(TEXT, last=False) + frame(MORE, last=False) * 1_000_000,
    "empty messages": frame(TEXT) * 1_000_000,
    "pings": frame(PING, b"x" * 125) * 100_000,
    "empty pings": frame(PING) * 1_000_000,
    "pongs that nobody asked for": frame(PONG, b"x") * 1_000_000,
    "pings between fragments": frame(TEXT, last=False) + (frame(MORE, last=False) + frame(PING)) * 500_000,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home: Path = tmp_path_factory.mktemp("sockets")
    with Site(home) as site:
        yield site


@pytest.fixture
def web(site: Site) -> Iterator[Web]:
    """The web process, which has nothing to complain about."""
    yield site.webs[0]
    assert "Traceback" not in site.webs[0].said()
    assert " ERROR " not in site.webs[0].said()


@pytest_asyncio.fixture
async def alice(web: Web) -> AsyncIterator[Visitor]:
    async with Visitor.signed_in(web) as visitor:
        yield visitor


@pytest_asyncio.fixture
async def conversation(web: Web, alice: Visitor) -> uuid.UUID:
    conversation = await alice.begin(web, "Hello!")
    await settled(alice, web, conversation)
    return conversation


def cookie(visitor: Visitor) -> str:
    return "Cookie: " + "; ".join(f"{each.key}={each.value}" for each in visitor.http.cookie_jar)


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
async def test_a_flood_is_looked_at_no_further(web: Web, alice: Visitor, conversation: uuid.UUID, flood: bytes) -> None:
    before = work(web)
    for _ in range(3):
        async with alice.watching(web, conversation) as page:
            await page.until_state("complete")
    usual = max(work(web) - before, 0.05)
    memory, before = web.memory(), work(web)
    with Wire(web) as wire:
        assert wire.upgrade(f"/ws/c/{conversation}/", cookie(alice)) == 101
        pieces = (flood[start : start + 60_000] for start in range(0, len(flood), 60_000))
        while wire.try_to_send(next(pieces, b"")) and not wire.has_ended():
            pass
    assert work(web) - before < 20 * usual
    assert web.memory() - memory < 16 * 1024 * 1024


async def test_a_flood_is_told_its_code(web: Web, alice: Visitor, conversation: uuid.UUID) -> None:
    with Wire(web) as wire:
        assert wire.upgrade(f"/ws/c/{conversation}/", cookie(alice)) == 101
        wire.send(frame(PING) * 2_000)
        assert wire.close_code() == 4429


async def test_a_message_may_come_in_some_fragments_but_not_in_many(
    web: Web, alice: Visitor, conversation: uuid.UUID
) -> None:
    ask = json.dumps({"type": "ask", "key": str(uuid.uuid4()), "text": "In pieces"}).encode()
    for most, code in ((16, 0), (17, 4429)):
        pieces = [ask[place : place + 1] for place in range(most - 1)] + [ask[most - 1 :]]
        with Wire(web) as wire:
            assert wire.upgrade(f"/ws/c/{conversation}/", cookie(alice)) == 101
            for place, piece in enumerate(pieces):
                wire.send(frame(MORE if place else TEXT, piece, last=place == most - 1))
            if code:
                assert wire.close_code() == code
            else:
                await until(lambda: asked(alice, web, conversation), "the message arrives")


async def asked(alice: Visitor, web: Web, conversation: uuid.UUID) -> bool:
    return "In pieces" in (await alice.page(web, conversation)).shown


async def test_one_person_has_so_many_sockets_and_no_more(web: Web, alice: Visitor, conversation: uuid.UUID) -> None:
    async with AsyncExitStack() as pages:
        for _ in range(MOST_PER_PERSON):
            first = await pages.enter_async_context(alice.watching(web, conversation))
            await first.until_state("complete")
        refused = await alice.raw(web, conversation)
        said = await refused.receive_json()
        assert (said["type"], said["reason"]) == ("refused", "sockets")
        assert (await refused.receive()).type == aiohttp.WSMsgType.CLOSE
        assert refused.close_code == 4409
        assert first.closed is None
    async with alice.watching(web, conversation) as page:  # there is room again
        await page.until_state("complete")


@pytest.mark.parametrize("path", ["/ws/x", "/ws/c/1/", "/", "//", "/ws/c/%FF/", "/healthz", "/admin/"])
def test_a_socket_to_nowhere_is_closed_calmly(web: Web, path: str) -> None:
    with Wire(web) as wire:
        assert wire.upgrade(path) == 101
        assert wire.close_code() == 4404


@pytest.mark.parametrize("value", [".evil.example", "/public", "\xff", "%FF"])
async def test_a_header_for_proxies_moves_no_socket(
    web: Web, alice: Visitor, conversation: uuid.UUID, value: str
) -> None:
    with Wire(web) as wire:
        path = f"/ws/c/{conversation}/"
        assert wire.upgrade(path, f"Daphne-Root-Path: {value}", cookie(alice)) == 101
        assert wire.exactly(1)
    with Wire(web) as wire:
        assert wire.upgrade(f"/public{path}", "Daphne-Root-Path: /public", cookie(alice)) == 101
        assert wire.close_code() == 4404


@pytest.mark.parametrize(
    "header",
    [
        "X-Note: a\x85Daphne-Root-Path: /public",
        "X-Note: caf\xe9",
        "Sec-WebSocket-Protocol: caf\xe9",
        "Sec-WebSocket-Protocol: %FF",
        "Sec-WebSocket-Extensions: caf\xe9",
        "Cookie: caf\xe9",
    ],
)
def test_a_header_that_is_no_ascii_is_no_error_of_ours(web: Web, header: str) -> None:
    with Wire(web) as wire:
        assert wire.upgrade("/ws/x", header) in (101, 400)

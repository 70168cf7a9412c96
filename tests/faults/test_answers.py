"""Answers that are hard on the renderer: others notice nothing, and one that ends a process is not asked for again."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.fuzz.texts import HARMLESS
from tests.stand.site import ROOT, Site
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import until

LENGTH = 198_000
ADDRESSES = ("a@b.c " * LENGTH)[:LENGTH]
DEADLY = "DEADLY words, and more of them"
TAKEOVER_SECONDS = 25.0
MEGABYTE = 1024 * 1024

ABORTS = """
import os, comrak
render = comrak.render_markdown
def aborting(source, *options):
    if source.startswith("DEADLY"):
        os.abort()
    return render(source, *options)
comrak.render_markdown = aborting
"""


async def test_an_answer_of_addresses_is_like_any_other_of_its_length(single: Site) -> None:
    (web,) = single.webs
    single.upstream.upstream.given |= {
        "Harmless, please! !pace=5 !chunk=2000": HARMLESS[:LENGTH],
        "Addresses, please! !pace=5 !chunk=2000": ADDRESSES,
    }
    async with Visitor.signed_in(web) as alice:
        others = [await alice.begin(web, "A long one, please. !size=6000") for _ in range(5)]
        start = web.memory()
        await check_kept(single, alice, "Harmless, please! !pace=5 !chunk=2000", HARMLESS[:LENGTH])
        harmless = web.memory() - start
        await check_kept(single, alice, "Addresses, please! !pace=5 !chunk=2000", ADDRESSES)
        assert web.memory() - start < 3 * harmless + 32 * MEGABYTE
        for other in others:
            assert (await settled(alice, web, other)).attributes["data-state"] == "complete"
    assert web.starts == 1
    assert web.process is not None
    assert web.process.poll() is None


async def check_kept(site: Site, alice: Visitor, prompt: str, text: str) -> None:
    conversation = site.identifier(await alice.begin(site.webs[0], prompt))

    async def is_complete() -> bool:
        ours = "SELECT state, text FROM chat_message WHERE author = 'assistant' AND conversation_id = %s"
        return site.query(ours, conversation) == [("complete", text)]

    await until(is_complete, "the reply is complete", 180)


@pytest.fixture
def deadly(tmp_path: Path) -> Iterator[Site]:
    """A site whose renderer ends the process at certain words; what it starts besides knows them, too."""
    (tmp_path / "sitecustomize.py").write_text(ABORTS)
    with Site(tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}") as site:
        site.upstream.upstream.given["Deadly, please!"] = DEADLY
        yield site


async def test_an_answer_that_ends_its_process_is_kept_and_not_asked_for_again(deadly: Site) -> None:
    (web,) = deadly.webs
    async with Visitor.signed_in(web) as alice:
        with suppress(aiohttp.ClientConnectionError):  # it may end before it has said where the answer is
            await alice.begin(web, "Deadly, please!")
        await asyncio.to_thread(web.process.wait, 30)  # type: ignore[union-attr]
        await asyncio.to_thread(web.start)
        [(conversation,)] = deadly.query("SELECT id FROM chat_conversation")

        async def interrupted() -> str:
            [(state, text)] = deadly.query("SELECT state, text FROM chat_message WHERE author = 'assistant'")
            return str(text) if state == "interrupted" else ""

        kept = await until(interrupted, "the reply is taken over", TAKEOVER_SECONDS)
        assert DEADLY.startswith(kept)
        assert kept in (await alice.page(web, uuid.UUID(conversation))).messages[-1].text
        assert web.process is not None
        assert web.process.poll() is None
    assert [prompt for prompt in deadly.upstream.upstream.asked if "Deadly" in prompt] == ["Deadly, please!"]

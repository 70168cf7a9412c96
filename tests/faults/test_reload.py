"""A page that is loaded in mid-stream shows what the live one shows, and goes on from there."""

import random
from contextlib import AsyncExitStack

import pytest

from tests.stand.site import Site
from tests.stand.visitor import Socket, Visitor

PROMPTS = ["Everything in Markdown, please", "Some python code", "A table of planets", "Mathematics", "A long one"]


class History:
    """The blocks of a growing reply as they stood on a live page, revision by revision."""

    def __init__(self, page: Socket) -> None:
        self.page = page
        self.at: dict[int, list[str]] = {}
        page.on_frame = self._keep

    def _keep(self, frame: dict[str, object]) -> None:
        assert isinstance(frame["rev"], int)
        if self.page.reply is not None:
            self.at[frame["rev"]] = self.page.document.blocks


@pytest.mark.parametrize("prompt", PROMPTS)
async def test_a_reload_shows_what_the_live_page_shows(whole: Site, alice: Visitor, prompt: str) -> None:
    chance = random.Random(prompt)
    conversation = await alice.begin(whole.webs[0], f"{prompt} !pace=6 !size=4000")
    async with AsyncExitStack() as stack:
        live = await stack.enter_async_context(alice.watching(whole.webs[0], conversation))
        history = History(live)
        loaded: list[tuple[int, list[str]]] = []
        pages = [live]
        for chars in sorted(chance.sample(range(20, 1800), 8)):
            await live.until_chars(chars)
            web = chance.choice(whole.webs)
            page = await alice.page(web, conversation)
            loaded.append((int(page.messages[-1].attributes["data-rev"]), page.blocks))
            pages.append(await stack.enter_async_context(alice.watching(web, conversation, page)))
        for each in pages:
            await each.until_state("complete")
        assert len({each.shown for each in [*pages, await alice.page(whole.webs[1], conversation)]}) == 1
        assert sum(each.resends for each in pages) <= len(pages), "a page that joins need not ask again and again"
    check_settled_blocks(loaded, history.at)


def check_settled_blocks(loaded: list[tuple[int, list[str]]], shown: dict[int, list[str]]) -> None:
    """Blocks that cannot change any more are the same on a page as loaded and on the live one at that revision."""
    pairs = [(blocks, shown[rev]) for rev, blocks in loaded if rev in shown]
    settled = [min(len(reloaded), len(live)) - 1 for reloaded, live in pairs]
    assert sum(settled) > 0
    for (reloaded, live), count in zip(pairs, settled, strict=True):
        assert reloaded[:count] == live[:count]

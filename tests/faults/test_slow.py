"""A reader on a slow line gets the text in larger steps, and all of it in the end."""

from tests.stand.lines import slow
from tests.stand.site import Site
from tests.stand.visitor import Visitor


async def test_a_slow_reader_skips_what_is_outdated_and_sees_the_end(whole: Site, alice: Visitor) -> None:
    web = whole.webs[0]
    conversation = await alice.begin(web, "Some python code !pace=2 !chunk=50 !size=150k")
    async with (
        slow(web, 2_000) as line,
        alice.watching(web, conversation) as page,
        alice.watching(line, conversation) as far,
    ):
        await page.until_state("complete", seconds=60)
        line.bytes_per_second = 2_000_000
        await far.until_state("complete", seconds=60)
        assert far.shown == page.shown
        assert far.bytes < page.bytes
        assert len(far.frames) < len(page.frames)

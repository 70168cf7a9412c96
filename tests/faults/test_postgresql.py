"""PostgreSQL crashes and comes back in mid-stream: replies wait for it, and lose nothing."""

from tests.stand.answers import told
from tests.stand.site import Site
from tests.stand.visitor import Visitor
from tests.stand.waiting import until

PROMPT = "A long one !size=6000"


async def test_replies_outlive_a_crash_of_postgresql(fragile: Site) -> None:
    one, two = fragile.webs
    async with Visitor.signed_in(one) as alice:
        first, second = await alice.begin(one, PROMPT), await alice.begin(two, PROMPT)
        async with alice.watching(two, first) as page, alice.watching(two, second) as other:
            for each in (page, other):
                await each.until_chars(500)
            await crash(fragile)
            for each in (page, other):
                await each.until_state("complete", seconds=90)
            assert await alice.source(one, first, page.pk) == told(PROMPT)
            assert await alice.source(one, second, other.pk) == told(PROMPT)


async def test_a_prompt_that_postgresql_cannot_take_is_refused_and_can_be_sent_again(fragile: Site) -> None:
    web = fragile.webs[0]
    async with Visitor.signed_in(web) as alice:
        conversation = await alice.begin(web, "Hello!")
        async with alice.watching(web, conversation) as page:
            await page.until_state("complete")
            assert fragile.postgresql is not None
            fragile.postgresql.kill()
            key = await page.ask("And then?")
            await page.until(lambda: page.refused, "a refusal")
            assert page.refused.pop()["key"] == str(key)
            fragile.postgresql.start()
            await page.ask("And then?", key)
            await page.until_messages(4)
            await page.until_state("complete")
            assert not page.refused


async def crash(site: Site) -> None:
    """Kills PostgreSQL, and starts it again as soon as every process has noticed."""
    assert site.postgresql is not None
    before = [len(web.said()) for web in site.webs]
    site.postgresql.kill()

    async def have_noticed() -> bool:
        news = [web.said()[said:] for web, said in zip(site.webs, before, strict=True)]
        return all("The database did not save a beat" in words for words in news)

    await until(have_noticed, "both processes have noticed")
    site.postgresql.start()

"""/readyz tells the truth, and can be asked for ever."""

import asyncio

import redis.asyncio

from tests.stand.site import Site
from tests.stand.visitor import Visitor
from tests.stand.waiting import until


async def test_readyz_tells_that_redis_is_away_and_back(pair: Site) -> None:
    web = pair.webs[0]
    assert pair.redis is not None
    async with Visitor.signed_in(web) as alice:

        async def says(status: int, words: str) -> bool:
            async with alice.http.get(web.url + "/readyz") as response:
                return response.status == status and await response.text() == words

        assert await says(200, "ok\n")
        pair.redis.kill()
        await until(lambda: says(503, "layer: failing\n"), "the layer fails")
        pair.redis.start()
        await until(lambda: says(200, "ok\n"), "all is well again")


async def test_asking_readyz_often_leaves_nothing_behind(whole: Site, alice: Visitor) -> None:
    assert whole.redis is not None
    before = await subscriptions(whole)
    await asyncio.gather(*[alice.get(whole.webs[0], "/readyz") for _ in range(50)])
    assert await subscriptions(whole) == before


async def subscriptions(site: Site) -> int:
    """How many channels Redis passes on to somebody."""
    assert site.redis is not None
    async with redis.asyncio.Redis.from_url(site.redis.url) as client:
        return len(await client.pubsub_channels())

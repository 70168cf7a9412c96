"""A web process dies in mid-stream: nothing that was shown is lost, and nobody answers twice."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.stand.answers import letters, told
from tests.stand.site import Site, Web
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import until

TAKEOVER_SECONDS = 25.0
FLOWING = "A long one, please. !size=4000 !pace=20"
STUCK = "Tell me a story !stall=150"
MUTE = "A poem, please. !slow=5"


@pytest.fixture(params=[signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def deadly(request: pytest.FixtureRequest) -> signal.Signals:
    return request.param


async def test_the_restarted_process_takes_over(single: Site, deadly: signal.Signals) -> None:
    (web,) = single.webs

    def restart() -> Web:
        web.send(deadly)
        web.start()
        return web

    async with Visitor.signed_in(web) as alice:
        await check_takeover(single, alice, web, restart)


async def test_the_other_process_takes_over(pair: Site, deadly: signal.Signals) -> None:
    dying, living = pair.webs

    def leave() -> Web:
        dying.send(deadly)
        return living

    async with Visitor.signed_in(dying) as alice:
        await check_takeover(pair, alice, dying, leave)


async def test_a_restarted_process_takes_over_before_anybody_connects(single: Site) -> None:
    (web,) = single.webs
    async with Visitor.signed_in(web) as alice:
        conversation = await alice.begin(web, STUCK)
        async with alice.watching(web, conversation) as page:
            await page.until_chars(140)
    web.kill()
    web.start()

    async def is_interrupted() -> bool:
        return single.query("SELECT state FROM chat_message WHERE author = 'assistant'") == [("interrupted",)]

    await until(is_interrupted, "the reply is taken over", TAKEOVER_SECONDS)


async def check_takeover(site: Site, alice: Visitor, web: Web, fault: Callable[[], Web]) -> None:
    """Lets a process die while one reply flows, one is stuck after some text, and one has not begun."""
    flowing, stuck, mute = [await alice.begin(web, prompt) for prompt in (FLOWING, STUCK, MUTE)]
    async with alice.watching(web, flowing) as page, alice.watching(web, stuck) as other:
        await page.until_chars(500)
        await other.until_chars(140)
        web = fault()
        await page.until_closed()
        await other.until_closed()

    for conversation, prompt, died in ((flowing, FLOWING, page), (stuck, STUCK, other)):
        last = await settled(alice, web, conversation, TAKEOVER_SECONDS)
        assert (last.attributes["data-state"], int(last.attributes["data-pk"])) == ("interrupted", died.pk)
        kept = await alice.source(web, conversation, died.pk)
        assert letters(kept).startswith(letters(died.text)), "what was shown is kept"
        assert told(prompt).startswith(kept)
    await asyncio.gather(
        check_continue(alice, web, flowing, FLOWING, page.pk), check_continue(alice, web, stuck, STUCK, other.pk)
    )

    last = await settled(alice, web, mute, TAKEOVER_SECONDS)
    assert last.attributes["data-state"] == "complete"
    assert await alice.source(web, mute, int(last.attributes["data-pk"])) == told(MUTE)
    assert counts(site) == {"assistant": 3, "user": 3}


async def check_continue(alice: Visitor, web: Web, conversation: Any, prompt: str, pk: int) -> None:
    """Continue goes on in the same message and completes the text exactly."""
    async with alice.watching(web, conversation) as page:
        await page.until_state("interrupted")
        await page.send(type="continue", pk=pk)
        await page.until_state("complete")
        assert page.pk == pk
    assert await alice.source(web, conversation, pk) == told(prompt)


def counts(site: Site) -> dict[str, int]:
    return dict(site.query("SELECT author, count(*) FROM chat_message GROUP BY author"))

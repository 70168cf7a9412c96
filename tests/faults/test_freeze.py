"""A web process is frozen and wakes up: what others took over meanwhile stays theirs."""

import signal

from tests.stand.answers import told
from tests.stand.site import Site
from tests.stand.visitor import Visitor, settled

TAKEOVER_SECONDS = 25.0
FLOWING = "A long one, please. !size=6000 !pace=20"
MUTE = "A poem, please. !slow=4"


async def test_a_process_that_wakes_up_changes_nothing_that_was_taken_over(pair: Site) -> None:
    frozen, living = pair.webs
    async with Visitor.signed_in(living) as alice:
        flowing, mute = [await alice.begin(frozen, prompt) for prompt in (FLOWING, MUTE)]
        async with alice.watching(frozen, flowing) as page:
            await page.until_chars(500)
            pk = page.pk
            frozen.send(signal.SIGSTOP)
            last = await settled(alice, living, flowing, TAKEOVER_SECONDS)
            assert last.attributes["data-state"] == "interrupted"
            await settled(alice, living, mute, TAKEOVER_SECONDS)
            async with alice.watching(living, flowing) as other:
                await other.until_state("interrupted")
                await other.send(type="continue", pk=pk)
                await other.until_state("streaming", "complete")
                frozen.send(signal.SIGCONT)  # it finds unread text of both replies in its connections
                await other.until_state("complete")
                await page.until_state("complete")
                assert page.document.root.html() == other.document.root.html()
            assert await alice.source(living, flowing, pk) == told(FLOWING)
        last = await settled(alice, frozen, mute)
        assert last.attributes["data-state"] == "complete"
        assert await alice.source(frozen, mute, int(last.attributes["data-pk"])) == told(MUTE)
        last = await settled(alice, frozen, await alice.begin(frozen, "Hello!"))
        assert last.attributes["data-state"] == "complete", "the process that woke up works on"
    assert pair.query("SELECT count(*) FROM chat_message WHERE author = 'assistant'") == [(3,)]

"""Redis dies or hangs, comes back, perhaps empty, and no page needs to be loaded again."""

import signal
from collections.abc import Callable

import pytest

from magickpen_site.programs import Redis
from tests.stand.answers import told
from tests.stand.site import Site
from tests.stand.visitor import Visitor

PROMPT = "A long one !pace=8 !size=60k"


def kill(redis: Redis) -> None:
    redis.kill()


def freeze(redis: Redis) -> None:
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)


def thaw(redis: Redis) -> None:
    assert redis.process is not None
    redis.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(("leave", "come_back"), [(kill, Redis.start), (freeze, thaw)], ids=["emptied", "frozen"])
async def test_pages_are_right_again_after_redis_was_away(
    pair: Site, leave: Callable[[Redis], None], come_back: Callable[[Redis], None]
) -> None:
    writing, reading = pair.webs
    assert pair.redis is not None
    async with Visitor.signed_in(writing) as alice:
        conversation = await alice.begin(writing, PROMPT)
        async with alice.watching(writing, conversation) as near, alice.watching(reading, conversation) as far:
            await far.until_chars(500)
            leave(pair.redis)
            before = len(far.text)
            await near.until_chars(before + 1000)
            await far.until_chars(before + 500)  # meanwhile the database is looked at every few seconds
            come_back(pair.redis)
            rev = near.rev
            await far.until(lambda: far.rev >= rev, "the other page has caught up", 5)
            await far.until(lambda: len(streak(far.frames)) > 5, "changes flow from process to process again", 10)
            await far.send(type="stop")
            for page in (near, far):
                await page.until_state("stopped")
                assert page.closed is None
            assert near.shown == far.shown == (await alice.page(reading, conversation)).shown
        assert told(PROMPT).startswith(await alice.source(reading, conversation, near.pk))


def streak(frames: list[dict[str, object]]) -> list[object]:
    """The revisions of the last frames that followed each other without a gap, as only a live stream does."""
    revs: list[object] = []
    for frame in reversed(frames):
        assert isinstance(frame["rev"], int)
        if revs and frame["rev"] + 1 != revs[-1]:
            break
        revs.append(frame["rev"])
    return revs

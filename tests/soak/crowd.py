"""Many conversations at once, and what must be true of them whatever has happened."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

from magickpen_site import programs
from tests.stand.answers import letters, told
from tests.stand.site import Site, Web
from tests.stand.visitor import Socket, Visitor


class Talk(NamedTuple):
    """A conversation, what was asked in it and by which process, and a page that shows it, by another if possible."""

    id: uuid.UUID
    prompt: str
    web: Web
    page: Socket


@contextmanager
def pair(home: Path, **environment: str) -> Iterator[Site]:
    """Two web processes on PostgreSQL and Redis."""
    postgresql = programs.PostgreSQL()
    try:
        postgresql.start()
        with Site(home, webs=2, postgresql=postgresql, **environment) as site:
            yield site
    finally:
        postgresql.stop()


@asynccontextmanager
async def talking(visitor: Visitor, webs: list[Web], prompts: Iterable[str]) -> AsyncIterator[list[Talk]]:
    """Begins a conversation with each prompt, by all processes in turn, and watches each from the next process."""
    async with AsyncExitStack() as stack:

        async def begin(number: int, prompt: str) -> Talk:
            web, other = webs[number % len(webs)], webs[(number + 1) % len(webs)]
            conversation = await visitor.begin(web, prompt)
            page = await stack.enter_async_context(visitor.watching(other, conversation))
            return Talk(conversation, prompt, web, page)

        yield await asyncio.gather(*[begin(number, prompt) for number, prompt in enumerate(prompts)])


async def missing_characters(visitor: Visitor, web: Web, talks: Iterable[Talk]) -> int:
    """How many letters were shown on the pages and are not kept, or are kept otherwise than they were sent."""
    missing = 0
    for talk in talks:
        if talk.page.reply is None:
            continue
        kept = await visitor.source(web, talk.id, talk.page.pk)
        shown = letters(talk.page.text)
        if not told(talk.prompt).startswith(kept):
            missing += len(kept)
        if not letters(kept).startswith(shown):
            missing += max(1, len(shown) - len(letters(kept)))
    return missing


def wrong_prompts(site: Site, talks: Iterable[Talk]) -> int:
    """How many prompts are lost, doubled, or have another number of answers than one."""
    rows = site.query(
        "SELECT p.conversation_id, count(DISTINCT p.id), count(r.id) FROM chat_message p"
        " LEFT JOIN chat_message r ON r.parent_id = p.id AND r.author = 'assistant'"
        " WHERE p.author = 'user' GROUP BY p.conversation_id"
    )
    found = {str(conversation).replace("-", ""): (prompts, replies) for conversation, prompts, replies in rows}
    return sum(found.get(talk.id.hex) != (1, 1) for talk in talks)


def some(share: float, whole: int) -> int:
    """A share of a number, one at least."""
    return max(1, round(share * whole))


CHANCE = random.Random(3)  # the same drill every time

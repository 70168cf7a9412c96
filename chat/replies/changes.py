"""Committed rows → changes for the pages that show them."""

from collections.abc import Iterable

from chat import database, fragments, markdown
from chat.live import Change
from chat.models import Message
from chat.replies import rows


async def render(messages: Iterable[Message]) -> None:
    """Renders and keeps what is not stored of some messages, so that showing them costs the event loop little."""
    for message in messages:
        if not fragments.is_rendered(message):
            await _render(message, apart=False)


async def render_apart(messages: Iterable[Message]) -> None:
    """Renders anew, and keeps, messages that may have ended the process that rendered them."""
    for message in messages:
        await _render(message, apart=True)


async def _render(message: Message, *, apart: bool) -> None:
    message.html = await fragments.settled_body_beside(message.dom_id, message.text, apart=apart)
    message.html_version = fragments.HTML_VERSION
    await database.run(rows.keep_html, message.pk, message.rev, message.html, message.html_version)


def whole_change(message: Message) -> Change:
    """Shows a message from nothing; rendered only when somebody is there to read it."""

    def render() -> str:
        return fragments.frame(message.pk, message.rev, fragments.whole(message))

    return Change(message.conversation_id, message.pk, message.rev, render=render)


def news_change(reply: Message) -> Change:
    """Shows a reply that has begun or settled, and tells the lists of its owner, if its conversation is at hand."""
    change = whole_change(reply)
    if (conversation := reply._state.fields_cache.get("conversation")) is not None:
        change.owner_id, change.row = conversation.owner_id, "live" if reply.is_live else "settled"
    return change


def gone_change(message: Message) -> Change:
    """Takes a message off the page; `message` holds the revision from before it was hidden."""
    rev = message.rev + 1

    def render() -> str:
        return fragments.frame(message.pk, rev, [fragments.gone(message.dom_id)])

    return Change(message.conversation_id, message.pk, rev, render=render)


def grown_change(reply: Message, rev: int, changes: Iterable[markdown.Block | markdown.Added], held: int) -> Change:
    """Shows what a growing reply gained since revision `rev - 1`."""
    frame = fragments.frame(reply.pk, rev, fragments.grown(reply.dom_id, changes, held))
    return Change(reply.conversation_id, reply.pk, rev, frame)

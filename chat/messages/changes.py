"""Committed rows → changes for the pages that show them."""

from collections.abc import Iterable

from chat import markdown
from chat.live import Change
from chat.messages import fragments
from chat.models import Message


def whole_change(message: Message) -> Change:
    """Shows a message from nothing; rendered only when somebody is there to read it."""

    def render() -> str:
        return fragments.frame(message.pk, message.rev, fragments.whole(message))

    return Change(message.conversation_id, message.pk, message.rev, render=render)


def news_change(reply: Message, owner_id: int) -> Change:
    """Shows a reply that has begun or settled, and tells the lists of its conversation's owner."""
    change = whole_change(reply)
    change.owner_id, change.row = owner_id, "live" if reply.is_live else "settled"
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

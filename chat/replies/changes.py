"""Committed rows → changes for the pages that show them."""

from collections.abc import Iterable

from chat import fragments, markdown
from chat.live import Change
from chat.models import Author, Message


def whole_change(message: Message) -> Change:
    """Shows a message from nothing; rendered only when somebody is there to read it."""

    def render() -> str:
        return fragments.frame(message.pk, message.rev, fragments.whole(message))

    owner_id, row = _row(message)
    return Change(message.conversation_id, message.pk, message.rev, owner_id=owner_id, row=row, render=render)


def _row(message: Message) -> tuple[int | None, str]:
    """Whose list a reply matters to, and what became of its row there; nobody's if the owner is not at hand."""
    conversation = message._state.fields_cache.get("conversation")
    if message.author != Author.ASSISTANT or conversation is None:
        return None, ""
    return conversation.owner_id, "live" if message.is_live else "settled"


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

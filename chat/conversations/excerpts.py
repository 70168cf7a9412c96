"""The part of a conversation that stands on one page."""

from typing import NamedTuple

from chat.models import Conversation, Message, MessageQuerySet

MOST_MESSAGES = 50
MOST_RECALLED = 500
"""A reader who left further up than this comes back to the end."""


class Excerpt(NamedTuple):
    """Messages, oldest first; `earlier` is the message before which more go on, None when there are no more."""

    messages: list[Message]
    earlier: int | None = None


def newest(conversation: Conversation) -> Excerpt:
    """The end of the branch that is shown."""
    return _end_of(conversation.messages.shown(), MOST_MESSAGES)


def before(conversation: Conversation, pk: int) -> Excerpt:
    """What stands above message `pk`."""
    return _end_of(conversation.messages.shown().filter(pk__lt=pk), MOST_MESSAGES)


def since(conversation: Conversation, pk: int) -> Excerpt:
    """The end with everything from message `pk` on, if that is not too much."""
    wanted = conversation.messages.shown().filter(pk__gte=pk).count()
    return _end_of(
        conversation.messages.shown(), max(MOST_MESSAGES, wanted) if wanted <= MOST_RECALLED else MOST_MESSAGES
    )


def _end_of(messages: MessageQuerySet, most: int) -> Excerpt:
    found = list(messages.reverse()[: most + 1])
    return Excerpt(found[:most][::-1], found[most - 1].pk if len(found) > most else None)

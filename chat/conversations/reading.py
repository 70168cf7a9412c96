"""What a user may see of a conversation, and what a page lacks of it."""

import uuid
from typing import NamedTuple

from chat import refusals
from chat.accounts import sessions
from chat.messages import versions
from chat.models import Author, Conversation, Message, User

MOST_MESSAGES = 200


def admit(user: User) -> None:
    """Raises Refused when the session by which the user's page came in has ended since."""
    if user.signed_in is not None and not sessions.still(user.signed_in):
        raise refusals.signed_out()


def find(user: User, conversation_id: uuid.UUID) -> Conversation:
    """The user's conversation; raises Refused when there is none of theirs, or when they are signed out by now."""
    admit(user)
    try:
        conversation = Conversation.objects.for_user(user).select_related("persona").get(pk=conversation_id)
    except Conversation.DoesNotExist:
        raise refusals.no_such_conversation() from None
    conversation.owner = user
    return conversation


def shown_message(conversation: Conversation, pk: int, author: Author) -> Message:
    """A message on the branch that the page shows; raises Refused when there is none such."""
    message = conversation.messages.filter(pk=pk, author=author, shown=True).select_related("parent").first()
    if message is None:
        raise refusals.no_such_message()
    return message


class Joined(NamedTuple):
    """What a page lacks: messages to show, oldest first, and messages that are not shown any more."""

    messages: list[Message]
    gone: list[Message]


def catch_up(user: User, conversation_id: uuid.UUID, after: int) -> Joined:
    """The messages that a page whose last message is `after` may lack, that last one included. Raises Refused.

    A page shows one path through a tree, so a last message that is still shown tells that all before it are, too.
    """
    conversation = find(user, conversation_id)
    since = _last_in_common(conversation, after)
    newest = conversation.messages.filter(shown=True, pk__gte=since).order_by("-pk")[:MOST_MESSAGES]
    messages = versions.attach(list(reversed(newest)))
    hidden = conversation.messages.filter(shown=False, pk__gt=since).order_by("-pk")[:MOST_MESSAGES]
    return Joined(messages, list(hidden) if after else [])


def _last_in_common(conversation: Conversation, after: int) -> int:
    """Message `after`, or its nearest ancestor that is on the branch shown now; 0 when there is none."""
    if not after or conversation.messages.filter(pk=after, shown=True).exists():
        return after
    rows = conversation.messages.filter(pk__lte=after).values_list("pk", "parent_id", "shown")
    parents = {pk: (parent, shown) for pk, parent, shown in rows}
    pk: int | None = after
    while pk is not None and not parents.get(pk, (None, False))[1]:
        pk = parents.get(pk, (None, False))[0]
    return pk or 0

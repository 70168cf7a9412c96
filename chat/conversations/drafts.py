"""What somebody is about to say, kept on the server: for each conversation, and for a new one."""

import uuid
from typing import NamedTuple

from chat import conversations, inputs, refusals
from chat.models import Conversation, Message, User

MOST_CHARS = 100_000
"""More than any prompt may have, so that one that is too long can still be shortened."""


class Draft(NamedTuple):
    text: str
    key: uuid.UUID


def save(user: User, conversation_id: uuid.UUID | None, key: uuid.UUID, text: str) -> None:
    """Keeps a draft. Raises Refused when there is no such conversation.

    A draft that comes after its prompt was accepted, which the key tells, is not kept: it would come back as a ghost.
    """
    fields = {"draft": inputs.marked(text)[:MOST_CHARS] if text.strip() else "", "draft_key": key}
    if conversation_id is None:
        if not Conversation.objects.filter(pk=conversations.id_for(user, key)).exists():
            User.objects.filter(pk=user.pk).update(**fields)
        return
    own = Conversation.objects.for_user(user).filter(pk=conversation_id)
    if not own.exists():
        raise refusals.no_such_conversation()
    if not Message.objects.filter(conversation=conversation_id, key=key).exists():
        own.update(**fields)


def of(owner: User | Conversation) -> Draft | None:
    """The draft of a conversation, or of a user's new one; None when there is none."""
    return Draft(owner.draft, owner.draft_key or uuid.uuid4()) if owner.draft else None

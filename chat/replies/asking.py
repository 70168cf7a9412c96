"""The statements on the way in, as few and as plain as can be: many people may ask in the same moment."""

import uuid
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from chat import inputs
from chat.models import Conversation, Message, State, User, is_unfinished

MOST_TURNS = 200


class Spoken(NamedTuple):
    """One shown message, as far as those who add to it need it."""

    pk: int
    author: str
    text: str
    state: str = State.COMPLETE

    @property
    def is_unfinished(self) -> bool:
        return is_unfinished(self.state, self.text)


def touch(user: User, conversation_id: uuid.UUID, *, takes_draft: bool = False) -> Conversation | None:
    """Marks the user's conversation as used now, and returns it; None when there is none of theirs.

    One that was archived comes back to the list; with `takes_draft`, its draft has become a prompt and is cleared.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        values = [connection.ops.adapt_datetimefield_value(now), takes_draft, _uuid(conversation_id), user.pk]
        cursor.execute(TOUCH, values)
        row = cursor.fetchone()
    if row is None:
        return None
    fields = dict(zip(("model", "title", "provider", "persona_id", "instructions"), row, strict=True))
    return Conversation(pk=conversation_id, owner=user, updated=now, **fields)


TOUCH = (
    "UPDATE chat_conversation SET updated = %s, shelf = CASE shelf WHEN 'archive' THEN 'list' ELSE shelf END,"
    " draft = CASE WHEN %s THEN '' ELSE draft END WHERE id = %s AND owner_id = %s AND deleted IS NULL"
    " RETURNING model, title, provider, persona_id, instructions"
)


def turns(conversation: Conversation, before: int | None = None) -> list[Spoken]:
    """The latest `MOST_TURNS` shown messages of a conversation, oldest first; only those before message `before`."""
    with connection.cursor() as cursor:
        cursor.execute(TURNS, [_uuid(conversation.pk), inputs.LARGEST_KEY if before is None else before, MOST_TURNS])
        return [Spoken(*row) for row in reversed(cursor.fetchall())]


TURNS = (
    "SELECT id, author, text, state FROM chat_message WHERE conversation_id = %s AND shown AND id < %s"
    " ORDER BY id DESC LIMIT %s"
)


def insert(message: Message) -> None:
    """Saves a new message, as `save(force_insert=True)` does in eight times the time. Raises IntegrityError."""
    values = [field.get_db_prep_save(getattr(message, field.attname), connection) for field in _fields()]
    with connection.cursor() as cursor:
        cursor.execute(_insert(), values)
        message.pk = cursor.fetchone()[0]
    message._state.adding = False


@cache
def _fields() -> list[Any]:
    return [field for field in Message._meta.concrete_fields if not field.primary_key]


@cache
def _insert() -> str:
    columns = ", ".join(field.column for field in _fields())
    marks = ", ".join("%s" for _ in _fields())
    return f"INSERT INTO chat_message ({columns}) VALUES ({marks}) RETURNING id"  # noqa: S608 - names of columns


def _uuid(value: uuid.UUID) -> Any:
    return Conversation._meta.pk.get_db_prep_value(value, connection)

"""The statements on the way in, as few and as plain as can be: many people may ask in the same moment."""

import uuid
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone

from chat import database
from chat.models import Conversation, Message, User


def touch(user: User, conversation_id: uuid.UUID, *, takes_draft: bool = False) -> Conversation | None:
    """Marks the user's conversation as used now, and returns it; None when there is none of theirs.

    One that was archived comes back to the list; with `takes_draft`, its draft has become a prompt and is cleared.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        values = [
            connection.ops.adapt_datetimefield_value(now),
            takes_draft,
            database.uuid_parameter(conversation_id),
            user.pk,
        ]
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

"""What a provider is told: a conversation's instructions, and what was said in it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from chat import database, inputs
from chat.models import Author, Conversation, State, is_unfinished
from chat.providers.base import Message as Turn
from chat.voices import personas

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


def history(spoken: Iterable[Spoken], conversation: Conversation) -> list[Turn]:
    """What the provider is asked: the conversation's instructions, if it has any, and the turns that have text."""
    told = personas.instructions(conversation)
    return [Turn(role="system", content=told)] * bool(told) + [
        Turn(role="user" if each.author == Author.USER else "assistant", content=each.text)
        for each in spoken
        if each.text
    ]


def turns(conversation: Conversation, before: int | None = None) -> list[Spoken]:
    """The latest `MOST_TURNS` shown messages of a conversation, oldest first; only those before message `before`."""
    with connection.cursor() as cursor:
        below = inputs.LARGEST_KEY if before is None else before
        cursor.execute(TURNS, [database.uuid_parameter(conversation.pk), below, MOST_TURNS])
        return [Spoken(*row) for row in reversed(cursor.fetchall())]


TURNS = (
    "SELECT id, author, text, state FROM chat_message WHERE conversation_id = %s AND shown AND id < %s"
    " ORDER BY id DESC LIMIT %s"
)

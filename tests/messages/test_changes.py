"""The lists of an owner hear of every reply that begins or ends, whatever was read with it."""

import uuid

import pytest

from chat.messages.changes import news_change
from chat.models import Author, Message, State

OWNER = 7


@pytest.mark.parametrize(
    ("state", "row"),
    [
        (State.QUEUED, "live"),
        (State.STREAMING, "live"),
        (State.COMPLETE, "settled"),
        (State.INTERRUPTED, "settled"),
    ],
)
def test_the_owner_is_told_though_the_conversation_was_not_read(state: State, row: str) -> None:
    reply = Message(pk=1, conversation_id=uuid.uuid4(), author=Author.ASSISTANT, state=state)
    change = news_change(reply, OWNER)
    assert (change.owner_id, change.row) == (OWNER, row)

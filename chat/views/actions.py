"""Reads an action from the fields of a plain form, as chat.consumers.frames does from a frame."""

from collections.abc import Mapping

from chat.conversations import actions
from chat.conversations.actions import Command


def from_form(fields: Mapping[str, str]) -> Command:
    """Reads a form whose `action` is the type, or type and message as in "retry:12"; raises Refused."""
    kind, _colon, pk = fields.get("action", actions.ASK).partition(":")
    text = fields.get(f"text-{pk}", fields.get("text"))  # a page has one field for a comment below every answer
    return actions.from_fields(kind, {**fields, "text": text, "pk": pk or fields.get("pk")})

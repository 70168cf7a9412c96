"""What a page may say, as a WebSocket frame or as a form: one shape, checked in one place, and the verb it means."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from chat import conversations, database, inputs, live
from chat.conversations import feedback, keeping
from chat.models import User, Verdict
from chat.refusals import Refused

MOST_BYTES = 64 * 1024

ASK, EDIT, RETRY, CONTINUE, STOP = "ask", "edit", "retry", "continue", "stop"
SWITCH, UP, DOWN, COMMENT, LOOK, ACK, RESEND = "switch", "up", "down", "comment", "look", "ack", "resend"
WITH_KEY = {ASK, EDIT}
WITH_TEXT = {ASK, EDIT, COMMENT}
WITH_PK = {EDIT, RETRY, CONTINUE, SWITCH, UP, DOWN, COMMENT, RESEND}
JUDGING = {UP, DOWN, COMMENT}
ALL = WITH_TEXT | WITH_PK | {STOP, LOOK, ACK}


class Command(NamedTuple):
    """A checked request of a page; fields that its type does not use hold None or ""."""

    type: str
    key: uuid.UUID | None = None
    text: str = ""
    pk: int | None = None
    rev: int = 0


def from_frame(text: str | None) -> Command:
    """Reads a WebSocket text frame; raises Refused("invalid") for anything else than a well-formed command."""
    if text is None:
        raise _invalid(_("The page sent binary data. Please reload it."))
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise Refused("length", _("The message is too large to be sent. Please shorten it."))
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise _invalid() from None
    if not isinstance(fields, dict):
        raise _invalid()
    return from_fields(fields.get("type"), fields)


def from_form(fields: Mapping[str, str]) -> Command:
    """Reads the fields of a plain form, whose `action` is the type, or type and message as in "retry:12"."""
    kind, _colon, pk = fields.get("action", ASK).partition(":")
    text = fields.get(f"text-{pk}", fields.get("text"))  # a page has one field for a comment below every answer
    return from_fields(kind, {**fields, "text": text, "pk": pk or fields.get("pk")})


def from_fields(kind: Any, fields: Mapping[str, Any]) -> Command:
    if not isinstance(kind, str) or kind not in ALL:
        raise _invalid()
    return Command(
        kind,
        key=_key(fields.get("key")) if kind in WITH_KEY else None,
        text=_text(fields.get("text")) if kind in WITH_TEXT else "",
        pk=_number(fields.get("pk")) if kind in WITH_PK or (kind == ACK and "pk" in fields) else None,
        rev=_number(fields.get("rev")) if kind == ACK else 0,
    )


def key_in(text: str | None) -> str | None:
    """The key that a refused frame carried, if it can be found, so that the page knows which prompt was refused."""
    try:
        return str(uuid.UUID(json.loads(text or "")["key"]))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None


def _key(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise _invalid() from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid()
    return value


def _number(value: Any) -> int:
    value = inputs.key(value) if isinstance(value, str) else value
    if type(value) is not int or not 0 <= value <= inputs.LARGEST_KEY:
        raise _invalid()
    return value


def _invalid(text: str = "") -> Refused:
    return Refused("invalid", text or _("The server did not understand this request. Please reload the page."))


async def carry_out(user: User, conversation_id: uuid.UUID, command: Command) -> conversations.Asked | None:
    """Calls the verb that a command means; raises Refused. Only an asking verb returns something."""
    match command:
        case Command(type="ask", key=uuid.UUID() as key, text=text):
            return await conversations.ask(user, conversation_id, key, text)
        case Command(type="edit", pk=int(pk), key=uuid.UUID() as key, text=text):
            return await conversations.edit(user, conversation_id, pk, key, text)
        case Command(type="retry", pk=int(pk)):
            return await conversations.retry(user, conversation_id, pk)
        case Command(type="continue", pk=int(pk)):
            await conversations.go_on(user, conversation_id, pk)
        case Command(type="switch", pk=int(pk)):
            await conversations.switch(user, conversation_id, pk)
        case Command(type="up" | "down" as verdict, pk=int(pk)):
            await feedback.judge(user, conversation_id, pk, Verdict(verdict))
        case Command(type="comment", pk=int(pk), text=text):
            await feedback.comment(user, conversation_id, pk, text)
        case Command(type="stop"):
            await conversations.stop(user, conversation_id)
        case Command(type="look"):
            await database.run(_look, user, conversation_id)
            await live.tell(user.pk, conversation_id, "seen")
        case _:
            raise _invalid()
    return None


def _look(user: User, conversation_id: uuid.UUID) -> None:
    keeping.look(user, [conversations.find(user, conversation_id).pk])

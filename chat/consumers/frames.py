"""What a page says on its socket: text frames, read into an action or into what concerns the socket alone."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from chat.conversations import actions
from chat.conversations.actions import Command
from chat.refusals import Refused

MOST_BYTES = 64 * 1024


class Acknowledgement(NamedTuple):
    """Everything up to this frame has arrived; without `pk`, the newest one of this revision."""

    rev: int
    pk: int | None = None


class Resend(NamedTuple):
    """The page, or the socket itself, wants message `pk` and all that follow from the database."""

    pk: int


Frame = Command | Acknowledgement | Resend


def from_frame(text: str | None) -> Frame:
    """Reads a WebSocket text frame; raises Refused("invalid") for anything that is not well-formed, or "length"."""
    if text is None:
        raise actions.invalid(_("The page sent binary data. Please reload it."))
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise Refused("length", _("The message is too large to be sent. Please shorten it."))
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise actions.invalid() from None
    if not isinstance(fields, dict):
        raise actions.invalid()
    kind = fields.get("type")
    if isinstance(kind, str) and kind in OWN:
        return OWN[kind](fields)
    return actions.from_fields(kind, fields)


def key_in(text: str | None) -> str | None:
    """The key that a refused frame carried, if it can be found, so that the page knows which prompt was refused."""
    try:
        return str(uuid.UUID(json.loads(text or "")["key"]))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None


def _acknowledgement(fields: Mapping[str, Any]) -> Acknowledgement:
    pk = actions.number(fields["pk"]) if "pk" in fields else None
    return Acknowledgement(actions.number(fields.get("rev")), pk)


def _resend(fields: Mapping[str, Any]) -> Resend:
    return Resend(actions.number(fields.get("pk")))


OWN: Mapping[str, Callable[[Mapping[str, Any]], Acknowledgement | Resend]] = {
    "ack": _acknowledgement,
    "resend": _resend,
}
"""The types that are about a socket, not about a conversation: no form has them."""

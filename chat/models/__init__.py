"""Rows, their states, and which of them somebody may see; `chat.models` hands all of them on."""

from chat.models.conversations import (
    LIVE,
    Author,
    Conversation,
    ConversationQuerySet,
    Message,
    MessageQuerySet,
    Persona,
    Shelf,
    State,
    Verdict,
    Versions,
    is_unfinished,
)
from chat.models.leases import Lease
from chat.models.limits import Limits, Spent
from chat.models.people import Invitation, Receipt, User

__all__ = [
    "LIVE",
    "Author",
    "Conversation",
    "ConversationQuerySet",
    "Invitation",
    "Lease",
    "Limits",
    "Message",
    "MessageQuerySet",
    "Persona",
    "Receipt",
    "Shelf",
    "Spent",
    "State",
    "User",
    "Verdict",
    "Versions",
    "is_unfinished",
]

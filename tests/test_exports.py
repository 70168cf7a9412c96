"""People take along all that is theirs: each field is in the export, or on a list of what is not."""

from typing import Any

import pytest

from chat import exports
from chat.models import Conversation, Message, User

LEFT_OUT: dict[type[Any], set[str]] = {
    User: {
        *("id", "password", "is_superuser", "is_staff", "is_active", "is_waiting", "on_hold"),
        *("lookalike", "draft_key"),
    },
    Conversation: {"owner", "provider", "persona", "looked", "deleted", "draft_key"},
    Message: {"conversation", "key", "html", "html_version", "rev", "retry_at", "lease", "attempts", "parent"},
}
"""What the site keeps for itself: rights, marks and keys of its own, and what follows from the rest."""


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        (User, exports.ACCOUNT + exports.CHOICES),
        (Conversation, exports.CONVERSATION),
        (Message, exports.MESSAGE),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_each_field_is_taken_along_or_said_to_be_left_out(model: type[Any], taken: tuple[str, ...]) -> None:
    fields = {field.name for field in model._meta.concrete_fields}
    assert fields - {name.removesuffix("_id") for name in taken} - LEFT_OUT[model] == set()

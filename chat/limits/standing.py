"""How much a user has asked for, and how much they may: one plain statement, as every prompt asks it.

What counts are rows of `Spent`, one per answer that was asked for. They outlive their conversations and their user, so
deleting gives nothing back. Limits come from the user's own `Limits` row, else the most generous of their groups', else
from the settings; 0 is no limit.
"""

import time
from typing import Annotated, Any, NamedTuple, get_type_hints

from django.conf import settings
from django.db import connection

MINUTE_MS, DAY_MS = 60_000, 24 * 3600_000


class Most(NamedTuple):
    """A user's limits; 0 is none. `models` are those they may use, all when it is empty.

    Each number is named as its field of `Limits`, and names the setting that holds for everybody.
    """

    per_day: Annotated[int, "CHAT_DAILY_MESSAGES"]
    per_minute: Annotated[int, "CHAT_MINUTE_MESSAGES"]
    at_once: Annotated[int, "CHAT_CONCURRENT_REPLIES"]
    prompt_chars: Annotated[int, "CHAT_MAX_PROMPT_CHARS"]
    conversation_messages: Annotated[int, "CHAT_MAX_CONVERSATION_MESSAGES"]
    models: tuple[str, ...] = ()


SETTINGS: dict[str, str] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Most, include_extras=True).items()
    if hasattr(hint, "__metadata__")
}
"""The setting of each number, by its field's name."""


class Standing(NamedTuple):
    """What a user has going: live replies, and answers asked for in the last minute and day (the first one when).

    `of_provider` is how many answers of a provider the whole site asked for in the last day, if that was asked for.
    """

    live: int
    minute: int
    day: int
    first_ms: int
    most: Most
    of_provider: int = 0


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def read(user_id: int, provider: str = "") -> Standing:
    """Without a provider, none's answers are counted."""
    now = now_ms()
    since = now - DAY_MS
    spent = [user_id, now - MINUTE_MS, user_id, since, user_id, since]
    values: list[int | str] = [user_id, *spent, provider, since, user_id, user_id]
    with connection.cursor() as cursor:
        cursor.execute(STANDING, values)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    counted = {name: rows[0][name] for name in ("live", "minute", "day", "of_provider")}
    most = _most([row for row in rows if row["id"] is not None])
    return Standing(**counted, first_ms=rows[0]["first_ms"] or now, most=most)


# CROSS JOIN makes SQLite begin with the few live replies instead of all conversations of the user. A provider's answers
# are counted in an index, all of them: PostgreSQL takes five times as long to walk along it up to a limit.
# Nothing but names of fields is put in.
STANDING = (
    "SELECT (SELECT COUNT(*) FROM chat_message m CROSS JOIN chat_conversation c WHERE c.id = m.conversation_id"  # noqa: S608
    " AND m.state IN ('queued', 'streaming') AND c.owner_id = %s) AS live,"
    " (SELECT COUNT(*) FROM chat_spent WHERE user_id = %s AND at_ms > %s) AS minute,"
    " (SELECT COUNT(*) FROM chat_spent WHERE user_id = %s AND at_ms > %s) AS day,"
    " (SELECT MIN(at_ms) FROM chat_spent WHERE user_id = %s AND at_ms > %s) AS first_ms,"
    " (SELECT COUNT(*) FROM chat_spent WHERE provider = %s AND at_ms > %s) AS of_provider,"
    f" l.id, l.user_id, l.only_models, {', '.join(f'l.{name}' for name in SETTINGS)}"
    " FROM chat_user u LEFT JOIN chat_limits l ON l.user_id = u.id"
    " OR l.group_id IN (SELECT group_id FROM chat_user_groups WHERE user_id = %s) WHERE u.id = %s"
)


def _most(rows: list[dict[str, Any]]) -> Most:
    """The limits that these rows of `Limits` make: the user's own say more than those of groups."""
    own = [row for row in rows if row["user_id"] is not None]
    groups = [row for row in rows if row["user_id"] is None]
    numbers = {
        name: _widest(_set(name, own) or _set(name, groups) or [getattr(settings, setting)])
        for name, setting in SETTINGS.items()
    }
    named = [row["only_models"].split() for row in own if row["only_models"]]
    named = named or [row["only_models"].split() for row in groups if row["only_models"]]
    return Most(**numbers, models=tuple(model for names in named for model in names))


def _set(name: str, rows: list[dict[str, Any]]) -> list[int]:
    return [row[name] for row in rows if row[name] is not None]


def _widest(values: list[int]) -> int:
    return 0 if 0 in values else max(values)

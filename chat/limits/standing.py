"""How much a user has asked for, and how much they may: one plain statement, as every prompt asks it.

What counts are rows of `Spent`, one per answer that was asked for. They outlive their conversations and their user, so
deleting gives nothing back. Limits come from the user's own `Limits` row, else the most generous of their groups', else
from the settings; 0 is no limit.
"""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

MINUTE_MS, DAY_MS = 60_000, 24 * 3600_000


class Most(NamedTuple):
    """A user's limits; 0 is none. `models` are those they may use, all when it is empty."""

    per_day: int
    per_minute: int
    at_once: int
    prompt_chars: int
    conversation_messages: int
    models: tuple[str, ...] = ()


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
        rows = cursor.fetchall()
    live, minute, day, first, of_provider = rows[0][:5]
    most = _most([row[5:] for row in rows if row[5] is not None])
    return Standing(live, minute, day, first or now, most, of_provider)


# CROSS JOIN makes SQLite begin with the few live replies instead of all conversations of the user. A provider's answers
# are counted in an index, all of them: PostgreSQL takes five times as long to walk along it up to a limit.
STANDING = (
    "SELECT (SELECT COUNT(*) FROM chat_message m CROSS JOIN chat_conversation c WHERE c.id = m.conversation_id"
    " AND m.state IN ('queued', 'streaming') AND c.owner_id = %s),"
    " (SELECT COUNT(*) FROM chat_spent WHERE user_id = %s AND at_ms > %s),"
    " (SELECT COUNT(*) FROM chat_spent WHERE user_id = %s AND at_ms > %s),"
    " (SELECT MIN(at_ms) FROM chat_spent WHERE user_id = %s AND at_ms > %s),"
    " (SELECT COUNT(*) FROM chat_spent WHERE provider = %s AND at_ms > %s),"
    " l.id, l.user_id, l.per_day, l.per_minute, l.at_once, l.prompt_chars, l.conversation_messages, l.only_models"
    " FROM chat_user u LEFT JOIN chat_limits l ON l.user_id = u.id"
    " OR l.group_id IN (SELECT group_id FROM chat_user_groups WHERE user_id = %s) WHERE u.id = %s"
)


def _most(rows: list[tuple[Any, ...]]) -> Most:
    own = [row for row in rows if row[1] is not None]
    groups = [row for row in rows if row[1] is None]
    values: list[int] = []
    for number, default in enumerate(_defaults(), 2):
        set_here = [row[number] for row in own if row[number] is not None]
        values.append(_widest(set_here or [row[number] for row in groups if row[number] is not None] or [default]))
    named = [row[7].split() for row in own if row[7]] or ([row[7].split() for row in groups if row[7]])
    models = tuple(model for names in named for model in names)
    return Most(values[0], values[1], values[2], values[3], values[4], models)


def _defaults() -> Iterable[int]:
    yield settings.CHAT_DAILY_MESSAGES
    yield settings.CHAT_MINUTE_MESSAGES
    yield settings.CHAT_CONCURRENT_REPLIES
    yield settings.CHAT_MAX_PROMPT_CHARS
    yield settings.CHAT_MAX_CONVERSATION_MESSAGES


def _widest(values: list[int]) -> int:
    return 0 if 0 in values else max(values)

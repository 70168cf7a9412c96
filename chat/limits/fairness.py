"""The whole site's day with a provider: its first half is anybody's, the second is shared out among all who ask."""

from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from chat.limits import standing
from chat.limits.standing import DAY_MS, MINUTE_MS
from chat.refusals import Refused, wait

WORTH_REMEMBERING = 10_000
"""To count the people behind so many answers takes long enough to do it seldom."""
LONGEST_MEMORY_MS = 10 * MINUTE_MS


class Count(NamedTuple):
    """How many people had asked in the 24 hours before `at_ms`."""

    at_ms: int
    people: int


_counted: dict[str, Count] = {}


def wait_for_turn(provider: str) -> None:
    """Lets one transaction at a time spend of a provider's day; for PostgreSQL, as SQLite has one writer anyway."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"chat provider {provider}"])


def check(user_id: int, provider: str, total: int, most: int) -> None:
    """Raises Refused when more than `most` of the provider's answers are spent, or more than this user's share of it.

    `total` and the user's own include the answer that is just asked for. Of the second half, who has had their part of
    the day, divided by all who asked, leaves the rest to the others; one answer is everybody's.
    """
    if total > most:
        raise _refused(provider, _("The service that answers allows this site no more messages today."))
    if total <= most // 2:
        return
    own = _number(OWN, [user_id, standing.now_ms() - DAY_MS, provider])
    if own > 1 and _are_more_than(most // own, provider, total):
        words = _("You have had your share of what the service allows this site today; the rest is for others.")
        raise _refused(provider, words)


def _are_more_than(number: int, provider: str, total: int) -> bool:
    """Whether more people than this have asked in the last 24 hours.

    The last count still tells, unless those who came and went since then could make the difference.
    """
    now = standing.now_ms()
    last = _counted.get(provider)
    if last is not None and total >= WORTH_REMEMBERING and 0 <= now - last.at_ms < LONGEST_MEMORY_MS:
        came = _number(BETWEEN, [provider, last.at_ms - MINUTE_MS, now + DAY_MS])  # another machine's clock may be slow
        if last.people + came <= number:
            return False
        went = _number(BETWEEN, [provider, last.at_ms - DAY_MS, now - DAY_MS]) + 1  # and the last one may be refused
        if last.people - went > number:
            return True
    people = _number(PEOPLE, [provider, now - DAY_MS])
    _counted[provider] = Count(now, people)
    return people > number


def _refused(provider: str, words: str) -> Refused:
    now = standing.now_ms()
    first_ms = _number("SELECT MIN(at_ms) FROM chat_spent WHERE provider = %s AND at_ms > %s", [provider, now - DAY_MS])
    seconds = max(0, first_ms + DAY_MS - now) // 1000 + 1
    return Refused("quota", f"{words} {wait(seconds)}", seconds)


def _number(statement: str, values: list[int | str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


OWN = "SELECT COUNT(*) FROM chat_spent WHERE user_id = %s AND at_ms > %s AND provider = %s"
BETWEEN = "SELECT COUNT(*) FROM chat_spent WHERE provider = %s AND at_ms > %s AND at_ms <= %s"
# Quicker by a quarter than COUNT(DISTINCT user_id), which sorts.
PEOPLE = (
    "SELECT COUNT(*) FROM (SELECT DISTINCT user_id FROM chat_spent"
    " WHERE provider = %s AND at_ms > %s AND user_id IS NOT NULL) people"
)

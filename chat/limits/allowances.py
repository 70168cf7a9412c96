"""What the page tells a user about their day: how much is left, and when it renews."""

from datetime import UTC, datetime
from typing import NamedTuple

from chat.limits import standing
from chat.limits.standing import DAY_MS, Standing
from chat.models import User


class Allowance(NamedTuple):
    """`left` of `most` messages; `renews` is when there will be one more, None while none is spent.

    `models` are those that the user may use, all when it is empty.
    """

    left: int
    most: int
    renews: datetime | None
    max_chars: int
    models: tuple[str, ...]


def allowance(user: User) -> Allowance:
    """One query. `most` is 0 for somebody whose day has no limit."""
    return of(standing.read(user.pk))


def of(now: Standing) -> Allowance:
    """What a standing leaves."""
    most = now.most.per_day
    renews = datetime.fromtimestamp((now.first_ms + DAY_MS) / 1000, UTC) if now.day else None
    return Allowance(max(0, most - now.day), most, renews, now.most.prompt_chars, now.most.models)

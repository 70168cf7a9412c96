"""How often a person may take everything along: an export reads all they have."""

import time

from django.core.cache import cache
from django.utils.translation import ngettext

from chat.models import User
from chat.refusals import Refused, wait

MOST_AN_HOUR = 5
HOUR_SECONDS = 3600


def take_export(user: User) -> None:
    """Counts one export; raises Refused when there were enough within an hour.

    Each takes one of a few places, for an hour: `add` lets only one in, however many ask in the same moment.
    """
    now = time.time()
    places = [f"chat.export.{user.pk}.{number}" for number in range(MOST_AN_HOUR)]
    if any(cache.add(place, now, HOUR_SECONDS) for place in places):
        return
    first = min(cache.get_many(places).values(), default=now)
    seconds = int(max(0, first + HOUR_SECONDS - now)) + 1
    text = ngettext(
        "You may export your data %(most)d time an hour.",
        "You may export your data %(most)d times an hour.",
        MOST_AN_HOUR,
    )
    raise Refused("rate", f"{text % {'most': MOST_AN_HOUR}} {wait(seconds)}", seconds)

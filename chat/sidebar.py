"""The list of conversations beside every page."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chat.models import Conversation, User

MOST_ROWS = 100


def rows(user: User) -> list[Conversation]:
    """The user's newest conversations, each knowing whether a reply is being written."""
    return list(Conversation.objects.for_user(user).with_liveness()[:MOST_ROWS])


def grouped(conversations: Iterable[Conversation]) -> list[tuple[str, list[Conversation]]]:
    """Rows, newest first, under headings such as Today and Yesterday."""
    today = timezone.localdate()
    return [(label, list(group)) for label, group in groupby(conversations, lambda row: _heading(row, today))]


def _heading(row: Conversation, today: date) -> str:
    day = timezone.localdate(row.updated)
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return _("Previous 7 days")
    return date_format(day, "YEAR_MONTH_FORMAT")

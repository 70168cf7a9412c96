"""The list of conversations: beside every page, and on a page of its own."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chat import inputs
from chat.conversations import keeping
from chat.models import Conversation, ConversationQuerySet, Shelf, User

MOST_ROWS = 60
MOST_PINNED = 40
MOST_PINNED_OF_ALL = 1000
"""Those of the list on its own page stand together on the first one: whoever pins must find them all."""


class Listed(NamedTuple):
    """Rows of the list, newest first, and the mark from which older ones go on ("" when there are none)."""

    rows: list[Conversation]
    older: str


def context(user: User, undo: str = "", first_page: Listed | None = None) -> dict[str, object]:
    """What every page with the list beside it shows; `undo` is the mark of a deletion that may be undone.

    `first_page` of `everything`, if it was asked for already, has what stands beside the page.
    """
    listed = _fewer_pinned(first_page) if first_page else beside(user)
    return {
        "conversation_groups": grouped(listed.rows),
        "older": listed.older,
        "undo": undo if undo and keeping.count_deleted(user, undo) else "",
    }


def beside(user: User) -> Listed:
    """What stands beside a page: the pinned conversations, then the newest others."""
    pinned = _rows(user, Shelf.PINNED).with_marks()[:MOST_PINNED]
    listed = shelf(user, Shelf.LIST)
    return Listed([*pinned, *listed.rows], listed.older)


def _fewer_pinned(listed: Listed) -> Listed:
    pinned = [row for row in listed.rows if row.shelf == Shelf.PINNED]
    return Listed([*pinned[:MOST_PINNED], *listed.rows[len(pinned) :]], listed.older)


def everything(user: User, before: str, title: str) -> Listed:
    """One page of all that is not archived: the pinned ones stand on the first."""
    listed = shelf(user, Shelf.LIST, before, title)
    pinned = [] if before else shelf(user, Shelf.PINNED, title=title, most=MOST_PINNED_OF_ALL).rows
    return Listed([*pinned, *listed.rows], listed.older)


def shelf(user: User, name: Shelf, before: str = "", title: str = "", most: int = MOST_ROWS) -> Listed:
    """One page of a shelf: `most` rows below the mark `before`, with `title` in their titles, in whichever case."""
    found = _rows(user, name)
    if (place := _place(before)) is not None:
        updated, pk = place
        found = found.filter(updated__lte=updated).filter(Q(updated__lt=updated) | Q(pk__lt=pk))
    if title:
        found = found.filter(pk__in=_titled(found, title, most + 1))
    rows = list(found.with_marks()[: most + 1])
    return Listed(rows[:most], _mark(rows[most - 1]) if len(rows) > most else "")


def grouped(conversations: Iterable[Conversation]) -> list[tuple[str, list[Conversation]]]:
    """Rows, in their order, under headings such as Pinned, Today and Yesterday."""
    today = timezone.localdate()
    return [(label, list(group)) for label, group in groupby(conversations, lambda row: _heading(row, today))]


def _rows(user: User, name: Shelf) -> ConversationQuerySet:
    wanted = Conversation.objects.for_user(user).filter(shelf=name).order_by("-updated", "-pk")
    return wanted.only("title", "updated", "shelf")


def _titled(rows: ConversationQuerySet, title: str, most: int) -> list[Any]:
    """The first `most` of the rows that have `title` in their titles.

    Looked for here, because what a database takes for the same letter depends on it: SQLite knows case in ASCII only,
    and so does PostgreSQL in the locale C.
    """
    wanted = title.casefold()
    with connection.cursor() as cursor:
        # Plain rows, as a conversion of ten thousand keys takes twice as long as the rest.
        cursor.execute(*rows.values_list("pk", "title").query.sql_with_params())
        return list(islice((pk for pk, name in cursor if wanted in name.casefold()), most))


def _mark(row: Conversation) -> str:
    return f"{inputs.stamp(row.updated)}-{row.pk.hex}"


def _place(mark: str) -> tuple[datetime, uuid.UUID] | None:
    """Where a mark points; None for one that is none."""
    stamp, _dash, pk = mark.partition("-")
    updated = inputs.moment(stamp)
    try:
        return (updated, uuid.UUID(pk)) if updated else None
    except ValueError:
        return None


def _heading(row: Conversation, today: date) -> str:
    if row.shelf == Shelf.PINNED:
        return _("Pinned")
    day = timezone.localdate(row.updated)
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return _("Previous 7 days")
    return date_format(day, "YEAR_MONTH_FORMAT")

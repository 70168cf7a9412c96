"""What a browser sends, as it may be stored: keys, moments, and text without what is no text, of a field's length."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model

LARGEST_KEY = 2**63 - 1
"""A larger number makes a database complain instead of finding nothing."""
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL does not store, and halves of characters, which nothing can encode."""


def key(text: str) -> int | None:
    """The number that these digits are; None for anything that cannot be a key."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_KEY))):
        return None
    return number if (number := int(text)) <= LARGEST_KEY else None


def stamp(moment: datetime) -> str:
    """A moment as digits for an address: microseconds since 1970, as exact as databases store it."""
    return str((moment - EPOCH) // MICROSECOND)


def moment(stamp: str) -> datetime | None:
    """The moment of which this is the `stamp`; None for anything that cannot be one."""
    microseconds = key(stamp)
    try:
        return None if microseconds is None else EPOCH + microseconds * MICROSECOND
    except OverflowError:
        return None


def is_text(sent: str) -> bool:
    """Whether there is nothing in it that cannot be stored."""
    return NO_TEXT.search(sent) is None


def marked(sent: str) -> str:
    """Text as it was sent, with U+FFFD in the place of whatever cannot be stored."""
    return NO_TEXT.sub("\ufffd", sent)


def text(sent: str, most: int | None = None) -> str:
    """Text of any number of lines, at most `most` characters: without what cannot be stored, and trimmed."""
    return NO_TEXT.sub("", sent).replace("\r\n", "\n").strip()[:most].rstrip()


def line(sent: str, most: int | None = None) -> str:
    """As `text`, on one line. Titles and names are chosen to be seen: for them, see `chat.lines`."""
    return text(" ".join(NO_TEXT.sub("", sent).split()), most)


def longest(model: "type[Model]", field: str) -> int:
    """How many characters a field takes."""
    found: Any = model._meta.get_field(field)
    assert found.max_length is not None, f"{field} takes any length"
    return int(found.max_length)

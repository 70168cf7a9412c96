"""What a primary key may be, and how one is read from what a browser sends; pure, no Django."""

LARGEST_KEY = 2**63 - 1
"""A larger number makes a database complain instead of finding nothing."""


def key(text: str) -> int | None:
    """The number that these digits are; None for anything that cannot be a key."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_KEY))):
        return None
    return number if (number := int(text)) <= LARGEST_KEY else None

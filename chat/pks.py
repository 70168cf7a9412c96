"""What a primary key may be, and how one is read from what a browser sends; pure, no Django."""

LARGEST = 2**63 - 1
"""A larger number makes a database complain instead of finding nothing."""


def from_text(text: str) -> int | None:
    """The number that these digits are; None for anything that cannot be a key."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
        return None
    return number if (number := int(text)) <= LARGEST else None

"""Times written into the streamed text, so that whoever reads it knows how old it is, whichever server it came through.

A stamp is a chunk of five characters: a capital that occurs nowhere else in the text, three digits of base 62, a space.
The clock is the machine's monotonic one, which all processes share, in quarters of a millisecond.
"""

import re
import string
import time
from typing import Literal

DIGITS = string.digits + string.ascii_letters
VALUES = {digit: value for value, digit in enumerate(DIGITS)}
RANGE = len(DIGITS) ** 3
PER_SECOND = 4_000
"""A time comes round again after RANGE / PER_SECOND = 59.6 seconds: no reply of a benchmark may last that long."""

Kind = Literal["Q", "X", "Z"]
SENT: Kind = "Q"  # when this chunk was sent
WAITED: Kind = "Z"  # how long the upstream took before its first chunk, which is this one
END: Kind = "X"  # how many stamps of the kind SENT there were; the last chunk

FOUND = re.compile(f"([{SENT}{WAITED}{END}])([0-9A-Za-z]{{3}})")


def now() -> int:
    """The time, in the stamps' unit."""
    return int(time.monotonic() * PER_SECOND)


def stamp(kind: Kind, value: int) -> str:
    value %= RANGE
    high, low = divmod(value, len(DIGITS))
    high, middle = divmod(high, len(DIGITS))
    return f"{kind}{DIGITS[high]}{DIGITS[middle]}{DIGITS[low]} "


def value_of(digits: str) -> int:
    return (VALUES[digits[0]] * len(DIGITS) + VALUES[digits[1]]) * len(DIGITS) + VALUES[digits[2]]


def age(digits: str, at: int) -> float:
    """Milliseconds from the time in a stamp to `at`."""
    return (at - value_of(digits)) % RANGE * 1000 / PER_SECOND

"""What the attackers did, from the journal that they write: how each attack ended, and what preceded a silence."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

JUST_BEFORE = 1.5  # seconds


class Line(NamedTuple):
    """`at` is the system's time in seconds; `event` is begin or end."""

    at: float
    event: str
    what: str
    how: str


def lines(journal: Path) -> list[Line]:
    """All lines; text between them is an error of the attackers' own, and raises AssertionError."""
    found = []
    for text in journal.read_text().splitlines():
        parts = text.split("\t")
        assert len(parts) == 4, f"the attackers themselves failed:\n{journal.read_text()[-2000:]}"
        found.append(Line(float(parts[0]), *parts[1:]))
    return found


def outcomes(journal: list[Line]) -> Iterator[str]:
    """A line for each kind of attack: how often it ended how."""
    ends = Counter((line.what, line.how) for line in journal if line.event == "end")
    for what in dict.fromkeys(what for what, _how in ends):
        yield f"{what}: " + "; ".join(f"{ends[what, how]} × {how}" for w, how in ends if w == what)


def preceding(journal: list[Line], moment: float) -> str:
    """What had begun just before a moment, and what had begun earlier and not ended."""
    running: dict[str, float] = {}
    for line in journal:
        if line.at > moment:
            break
        if line.event == "begin":
            running[line.what] = line.at
        elif line.at < moment - JUST_BEFORE:
            running.pop(line.what, None)
    lasting = re.compile(r"connections|dripping|reads|sockets")
    return ", ".join(what for what in running if not lasting.search(what)) or "nothing in particular"

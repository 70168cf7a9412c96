"""What a drill has measured, beside what it should have been."""

import statistics
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """One line of the report; `goal` is in words, because some goals are exact and others are limits."""

    what: str
    measured: str
    goal: str
    is_reached: bool


def at_most(what: str, measured: float, limit: float, unit: str = "") -> Figure:
    return Figure(what, _spelt(measured, unit), f"≤ {_spelt(limit, unit)}", measured <= limit)


def none(what: str, found: int) -> Figure:
    return Figure(what, str(found), "0", found == 0)


def longest(times: Iterable[float]) -> float:
    return max(times, default=0.0)


def median(times: Iterable[float]) -> float:
    return statistics.median([*times] or [0.0])


def slope(points: list[tuple[float, float]]) -> float:
    """How much y grows per x, by least squares."""
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 1 else 0.0


def report(drill: str, figures: list[Figure]) -> None:
    width = max(len(figure.what) for figure in figures)
    say(f"\n{drill}")
    for what, measured, goal, is_reached in figures:
        say(f"  {'✓' if is_reached else '✗'} {what:<{width}}  {measured:>12}  goal {goal}")
    say("")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def progress(words: str) -> None:
    say(f"  {time.strftime('%H:%M:%S')} {words}")


def _spelt(number: float, unit: str) -> str:
    digits = 0 if number >= 100 or number == int(number) else 2
    return f"{number:,.{digits}f} {unit}".strip()

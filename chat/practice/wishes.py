"""The words in a message that choose a fault, a pace or a length: `!cut`, `!429=5`, `!size=100k`."""

import re
from dataclasses import dataclass

_WISH = re.compile(r"(?<!\S)!([a-z0-9]{2,10})(?:=([0-9]{1,9}(?:\.[0-9]{1,3})?)([km]?))?(?!\S)", re.IGNORECASE)
_FACTOR = {"": 1, "k": 1_000, "m": 1_000_000}
_SETTINGS = {"pace", "chunk", "chunks", "size"}
_FAULTS = {
    "binary", "cut", "empty", "endless", "garbage", "gzip", "html", "line", "nodone", "oops", "portal", "redirect",
    "refuse", "reset", "rotate", "silent", "slow", "stall", "utf8",
}  # fmt: skip
_LARGEST = 50_000_000


@dataclass(frozen=True)
class Wishes:
    """What one message asks for. `pace` is in milliseconds; None means not mentioned."""

    faults: dict[str, float | None]
    pace: float | None = None
    chunk: int | None = None
    chunks: int | None = None
    size: int | None = None

    @property
    def status(self) -> int | None:
        """The error status that is wished for."""
        return next((int(fault) for fault in self.faults if fault.isdigit()), None)

    def value(self, fault: str, default: float) -> float:
        """Return the number given with a fault."""
        value = self.faults.get(fault)
        return default if value is None else value


def read(message: str) -> Wishes:
    """Return the wishes of a message; words that are none are left alone."""
    found = {name.lower(): _number(number, unit) for name, number, unit in _WISH.findall(message)}
    faults = {name: value for name, value in found.items() if _is_fault(name)}
    numbers = {name: value for name, value in found.items() if name in _SETTINGS and value is not None}
    counts = {name: max(1, int(min(value, _LARGEST))) for name, value in numbers.items() if name != "pace"}
    return Wishes(faults, numbers.get("pace"), **counts)


def without(message: str) -> str:
    """Return the message without its wishes."""
    return _WISH.sub("", message).strip()


def _is_fault(name: str) -> bool:
    return name in _FAULTS or (len(name) == 3 and name.isdigit() and 400 <= int(name) <= 599)


def _number(number: str, unit: str) -> float | None:
    return float(number) * _FACTOR[unit.lower()] if number else None

"""docs/security.md names tests that there are, and numbers that are those of the code."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"(\d[\d,]*)(?: (KiB|MiB))?")
UNITS = {"": 1, "KiB": 1024, "MiB": 1024 * 1024}


def rows(title: str) -> list[list[str]]:
    """The cells of the rows of all tables under a heading of the second level, without their own headings."""
    section = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    (found,) = (part for part in section if part.startswith(title))
    lines = [line.strip("| ").split(" | ") for line in found.splitlines() if line.startswith("| ")]
    return [cells for cells in lines if cells[0] not in ("Promise", "What", "Who")]


PROMISES = rows("Promises")
LIMITS = rows("The limits in numbers")


def test_there_are_promises_and_limits() -> None:
    assert len(PROMISES) > 20
    assert len(LIMITS) > 30
    assert all(len(cells) == 2 for cells in PROMISES)
    assert all(len(cells) == 3 for cells in LIMITS)


@pytest.mark.parametrize("cells", PROMISES, ids=lambda cells: cells[0][:40])
def test_each_promise_names_tests_that_there_are(cells: list[str]) -> None:
    named = re.findall(r"`(tests/[^`]+)`", cells[1])
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("cells", LIMITS, ids=lambda cells: cells[0])
def test_each_limit_is_the_one_in_the_code(cells: list[str]) -> None:
    _what, limit, name = cells
    assert list(said(limit)) == list(numbers(meant(name.strip("`"))))


def said(words: str) -> Iterator[float]:
    for digits, unit in NUMBER.findall(words):
        yield int(digits.replace(",", "")) * UNITS[unit]


def numbers(value: Any) -> Iterator[float]:
    """The numbers of a constant; of a rate limit as django-allauth writes it (`5/300s/key`), those in it."""
    if isinstance(value, str):
        yield from map(int, re.findall(r"\d+", value))
    else:
        yield value


def meant(name: str) -> Any:
    """What a dotted name stands for: of Django's settings, or of a module, and then of what is in it."""
    module, *rest = name.split(".")
    found: Any = settings if module == "settings" else importlib.import_module(module)
    for part in rest:
        module = f"{module}.{part}"
        if isinstance(found, dict):
            found = found[part]
        elif hasattr(found, part):
            found = getattr(found, part)
        else:
            found = importlib.import_module(module)
    return found

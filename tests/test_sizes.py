"""The page stays small: what a browser has to load, and what a person has to read to change it."""

import gzip
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
MOST_BYTES = 15_000
WIDEST = 140
MOST_LINES = 370
"""Of all our own script, comments and blank lines included."""


def zipped(*patterns: str) -> int:
    """Bytes of these files as they go over the wire, each compressed by itself."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for pattern in patterns for path in STATIC.glob(pattern))


def test_all_script_together_is_small() -> None:
    assert 5_000 < zipped("*.js", "vendor/*.js") <= MOST_BYTES


def test_all_style_sheets_together_are_small() -> None:
    assert 5_000 < zipped("css/*.css") <= MOST_BYTES


def test_the_script_does_not_grow() -> None:
    lines = [line for path in STATIC.glob("*.js") for line in path.read_text().splitlines()]
    assert max(map(len, lines)) <= WIDEST
    assert len(lines) <= MOST_LINES

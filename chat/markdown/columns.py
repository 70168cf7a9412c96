"""How wide the columns of a very long table are: told once, so that browsers need not look at every cell for it."""

import re
from html import unescape
from typing import NamedTuple

_CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")

# In em of the table's own letters; see messages.css.
_LETTER = 0.53
_PADDING = 1.6
_NARROWEST = 5.4
_ROOM = 38
_LEAST = (22, 30, 38, 60, 90, 140)
_LONGEST_WORD = 24


class _Column(NamedTuple):
    """What a column needs for its longest word, and what it takes for its longest cell."""

    needs: float
    takes: float


def laid_out(html: str) -> str:
    """The opening tag and columns of a table, as wide as browsers would make them for these rows of it."""
    columns = _columns(html)
    if not columns:
        return "<table>"
    widths = _widths(columns)
    total = sum(widths)
    least = max(column.needs * total / width for column, width in zip(columns, widths, strict=True))
    room = next((room for room in _LEAST if room >= least), _LEAST[-1])
    cols = "".join(f'<col width="{100 * width / total:.1f}%">' for width in widths)
    return f'<table class="long w{room}" width="{min(100, 100 * total / _ROOM):.0f}%"><colgroup>{cols}</colgroup>'


def _widths(columns: list[_Column]) -> list[float]:
    least, most = ([max(_NARROWEST, width) for width in widths] for widths in zip(*columns, strict=True))
    room = max(0, _ROOM - sum(least)) / (sum(most) - sum(least)) if sum(most) > sum(least) else 0
    return [low + (high - low) * min(1, room) for low, high in zip(least, most, strict=True)]


def _columns(html: str) -> list[_Column]:
    cells = [unescape(_TAG.sub("", cell)) for cell in _CELL.findall(html)]
    number = html.partition("</tr>")[0].count("</th>")
    return [_column(cells[at::number]) for at in range(number)]


def _column(cells: list[str]) -> _Column:
    word = max((len(word) for cell in cells for word in cell.split()), default=0)
    return _Column(_width(min(word, _LONGEST_WORD)), _width(max(map(len, cells))))


def _width(letters: int) -> float:
    return _PADDING + _LETTER * letters

"""What pages show of the open block of a growing text, and the smallest change that brings them up to date."""

from typing import NamedTuple

from chat.markdown import rendering
from chat.markdown.context import Context
from chat.markdown.parts import Part
from chat.markdown.source import is_plain, presentable, units

# A block is rendered and sent as a whole again while the sum of its lengths is below `times × its length + first`, so
# that both are linear; else its text is added as it is. That looks worst where a list or table goes on in a new line.
_RENDERED = (16, 16_384)
_SENT_PARAGRAPH = (1.5, 6_144)
_SENT_OTHER = (3, 12_288)
_SENT_LINE = (3, 32_768)
_MORE = 4  # of which a part that goes on another gets this share of `first`, as there can be many of them


class Block(NamedTuple):
    """The HTML of a whole block; it replaces what was shown at this index."""

    index: int  # type: ignore[assignment]  # the field is meant, not tuple's method
    html: str


class Added(NamedTuple):
    """Text to append to the tail of the open block, of whose source a page must hold `at` UTF-16 units."""

    index: int  # type: ignore[assignment]  # the field is meant, not tuple's method
    text: str
    at: int


class Shown:
    """How much of an open block's source is shown, and as what HTML."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.length = 0
        self.units = 0
        self._html = ""  # up to where text goes on
        self._flows = False  # whether rendering showed that what was added last just goes there
        self._rendered = self._sent = 0

    def held(self, source: str, fence: str) -> int:
        """UTF-16 units of the source that can be shown by now."""
        return self.units + units(source[self.length : presentable(source, fence)])

    def change(self, index: int, source: str, fence: str, context: Context) -> Block | Added | None:
        """What a page must do to show the source as it is now."""
        start, end = self.length, presentable(source, fence)
        if end <= start:
            return None
        added = Added(index, source[start:end], self.units)
        self.length = end
        self.units += units(added.text)
        if start and fence and source[0] != " ":  # an indented fence takes indentation off its lines
            return added
        self._html += rendering.escaped(added.text)
        if self._flows and is_plain(source, start, end):
            return added
        if start and not self._may_be_sent(at_line_end="\n" in added.text):
            self._flows = False
            return added
        return self._rendering(index, self._part.unsettled(source[:end], context)) or added

    def _may_be_sent(self, *, at_line_end: bool) -> bool:
        kind = _SENT_PARAGRAPH if self._html.startswith("<p ") else _SENT_LINE if at_line_end else _SENT_OTHER
        share = _MORE if self._part.head else 1
        return all(
            spent < times * self.length + first // share
            for spent, (times, first) in ((self._rendered, _RENDERED), (self._sent, kind))
        )

    def _rendering(self, index: int, html: str) -> Block | None:
        self._rendered += self.length
        expected, self._html = self._html, html.partition(rendering.TAIL)[0]
        self._flows = self._html == expected
        if self._flows:
            return None
        self._sent += self.length
        return Block(index, html)

"""A text that still grows, block by block: what is settled is never looked at again."""

import re
from itertools import pairwise

from chat.markdown import rendering
from chat.markdown.context import Context
from chat.markdown.parts import Part, Start, last_part, split, starts
from chat.markdown.shown import Added, Block, Shown
from chat.markdown.source import (
    LARGEST,
    begins_block,
    clean,
    end_of_fence,
    first_line,
    is_blank,
    opens_fence,
    place_to_cut,
    presentable,
)

_CLOSED = ("h1", "h2", "h3", "h4", "h5", "h6", "hr")
_LISTS = ("ul", "ol")
_DEFINITION = re.compile(r"^[ \t>*+\d.)-]*\[[^\]\n]+\]:", re.MULTILINE)

_PARSED = 32
"""The open block is parsed anew when it has this part of its length in new lines; so that stays linear, too."""


def blocks(text: str) -> list[str]:
    """A finished text → safe HTML, one text per top-level block."""
    source = clean(text)
    whole = rendering.whole(source) if _DEFINITION.search(source) else None
    if whole is not None:
        return [part for html in whole for part in split(html)]
    growing = Growing(source if source.endswith("\n") else f"{source}\n")
    return growing.finish()


class Growing:
    """A text that is still growing. `take` tells what changed, `all` shows everything as of now.

    A block is settled when no later line can change it any more. It is then rendered once, from its own source alone,
    so that the result does not depend on how the text was cut. The rest is one open block, whatever it holds.
    """

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self._settled: list[str] = []
        self._taken = 0
        self._context = Context()
        self._begin("", Part())
        self.add(text)

    def add(self, added: str) -> None:
        """Take in more text."""
        half = self.text.endswith("\r") and added.startswith("\n")  # the \r was taken for a line end already
        self.text += added
        self._source += clean(added[1:] if half else added)

    def take(self) -> list[Block | Added]:
        """What changed since the last `take`."""
        self._settle(fully=False)
        settled = [Block(index, self._settled[index]) for index in range(self._taken, len(self._settled))]
        self._taken = len(self._settled)
        change = self._shown.change(self._taken, self._source, self._fence, self._context.copy())
        return [*settled, change] if change else [*settled]

    def all(self) -> list[str]:
        """The HTML of every block as of now: the settled ones and one for the open rest."""
        self._settle(fully=True)
        source = self._source[: presentable(self._source, self._fence)]
        return [*self._settled, *([self._part.unsettled(source, self._context.copy())] if source else [])]

    @property
    def held(self) -> int:
        """UTF-16 units of the open block's source that are shown as of now: where its tail goes on."""
        return self._shown.held(self._source, self._fence)

    def finish(self) -> list[str]:
        """The HTML of every block of a text that will not grow any more."""
        self._settle(fully=True)
        if not is_blank(self._source):
            self._cut(1, len(self._source))
        return self._settled

    def _begin(self, source: str, part: Part) -> None:
        """Begin an open block with its source, of which nothing is parsed or shown yet."""
        self._source, self._part = source, part
        self._fence, self._parsed, self._starts, self._kind = "", 0, [Start(0, part)], ""
        self._shown = Shown(part)

    def _settle(self, *, fully: bool) -> None:
        """Move every block that cannot change any more from the source to the settled ones."""
        while self._source:
            if not self._shown.length:
                self._source = self._source[first_line(self._source) :]
            self._fence = self._fence or opens_fence(self._source)
            if not (self._settle_fence() if self._fence else self._settle_parsed(fully=fully)):
                return

    def _settle_fence(self) -> bool:
        end = end_of_fence(self._source, self._fence, max(self._parsed, self._source.index("\n") + 1))
        if end:
            self._cut(1, end)
        else:
            self._parsed = self._source.rfind("\n") + 1
        return bool(end)

    def _settle_parsed(self, *, fully: bool) -> bool:
        is_too_long = len(self._source) > LARGEST
        end = self._source.rfind("\n", 0, LARGEST) + 1
        is_due = fully or is_too_long or end - self._parsed >= end // _PARSED
        if is_due or begins_block(self._source, end, in_list=True):
            self._parse(end)
        if self._is_closed(end):
            self._cut(len(self._starts), end)
        elif len(self._starts) > 1:
            self._cut(len(self._starts) - 1, end)
        elif is_too_long:
            self._cut_long(end)
        else:
            return False
        return True

    def _cut_long(self, end: int) -> None:
        """Settle most of a block that is longer than the parser is given: up to a row, an item, a line or a word."""
        self._starts = last_part(self._source[:end], self._part)
        if len(self._starts) > 1:
            self._cut(1, end)
        else:
            self._cut(1, place_to_cut(self._source, LARGEST))

    def _parse(self, end: int) -> None:
        """Find where the blocks and parts of the complete lines begin."""
        if not is_blank(self._source[self._parsed : end]):
            self._starts, self._kind = starts(self._source[:end], self._part)
        self._parsed = end

    def _is_closed(self, end: int) -> bool:
        """Whether no later line can go on with the last block of the complete lines."""
        if self._parsed < end or (self._kind == "pre" and len(self._starts) > 1):  # which may be an open fence
            return False
        return self._kind in _CLOSED or begins_block(self._source, end, in_list=self._kind in _LISTS)

    def _cut(self, number: int, end: int) -> None:
        """Settle the first blocks and parts up to `end`, and go on with what follows them."""
        found = [*self._starts, Start(end, Part())]
        for (start, part), (stop, _) in pairwise(found[: number + 1]):
            if not is_blank(source := self._source[start:stop]):
                self._settled.append(part.settled(source, self._context))
        rest, part = found[number]
        self._begin(self._source[rest:], part)

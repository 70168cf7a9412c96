"""A text that still grows, block by block: what is settled is never looked at again."""

import re
from itertools import pairwise
from typing import NamedTuple

from chat.markdown import formulas, rendering
from chat.markdown.source import begins_block, clean, end_of_fence, first_line, opens_fence, presentable, units

_CLOSED = ("h1", "h2", "h3", "h4", "h5", "h6", "hr")
_DEFINITION = re.compile(r"^[ \t>*+\d.)-]*\[[^\]\n]+\]:", re.MULTILINE)

# Of an open block of n characters at most these many are rendered and sent, so that both stay linear in n.
_RENDERED, _RENDERED_FIRST = 32, 16_384
_SENT, _SENT_FIRST = 5, 4_096
_PARSED = 64


class Block(NamedTuple):
    """The HTML of a whole block; it replaces what was shown at this index."""

    index: int  # type: ignore[assignment]  # the field is meant, not tuple's method
    html: str


class Added(NamedTuple):
    """Text to append to the tail of the open block, of whose source the page must hold `at` UTF-16 units."""

    index: int  # type: ignore[assignment]  # the field is meant, not tuple's method
    text: str
    at: int


def blocks(text: str) -> list[str]:
    """A finished text → safe HTML, one text per top-level block."""
    source = clean(text)
    whole = rendering.whole(source) if _DEFINITION.search(source) else None
    if whole is not None:
        return whole
    growing = Growing(source if source.endswith("\n") else f"{source}\n")
    return growing.finish()


class Growing:
    """A text that is still growing. `take` tells what changed, `all` shows everything as of now."""

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self._settled: list[str] = []
        self._taken = 0
        self._budget = formulas.Budget()
        self._begin("")
        self.add(text)

    def add(self, added: str) -> None:
        """Take in more text."""
        half = self.text.endswith("\r") and added.startswith("\n")  # the \r was taken for a line end already
        self.text += added
        self._source += clean(added[1:] if half else added)

    def take(self) -> list[Block | Added]:
        """What changed since the last `take`."""
        self._settle(fully=False)
        changes: list[Block | Added] = [
            Block(index, self._settled[index]) for index in range(self._taken, len(self._settled))
        ]
        self._taken = len(self._settled)
        grown = self._grown()
        return [*changes, grown] if grown else changes

    def all(self) -> list[str]:
        """The HTML of every block as of now: the settled ones and one for the open rest."""
        self._settle(fully=True)
        end = presentable(self._source, self._fence)
        rest = rendering.unsettled(self._source[:end], self._seen_formulas()) if self._source[:end].strip() else ""
        return [*self._settled, rest] if rest else [*self._settled]

    @property
    def held(self) -> int:
        """UTF-16 units of the open block's source that are shown as of now."""
        return self._at + units(self._source[self._shown : presentable(self._source, self._fence)])

    def finish(self) -> list[str]:
        """The HTML of every block of a text that will not grow any more."""
        self._settle(fully=True)
        if self._source.strip():
            self._cut([0], len(self._source))
        return self._settled

    def _begin(self, source: str) -> None:
        """Begin an open block with its source, of which nothing is parsed or shown yet."""
        self._source = source[first_line(source) :]
        self._fence, self._parsed, self._kind = "", 0, ""
        self._shown = self._at = self._rendered = self._sent = 0
        self._head, self._foot, self._is_exact = "", "", False

    def _settle(self, *, fully: bool) -> None:
        """Move every block that can not change any more from the source to the settled ones."""
        if not self._parsed:
            self._source = self._source[first_line(self._source) :]
        while self._source:
            self._fence = self._fence or opens_fence(self._source)
            if not (self._settle_fence() if self._fence else self._settle_parsed(fully=fully)):
                return

    def _settle_fence(self) -> bool:
        end = end_of_fence(self._source, self._fence, max(self._parsed, self._source.index("\n") + 1))
        if end:
            self._cut([0], end)
        else:
            self._parsed = self._source.rfind("\n") + 1
        return bool(end)

    def _settle_parsed(self, *, fully: bool) -> bool:
        end = self._source.rfind("\n") + 1
        begins = end > 0 and begins_block(self._source, end, in_list=self._kind in ("ul", "ol", ""))
        if not begins and not self._is_worth_parsing(end, fully=fully):
            return False
        starts, self._kind = rendering.tops(self._source[:end])
        self._parsed = end
        if begins or self._kind in _CLOSED:
            self._cut(starts, end)
        elif len(starts) > 1:
            self._cut(starts[:-1], starts[-1])
        else:
            return False
        return True

    def _is_worth_parsing(self, end: int, *, fully: bool) -> bool:
        new = end - self._parsed
        return (fully or new >= end // _PARSED) and bool(self._source[self._parsed : end].strip())

    def _cut(self, starts: list[int], end: int) -> None:
        for start, stop in pairwise([*starts, end]):
            self._settled.append(rendering.settled(self._source[start:stop], self._budget))
        self._begin(self._source[end:])

    def _grown(self) -> Block | Added | None:
        """What changed in the open block."""
        end = presentable(self._source, self._fence)
        added, at, index = self._source[self._shown : end], self._at, len(self._settled)
        if end <= self._shown or not self._source[:end].strip():
            return None
        self._shown, self._at = end, at + units(added)
        if self._sent and (self._fence or self._rendered > (_RENDERED - 1) * end + _RENDERED_FIRST):
            self._is_exact = bool(self._fence)
            return Added(index, added, at)
        html = rendering.unsettled(self._source[:end], self._seen_formulas())
        self._rendered += end
        return self._changed(html, Added(index, added, at))

    def _changed(self, html: str, added: Added) -> Block | Added:
        head, _, foot = html.partition(rendering.TAIL)
        expected = self._head + added.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if self._is_exact and foot == self._foot and head.rstrip("\n") == expected.rstrip("\n"):
            self._head = expected
            return added
        if self._sent and self._sent + len(html) > _SENT * self._shown + _SENT_FIRST:
            self._is_exact = False
            return added
        self._head, self._foot, self._is_exact = head, foot, True
        self._sent += len(html)
        return Block(added.index, html)

    def _seen_formulas(self) -> formulas.Budget:
        return formulas.Budget(self._budget.seen)

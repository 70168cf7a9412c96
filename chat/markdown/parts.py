"""Where the blocks of a text begin, and the parts of a very long table or list, for which browsers need long in one."""

import re
from itertools import accumulate, pairwise
from typing import NamedTuple

from chat.markdown import columns, rendering
from chat.markdown.context import Context
from chat.markdown.source import is_blank

LONGEST = 100
"""Rows of a table, or items of a list however nested, after which the next row or top item begins another part."""

_HEADS = 4  # of the length of its head are in a part at least, as the head is parsed for each
_PLACE = re.compile(
    r'<(p|h[1-6]|pre|table|hr|ul|ol|blockquote|li|tr) (?:[^>]*? )?data-sourcepos="(\d+)|</(?:ul|ol|blockquote)>'
)
_NESTING = ("ul", "ol", "blockquote")
_MARKER = re.compile(r" {0,3}(?:[-+*]|(\d{1,9})[.)])( {1,4}(?! )| |$)")
_LONG = re.compile("<(table|[uo]l)\\b")
_ELEMENT = re.compile(r"<(?:(/?)(?:table|ul|ol)|(li|tr))\b")
_NUMBER = re.compile(r"\d+")
_LONG_LIST = '<ol class="long"'
_OPENING = re.compile(r"<table>|\A<ol")
_HEAD = re.compile(r"<(?:table>|[uo]l[^>]*>\n<li[^>]*>(?:\n<p[^>]*>)?x(?:</p>\n)?</li>\n)")


class Part(NamedTuple):
    """How to read and render the source of a block, of a long one's first part, or of a part that goes on another.

    The parser sees `head` before the source of the last: a table's head, or an item in place of the one before. Then
    `opening` stands in the HTML for what that becomes; else it is the opening of a long table.
    """

    head: str = ""
    opening: str = ""

    def settled(self, source: str, context: Context) -> str:
        """As `rendering.settled`."""
        return self.opened(rendering.settled(source, context, self.head))

    def unsettled(self, source: str, context: Context) -> str:
        """As `rendering.unsettled`."""
        return self.opened(rendering.unsettled(source, context, self.head))

    def suits(self, line: str) -> bool:
        """Whether a line that follows the head is a row or item to the parser."""
        html = rendering.settled(f"{line}\n", Context(), self.head)
        return bool(_HEAD.match(html)) and len(_places(self.head + line, headed=True)) == 1

    def opened(self, html: str) -> str:
        """The HTML of the part with its opening."""
        if not self.head:
            return _OPENING.sub(self.opening, html, count=1) if self.opening else html
        opened, is_done = _HEAD.subn(self.opening, html, count=1)
        return _more(opened) if is_done else html


class Start(NamedTuple):
    """Where in a source a block or part begins."""

    offset: int
    part: Part


class _Place(NamedTuple):
    """The line where a top-level block begins, its HTML tag, and the lines where its rows or top items begin."""

    line: int
    tag: str
    items: list[int]
    cuts: list[int]
    """The numbers of those items that begin another part."""


def starts(source: str, part: Part) -> tuple[list[Start], str]:
    """Where the blocks and parts of some complete lines begin, and the HTML tag of the last block.

    That is the same however the text goes on, so that it does not depend on how it has come.
    """
    lines, offsets = _lines(source, part)
    found, before = [Start(0, part)], None
    for place in _places(part.head + source, headed=bool(part.head)):
        # A table that grew out of a paragraph's last line stays with it: by itself that line can mean something else.
        is_with_paragraph = before == "p" and place.tag == "table" and not is_blank(lines[place.line - 1])
        if before and not is_with_paragraph:
            found.append(Start(offsets[place.line], Part()))
        if place.cuts:
            found += _parts(found.pop(), place, lines, offsets, source)
        before = place.tag
    return found, before or ""


def last_part(source: str, part: Part) -> list[Start]:
    """Where a block begins, and its last row or item, as another part; the latter only where that can be."""
    lines, offsets = _lines(source, part)
    [*_, place] = _places(part.head + source, headed=bool(part.head)) or [_Place(0, "", [], [])]
    place.cuts[:] = [len(place.items) - 1] if len(place.items) > 1 else []
    return _parts(Start(0, part), place, lines, offsets, source)


def split(html: str) -> list[str]:
    """The parts of a finished block that is shown as a whole first: where `starts` would have cut its source."""
    kind = _LONG.match(html)
    if not kind:
        return [html]
    cuts, items, depth, count = [], 0, 0, -1 if kind[1] == "table" else 0
    for found in _ELEMENT.finditer(html):
        if not found[2]:
            depth += -1 if found[1] else 1
            continue
        if depth == 1:
            if count >= LONGEST:
                cuts.append((found.start(), items))
                count = 0
            items += 1
        count += 1
    return _split(html, kind[1], cuts) if cuts else [html]


def _split(html: str, kind: str, cuts: list[tuple[int, int]]) -> list[str]:
    first, end = html[: cuts[0][0]], html.rindex("</tbody>" if kind == "table" else f"</{kind}>")
    opening = columns.laid_out(first) if kind == "table" else _LONG_LIST if kind == "ol" else ""
    found = [Part("", opening).opened(first + html[end:])]
    head, number = first.partition("<tr>\n<td")[0], _NUMBER.search(first.partition(">")[0])
    for (start, items), (stop, _) in pairwise([*cuts, (end, 0)]):
        begun = {
            "table": head.replace("<table>", opening, 1),
            "ol": f'{_LONG_LIST} start="{items + int(number[0] if number else 1)}">\n',
            "ul": "<ul>\n",
        }[kind]
        found.append(_more(begun + html[start:stop] + html[end:]))
    return found


def _more(html: str) -> str:
    return f'<section class="more">{html}</section>'


def _lines(source: str, part: Part) -> tuple[list[str], list[int]]:
    """The lines that the parser sees, and where in the source each of them begins."""
    lines = (part.head + source).split("\n")
    return lines, [*accumulate((len(line) + 1 for line in lines), initial=-len(part.head))]


def _places(source: str, *, headed: bool) -> list[_Place]:
    places: list[_Place] = []
    depth = count = 0
    for tag, position in _PLACE.findall(rendering.positioned(source)):
        line = int(position or 0) - 1
        if tag in ("li", "tr"):
            if depth == (tag == "li"):
                if count >= LONGEST:
                    places[-1].cuts.append(len(places[-1].items))
                    count = 0
                places[-1].items.append(line)
            count += 1
            continue
        if depth == 0:
            count = -1 if tag == "table" or (headed and not places) else 0
            places.append(_Place(line, tag, [], []))
        depth += 1 if tag in _NESTING else 0 if tag else -1
    return places


def _parts(start: Start, place: _Place, lines: list[str], offsets: list[int], source: str) -> list[Start]:
    """The parts of a long table or list that begins in the part at `start`."""
    found = [start]
    for number in place.cuts:
        line = place.items[number]
        end = offsets[line]
        if place.tag != "table":
            part = _more_of_list(lines, place, number, start.part)
        elif found[-1].part.head:
            part = found[-1].part
        else:
            part = Part("".join(f"{lines[at].strip()}\n" for at in (place.items[0], place.items[0] + 1)), "<table>")
        if not part.head or _HEADS * len(part.head) > end - found[-1].offset or not part.suits(lines[line]):
            break
        if len(found) == 1 and not start.part.head:
            opening = _LONG_LIST if place.tag == "ol" else ""
            if place.tag == "table":
                opening = columns.laid_out(start.part.settled(source[start.offset : end], Context()))
                part = part._replace(opening=opening)
            found = [Start(start.offset, Part("", opening))]
        found.append(Start(end, part))
    return found


def _more_of_list(lines: list[str], place: _Place, number: int, before: Part) -> Part:
    """The part of a list that begins with this item."""
    first, last = (_MARKER.match(lines[place.items[at]].expandtabs(4)) for at in (0, number - 1))
    if not first or not last:
        return Part()
    numbered = _NUMBER.search(before.opening)
    count = number + (int(numbered[0]) - 1 if numbered else int(first[1] or 0))
    opening = f'{_LONG_LIST} start="{count}">\n' if first[1] else "<ul>\n"
    loose = "\n" if is_blank(lines[place.items[number] - 1]) else ""
    return Part(f"{last[0].rstrip()}{last[2] or ' '}x\n{loose}", opening)

"""The source text as the parser may see it, and what its lines say without parsing them."""

import re

PAD = "\ufdd0"
"""Put behind a character that must not mean anything to the parser; taken out of the HTML again (see `bare`)."""

_ALIEN = re.compile("[\0\ud800-\udfff\ufdd0-\ufdef\ufeff]")
# `<http://…>`, `<me@example.com>`, `](<a b>)` and `]: <a b>` can never be HTML; every other `<` can.
_TAG = re.compile(r"(?<!\]\()(?<!\]:)(?<!\]: )<(?![A-Za-z][A-Za-z0-9.+-]{0,31}:|[\w.+-]{1,64}@)")
_PAD_IN_LINK = "%EF%B7%90"

LARGEST = 32 * 1024
"""Characters of a block that the parser is given at most: whatever they are, it is done within milliseconds."""

_MOST_OPEN = 64
_LATEX = (("\\(", "\\)"), ("\\[", "\\]"))
_MOST_LINKS = (("@", 200), ("://", 500))
"""What may be a link by itself: for each, the parser takes some more stack, or looks at all that came before it."""

_BLANK_LINES = re.compile(r"(?:[ \t]*+\n)++")
_FENCE = re.compile(r" {0,3}(?:(`{3,}+)[^`\n]*+|(~{3,}+)[^\n]*+)\n")
_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)]?)(?![^ \t])")
_UNDECIDED = re.compile(
    r"(?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*+(?:[-+*=_~`#>|:.()\d \t]*+|`{3,}[^`\n]*+|~{3,}[^\n]*+)\Z"
)
_LONGEST_UNDECIDED = 1_000
_DANGLING = " \t_[!\\<&"
_MOST_DANGLING = 20
_PAIRS = (("`", "`", 80), ("**", "**", 80), ("~~", "~~", 80), ("\\(", "\\)", 200), ("$$", "$$", 400))
_LINK = re.compile(r"\[[^\[\]\n]{0,100}+(?:\](?:\([^()\s]{0,300}+)?)?")
_LONGEST_LINK = 400
_FORMULAS = (("$$", "$$"), ("\\[", "\\]"))
_LONGEST_FORMULA = 2_000
_PLAIN = re.compile(r"(?:[^\W_]|[ ,])++")


def clean(text: str) -> str:
    """The text with one kind of line end and without characters that HTML, the database or `guarded` cannot take."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ALIEN.sub(lambda found: "" if found[0] == "\ufeff" else "\ufffd", text)


def guarded(source: str, *, definitions: bool) -> str:
    """The source with HTML made harmless and, unless `definitions`, link and footnote definitions turned into text.

    HTML blocks would swallow the Markdown after them, and definitions act at a distance: without both, a top-level
    block depends on its own lines alone.
    """
    if "<" in source:
        source = _TAG.sub(f"<{PAD}", source)
    if not definitions and "]:" in source:
        source = source.replace("]:", f"]{PAD}:")
    for mark, most in _MOST_LINKS:
        if source.count(mark) > most:
            source = _at_most(source, mark, most)
    for opening, closing in _LATEX:
        if source.count(opening) > _MOST_OPEN:
            # The parser looks for the end of every one that begins, which is quadratic if there is none.
            between = source.split(closing)
            source = closing.join(_at_most(stretch, opening, _MOST_OPEN) for stretch in between)
    return source


def _at_most(source: str, mark: str, most: int) -> str:
    """The source with those marks after the first ones made text."""
    *before, rest = source.split(mark, most)
    return mark.join([*before, rest.replace(mark, f"{mark[0]}{PAD}{mark[1:]}")])


def bare(html: str) -> str:
    """The HTML without the marks that `guarded` left in it."""
    return bare_links(html.replace(PAD, ""))


def bare_links(html: str) -> str:
    """The HTML without those marks in the addresses of links, which nothing else may see."""
    return html.replace(_PAD_IN_LINK, "")


def is_blank(source: str) -> bool:
    """Whether the parser sees only blank lines."""
    return not source.strip(" \t\n")


def first_line(source: str) -> int:
    """Where the first line that is not blank begins."""
    blank = _BLANK_LINES.match(source)
    return blank.end() if blank else 0


def opens_fence(source: str) -> str:
    """The run of backticks or tildes that opens a code fence on the first line, or an empty text."""
    fence = _FENCE.match(source)
    return (fence[1] or fence[2]) if fence else ""


def end_of_fence(source: str, fence: str, start: int) -> int:
    """Where the line after the closing fence begins, looking from `start` (a line's beginning) on; 0 if it is open."""
    closing = re.compile(rf"^ {{0,3}}{fence[0]}{{{len(fence)},}}+[ \t]*+\n", re.MULTILINE).search(source, start)
    return closing.end() if closing else 0


def without_indentation(lines: str, most: int) -> str:
    """The lines without the first columns of white space of each, `most` of them (below four) at most."""
    if not most:
        return lines
    indentation = re.compile(rf"^(?: {{0,{most - 1}}}\t| {{1,{most}}})", re.MULTILINE)
    return indentation.sub(lambda found: " " * (4 - most) if found[0].endswith("\t") else "", lines)


def begins_block(source: str, end: int, *, in_list: bool) -> bool:
    """Whether the last, partial line (from `end` on) is a top-level block of its own, however it will go on."""
    if end in (0, len(source)) or source[end] in " \t":
        return False
    before = source.rfind("\n", 0, end - 1) + 1
    return is_blank(source[before:end]) and not (in_list and _MARKER.match(source, end))


def place_to_cut(source: str, most: int) -> int:
    """Where to cut a block that is too long: after a blank line, a line or a word, where there is one."""
    ends = (source.rfind(mark, most // 2, most) + len(mark) for mark in ("\n\n", "\n", " "))
    return next((end for end in ends if end > most // 2), most)


def presentable(source: str, fence: str) -> int:
    """How much of an open block's source can be shown: an end that may yet become something else is held back.

    It only ever grows with the source.
    """
    line = source.rfind("\n") + 1
    if fence:
        return line if not source[line:].strip(f" \t{fence[0]}") else len(source)
    formula = _end_of_formula(source)
    if formula < 0 and len(source) < _LONGEST_FORMULA:
        return 0
    end = _before_half(source, line, len(source)) if line < len(source) else line
    if end <= line or (end - line < _LONGEST_UNDECIDED and _UNDECIDED.match(source, line, end)):
        end = len(source[:line].rstrip(" \t\n"))
    return max(end, formula)


def _end_of_formula(source: str) -> int:
    """Where a displayed formula ends that the source begins with: 0 without one, -1 while it is open."""
    for opening, closing in _FORMULAS:
        if source.startswith(opening):
            start = source.find(closing, len(opening))
            return start + len(closing) if start >= 0 else -1
    return 0


def _before_half(source: str, line: int, end: int) -> int:
    """Where something that a line has begun, but not finished for a short while, begins."""
    recent = source[max(line, end - _LONGEST_LINK) : end]
    for opening, closing, longest in _PAIRS:
        if opening in recent:
            start = source.rfind(opening, max(line, end - longest), end)
            is_open = start >= 0 and source.find(closing, start + len(opening), end) < 0
            if is_open and (opening != closing or source.count(opening, line, end) % 2):
                end = start
    end = _before_dangling(source, line, end)
    start = source.rfind("[", max(line, end - _LONGEST_LINK), end) if "[" in recent else -1
    if start >= 0 and _LINK.fullmatch(source, start, end):
        return _before_dangling(source, line, start)
    return end


def _before_dangling(source: str, line: int, end: int) -> int:
    """Where white space and markup that may yet open something begin at the end of a line."""
    text = source[line:end].rstrip(_DANGLING)
    for _ in range(_MOST_DANGLING):
        mark = text[-1:]
        if mark not in ("*", "~", "$"):
            break
        bare = text.rstrip(mark)
        if text.startswith(mark * 2, len(bare)) and text.count(mark * 2, 0, len(bare) + 2) % 2 == 0:
            return line + len(bare) + 2  # they close something
        text = bare.rstrip(_DANGLING)
    return line + len(text)


def is_plain(source: str, start: int, end: int) -> bool:
    """Whether `source[start:end]` goes on in words: where a text flows, they mean nothing but themselves."""
    return bool(_PLAIN.fullmatch(source, start - 1, end))


def units(text: str) -> int:
    """The length of a text in UTF-16 code units, as a browser counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2

"""Text that people choose for a line, as titles and names are: only what can be seen of it; pure, no Django."""

import unicodedata

MOST_MARKS = 3
"""Marks above or below one letter; more of them climb over the neighbouring lines."""
JOINERS = "\u200c\u200d"
SCRIPTS_THAT_JOIN = {
    *("ADLAM", "ARABIC", "BALINESE", "BENGALI", "CHAKMA", "DEVANAGARI", "GUJARATI", "GURMUKHI", "JAVANESE"),
    *("KAITHI", "KANNADA", "KHMER", "MALAYALAM", "MANDAIC", "MONGOLIAN", "MYANMAR", "NEWA", "NKO", "ORIYA"),
    *("PHAGS-PA", "SINHALA", "SUNDANESE", "SYRIAC", "TAMIL", "TELUGU", "THAANA", "TIBETAN"),
}
"""As Unicode's names of their letters begin: there a joiner within a word changes what is seen, or what it means."""
SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are drawn, as the number signs of Arabic are."""
BLANKS = frozenset("\u2800\u115f\u1160\u3164\uffa0\ufffc\u034f\u17b4\u17b5\U00016fe4\U0001d159")
"""Letters, signs and marks by their category that are drawn as nothing."""
SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
STILL_TO_COME = (range(0x1F000, 0x1FB00), range(0x20000, 0x3FFFE))
"""Where newer Unicodes than this Python's put pictures and ideographs, which the reader's device may well know."""


def shown(text: str, most: int | None = None) -> str:
    """The text as one line of at most `most` characters, without what cannot be seen; "" when nothing is left.

    Line breaks become spaces. Controls, overrides of direction, tags, private and unassigned characters go; joiners
    and selectors stay only where they change how their neighbours look; a letter keeps `MOST_MARKS` marks.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_Line(text).kept)
    return " ".join(text.split())[:most].rstrip(" " + JOINERS)


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen."""
    return not any(_is_drawn(character) for character in text)


class _Line:
    """What is kept of a text, character by character: a mark or joiner depends on the letter before it."""

    def __init__(self, text: str) -> None:
        self.kept: list[str] = []
        self.letter, self.marks, self.joiner = "", 0, ""
        for character in text:
            self._take(character)

    def _take(self, character: str) -> None:
        if character in JOINERS:
            self.joiner = character if self.letter else ""
        elif _is_selector(character):
            if self.letter and self.kept[-1] == self.letter:
                self.kept.append(character)
        elif character in BLANKS or character.isspace():
            self.kept.append(" ")
            self.letter = self.joiner = ""
        elif unicodedata.category(character)[0] == "M":
            self._take_mark(character)
        elif _is_drawn(character):
            self._join(character)
            self.kept.append(character)
            self.letter, self.marks = character, 0

    def _take_mark(self, mark: str) -> None:
        """Marks that take room of their own (Mc) pile up on nothing."""
        piles = unicodedata.category(mark) != "Mc"
        if self.letter and not (piles and self.marks >= MOST_MARKS):
            self._join(mark)
            self.kept.append(mark)
            self.marks += piles

    def _join(self, character: str) -> None:
        if self.joiner and _joins(self.letter) and _joins(character) == _joins(self.letter):
            self.kept.append(self.joiner)
        self.joiner = ""


def _is_drawn(character: str) -> bool:
    """Whether this is seen by itself: no mark, no space, nothing of format, no half of a character."""
    kind = unicodedata.category(character)
    if kind == "Cn":
        return any(ord(character) in block for block in STILL_TO_COME) and ord(character) & 0xFFFE != 0xFFFE
    return (kind[0] not in "CMZ" or character in SIGNS) and character not in BLANKS


def _is_selector(character: str) -> bool:
    return any(ord(character) in block for block in SELECTORS) and character != "\u180e"


def _joins(character: str) -> str:
    """What a joiner beside this may belong to: "letters", "pictures", or nothing."""
    if unicodedata.name(character, "").split(" ")[0] in SCRIPTS_THAT_JOIN:
        return "letters"
    return "pictures" if unicodedata.category(character) in ("So", "Sk", "Sm", "Cn") else ""

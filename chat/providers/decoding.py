"""Bounded decoders without input or output of their own: bytes in, text, lines or events out."""

import codecs

_PAGE_MARKS = ("<!doctype html", "<html")
_LONGEST_MARK = max(map(len, _PAGE_MARKS))


class Text:
    """UTF-8 bytes, cut anywhere, to text of at most `limit` characters.

    Bytes that are no UTF-8, and NUL (which databases refuse), become U+FFFD. `is_full` turns true once the text went
    past the limit.
    """

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.is_full = False
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def feed(self, chunk: bytes, final: bool = False) -> str:
        """Return the characters that `chunk` completes."""
        text = self._decode(chunk, final)
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
        self.left -= len(text)
        if self.left < 0:
            self.is_full = True
            text, self.left = text[: self.left], 0
        return text

    def end(self) -> str:
        """Return what is left when the bytes end in the middle of a character."""
        return self.feed(b"", final=True)


def is_page(opening: str) -> bool | None:
    """Say whether a text with this opening is an HTML page; None while it is too short to tell."""
    start = opening.lstrip("\ufeff \t\r\n")[:_LONGEST_MARK].lower()
    if start.startswith(_PAGE_MARKS):
        return True
    is_open = len(opening) < 4096 and any(mark.startswith(start) for mark in _PAGE_MARKS)
    return None if is_open else False

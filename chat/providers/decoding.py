"""Bounded decoders without input or output of their own: bytes in, text, lines or events out.

Each has `is_full`, which turns true once more came than it takes; from then on it gives no more.
"""

import codecs

PAGE_TYPES = ("text/html", "application/xhtml+xml")

_PAGE_MARKS = ("<!doctype html", "<html")
_LONGEST_MARK = max(map(len, _PAGE_MARKS))


class Text:
    """Pieces of UTF-8 or of text, cut anywhere, to text of at most `limit` characters that any database takes.

    Bytes that are no UTF-8, halves of surrogate pairs, and NUL become U+FFFD.
    """

    def __init__(self, limit: int) -> None:
        self.is_full = False
        self._left = limit
        self._half = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def feed(self, chunk: bytes) -> str:
        """Return the characters that `chunk` completes."""
        return self._kept(self._decode(chunk))

    def feed_text(self, piece: str) -> str:
        """Return the piece, with surrogate halves (from JSON escapes) joined to characters across pieces."""
        if self._half:
            piece, self._half = self._half + piece, ""
        if "\ud800" <= piece[-1:] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        if not piece.isascii():
            piece = piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return self._kept(piece)

    def end(self) -> str:
        """Return what is left when everything ended in the middle of a character."""
        text, self._half = self._decode(b"", True) + ("\ufffd" if self._half else ""), ""
        return self._kept(text)

    def _kept(self, text: str) -> str:
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
        self._left -= len(text)
        if self._left < 0:
            text, self._left, self.is_full = text[: self._left], 0, True
        return text


class Lines:
    """Bytes, cut anywhere, to lines of at most `limit` bytes; a line ends with LF, CR or CR LF."""

    def __init__(self, limit: int) -> None:
        self.is_full = False
        self._limit = limit
        self._open = bytearray()
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that `chunk` completes, without their ends."""
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._after_cr = False
        lines: list[bytes] = []
        for part in chunk.splitlines(keepends=True):
            self._open += part
            if part.endswith((b"\n", b"\r")):
                lines.append(bytes(self._open).rstrip(b"\r\n"))
                self._open.clear()
        if chunk:
            self._after_cr = chunk.endswith(b"\r")
        if self.is_full or len(self._open) > self._limit:
            self.is_full = True
            self._open.clear()
            return []
        return lines


class Events:
    """Server-sent events, cut anywhere, to the `data` of each (WHATWG HTML, §9.2), at most `limit` bytes of it."""

    def __init__(self, limit: int) -> None:
        self.is_full = False
        self._lines = Lines(limit)
        self._left = self._limit = limit
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that `chunk` completes; comments and other fields are passed over."""
        events: list[bytes] = []
        for line in self._lines.feed(chunk):
            if not line and self._data:
                events.append(b"\n".join(self._data))
                self._data, self._left = [], self._limit
            elif line.removeprefix(b"\xef\xbb\xbf").startswith(b"data:"):
                self._data.append(line.partition(b":")[2].removeprefix(b" "))
                self._left -= len(line)
            if self._left < 0:
                self.is_full, self._data = True, []
        self.is_full = self.is_full or self._lines.is_full
        return [] if self.is_full else events


def is_page(opening: str) -> bool | None:
    """Say whether a text with this opening is an HTML page; None while it is too short to tell."""
    start = opening.lstrip("\ufeff \t\r\n")[:_LONGEST_MARK].lower()
    if start.startswith(_PAGE_MARKS):
        return True
    is_open = len(opening) < 4096 and any(mark.startswith(start) for mark in _PAGE_MARKS)
    return None if is_open else False

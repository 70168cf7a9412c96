"""What MagickPen's web page and its scripts say: which scripts there are, and the two values a request must carry."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from yarl import URL

MAX_SCRIPTS = 40

_SCRIPT = re.compile(r"""<script\b[^<>]{0,2000}?\bsrc\s{0,9}=\s{0,9}(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.I)
_QUOTED = re.compile(r"""["']([^"'\s<>\\]{1,1000}\.m?js(?:\?[^"'\s<>\\]{0,200})?)["']""")

_STRING = r"""(?:"((?:[^"\\\n]|\\.){1,512})"|'((?:[^'\\\n]|\\.){1,512})'|`((?:[^`\\$]|\\.){1,512})`)"""
_VARIABLE = r"([A-Za-z_$][\w$]{0,40})\s{0,20}[,;}\])]"
_GAP = r"""["'`]?\s{0,20}\]?\s{0,20}[%s]\s{0,20}"""
_API_SECRET = r"(?<![\w$-])[Xx]-[Aa][Pp][Ii]-[Ss]ecret" + _GAP % ":=,"
_SECRET = r"(?<![\w$-])secret" + _GAP % ":="
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,5})\}|(.))", re.DOTALL)

_HITS = 2000  # bound the work that a hostile script can cause
_LOOK_BACK = 100_000


class Values(NamedTuple):
    """The two values that MagickPen's bundle holds; None for one that was not found."""

    api_secret: str | None
    secret: str | None

    def __repr__(self) -> str:
        return "Values(…)"

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the values that were not found."""
        return tuple(name for name, value in zip(("X-API-Secret", "secret"), self, strict=True) if value is None)


def scripts(page: str, address: URL) -> list[URL]:
    """Return the scripts that the page at `address` refers to: its own first, each once, at most MAX_SCRIPTS.

    As in a browser, a page that came over https gets no script over http.
    """
    found: dict[URL, None] = {}
    references = ["".join(groups) for groups in _SCRIPT.findall(page)] + _QUOTED.findall(page)
    for reference in references[: 10 * MAX_SCRIPTS]:
        try:
            script = address.join(URL(html.unescape(reference.strip()))).with_fragment(None)
        except ValueError:
            continue
        if script.host and script.scheme in ("https", address.scheme) and not script.user and script != address:
            found[script] = None
    return sorted(found, key=lambda script: script.host != address.host)[:MAX_SCRIPTS]


def values(text: str) -> Values:
    """Find `"X-API-Secret":"…"` and `secret:"…"` in a script, whatever quotes, spaces or escapes its minifier uses.

    The spellings are those the public clients of 2024 met, and what common minifiers make of them: other quotes,
    an assignment instead of a colon, or a variable that was given the value earlier.
    """
    hits = list(_hits(text))
    return Values(
        _value(text, [hit - len("X-API-S") for hit in hits], _API_SECRET),
        _value(text, [hit - len("s") for hit in hits], _SECRET),
    )


def _hits(text: str) -> Iterator[int]:
    """Yield where the names may stand: a plain search is many times as fast as a pattern over megabytes."""
    at = -1
    for _ in range(_HITS):
        at = text.find("ecret", at + 1)
        if at < 0:
            return
        yield at


def _value(text: str, starts: list[int], name: str) -> str | None:
    literal, variable = re.compile(name + _STRING), re.compile(name + _VARIABLE)
    for start in starts:
        if (match := literal.match(text, max(start, 0))) and (value := _usable("".join(match.groups("")))):
            return value
    uses = [match for start in starts if (match := variable.match(text, max(start, 0)))]
    for use in uses[:20]:
        if value := _assigned(text[max(use.start() - _LOOK_BACK, 0) : use.start()], use[1]):
            return value
    return None


def _assigned(text: str, variable: str) -> str | None:
    """Return the text last assigned to a variable before the end of `text`."""
    assignments = re.findall(r"(?<![\w$.])" + re.escape(variable) + r"\s{0,20}=\s{0,20}" + _STRING, text)
    return _usable("".join(assignments[-1])) if assignments else None


def _usable(literal: str) -> str | None:
    """Return what a string literal stands for, if a header can carry it."""
    value = _ESCAPE.sub(_character, literal)
    return value if value.strip() and value.isprintable() else None


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    return chr(int(code, 16)) if code else escape[4]

"""TeX formulas → MathML, or their source where that is not possible."""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

import nh3
from latex2mathml.converter import Converter

MOST = 300
"""Formulas of one message that become MathML; a later one shows its source."""

_LONGEST = 2_000
_WIDEST = 40_000

_TAGS = set(
    "math mrow mi mo mn ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover "
    "mtable mtr mtd mstyle mphantom menclose mpadded".split()
)
_WORDS = set(
    "display displaystyle scriptlevel mathvariant stretchy fence form separator accent accentunder movablelimits "
    "symmetric largeop columnalign rowlines columnlines notation linebreak mathcolor mathbackground".split()
)
_LENGTHS = set("width lspace rspace linethickness columnspacing rowspacing minsize maxsize mathsize".split())
_CLEANER = nh3.Cleaner(tags=_TAGS, attributes={"*": _WORDS | _LENGTHS}, link_rel=None)
_WORD = re.compile(r"[#\w .-]{1,60}")
_LENGTH = re.compile(r"(?:-?0?\.\d{1,4}|\d(?:\.\d{1,4})?)(?:em|ex)?")

_DEFINES = re.compile(r"\\(?:re|provide)?newcommand|\\[egx]?def|\\let|\\DeclareMathOperator")
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(?:aligned|gathered|gather\*?|equation\*?)\}")
_UNKNOWN = re.compile(r"\\[A-Za-z]+")
_ENTITY = re.compile(r"&#x[0-9A-Fa-f]+;")


@dataclass
class Budget:
    """How many formulas of one message have been seen."""

    seen: int = 0


def formula(tex: str, style: str, budget: Budget) -> str:
    """MathML for TeX (escaped HTML text), or its source; style is `inline` or `display`."""
    budget.seen += 1
    if budget.seen <= MOST and len(tex) <= _LONGEST:
        return _mathml(tex, "block" if style == "display" else "inline") or _as_source(tex)
    return _as_source(tex)


def _as_source(tex: str) -> str:
    return f'<code class="math">{tex}</code>'


@lru_cache(maxsize=512)
def _mathml(tex: str, display: str) -> str:
    tex = unescape(tex).strip().strip("`")
    if not tex or _DEFINES.search(tex):
        return ""
    try:
        math = Converter(display=display).convert_to_element(_ENVIRONMENT.sub(r"\\\1{align*}", tex))
        return _safe(math)
    except Exception:  # noqa: BLE001 - the converter raises a dozen kinds, and IndexError and RecursionError, on malformed TeX
        return ""


def _safe(math: Element) -> str:
    for element in math.iter():
        if _UNKNOWN.fullmatch(element.text or ""):
            return ""
        element.text = _ENTITY.sub(lambda found: unescape(found[0]), element.text) if element.text else None
        for name, value in [*element.attrib.items()]:
            allowed = _WORD if name in _WORDS else _LENGTH if name in _LENGTHS else None
            if allowed is None or not allowed.fullmatch(value):
                del element.attrib[name]
    html = _CLEANER.clean(tostring(math, encoding="unicode"))
    return html if len(html) <= _WIDEST else ""

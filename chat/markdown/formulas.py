"""TeX formulas → MathML, or their source where that is not possible."""

import re
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

import nh3
from latex2mathml.converter import Converter

from chat.markdown.context import Context

_TAGS = (
    *("math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup"),
    *("munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mphantom", "menclose", "mpadded"),
)
_WORDS = (
    *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "form", "separator", "accent"),
    *("accentunder", "movablelimits", "symmetric", "largeop", "columnalign", "rowlines", "columnlines", "notation"),
    *("linebreak", "mathcolor", "mathbackground"),
)
_LENGTHS = (*("width", "lspace", "rspace", "linethickness", "columnspacing", "rowspacing", "minsize", "maxsize"),)
_CLEANER = nh3.Cleaner(tags={*_TAGS}, attributes={"*": {*_WORDS, *_LENGTHS}}, link_rel=None)
_ALLOWED = {
    **dict.fromkeys(_WORDS, re.compile(r"[#\w .-]{1,60}")),
    **dict.fromkeys(_LENGTHS, re.compile(r"(?:0?\.\d{1,4}|\d(?:\.\d{1,4})?)(?:em|ex)?")),  # none can reach out
}

_DEFINES = re.compile(r"\\(?:(?:re|provide)?newcommand|[egx]?def|let|DeclareMathOperator)")  # which can grow for ever
_UNKNOWN = re.compile(r"\\[A-Za-z]+")
_ENTITY = re.compile(r"&#x[0-9A-Fa-f]+;")
_SAME = (
    (re.compile(r"\\(begin|end)\{(?:aligned|alignedat|alignat\*?|gathered|gather\*?|equation\*?|multline\*?|eqnarray)\}"
                r"(?:\{\d+\})?"), r"\\\1{align*}"),
    (re.compile(r"\\(begin|end)\{[dr]cases\}"), r"\\\1{cases}"),
    (re.compile(r"\\(?:nonumber|notag|nolimits|label\{[^{}]*\})(?![A-Za-z])"), ""),
    (re.compile(r"\\(arg|Tr|tr|rank|sgn|diag|Var|Cov|erf|sech|csch)(?![A-Za-z])"), r"\\operatorname{\1}"),
    (re.compile(r"\\([CNQRZ])(?![A-Za-z])"), r"\\mathbb{\1}"),
)  # fmt: skip


def formula(tex: str, style: str, context: Context) -> str:
    """MathML for TeX (escaped HTML text), or its source; style is `inline` or `display`."""
    mathml = _mathml(tex, "block" if style == "display" else "inline") if context.spend(tex) else ""
    return mathml or f'<code class="math">{tex}</code>'


@lru_cache(maxsize=512)
def _mathml(tex: str, display: str) -> str:
    tex = unescape(tex).strip().strip("`")
    if not tex or _DEFINES.search(tex):
        return ""
    for written, same in _SAME:
        tex = written.sub(same, tex)
    try:
        return _safe(Converter(display=display).convert_to_element(tex))
    except Exception:  # noqa: BLE001 - on malformed TeX a dozen kinds are raised, IndexError and RecursionError among them
        return ""


def _safe(math: Element) -> str:
    for element in math.iter():
        if _UNKNOWN.fullmatch(element.text or ""):
            return ""
        if element.text:
            element.text = _ENTITY.sub(lambda found: unescape(found[0]), element.text)
        for name, value in [*element.attrib.items()]:
            if name not in _ALLOWED or not _ALLOWED[name].fullmatch(value):
                del element.attrib[name]
    return _CLEANER.clean(tostring(math, encoding="unicode"))

"""Markdown → HTML that is safe by allow-list, of one block or of a whole text."""

import re
from itertools import accumulate

import comrak
import nh3

from chat.markdown import code, formulas
from chat.markdown.context import Context
from chat.markdown.source import (
    LARGEST,
    PAD,
    bare,
    bare_links,
    end_of_fence,
    guarded,
    opens_fence,
    without_indentation,
)

TAIL = '<span class="tail"></span>'
"""Stands in an open block where added text goes; whoever shows the block completes it with an id."""

_LARGEST = LARGEST + LARGEST // 4  # with the head of a part
_DEEPEST = 200
_WIDEST = 40
_DIRECTED = "p li h1 h2 h3 h4 h5 h6 blockquote th td".split()
_CLEANER = nh3.Cleaner(
    tags={*_DIRECTED, *"ul ol pre code table thead tbody tr hr br em strong del a sup section span".split()},
    attributes={"a": {"href", "title"}, "ol": {"start"}, "pre": {"lang"}},
    tag_attribute_values={
        "th": {"align": {"left", "center", "right"}},
        "td": {"align": {"left", "center", "right"}},
        "span": {"data-math-style": {"inline", "display"}},
    },
    allowed_classes={"span": {"task"}, "sup": {"footnote"}, "section": {"footnotes"}},
    set_tag_attribute_values={**{tag: {"dir": "auto"} for tag in _DIRECTED}, "a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)

_END = re.compile(r"<(/?)(?:ul|ol|blockquote|section)\b[^>]*>|</(?:p|h[1-6]|pre|table)>|<hr>")
_NESTING = re.compile(r"<(/?)(?:ul|ol|li|blockquote|em|strong|del)\b")
_IMAGE = re.compile(r'<(?:(/?)a\b[^>]*|img src="([^"]*)" alt="([^"]*)"[^>]*)>')
_BACK_REFERENCE = re.compile(r' ?<a href="#fnref-[^>]*>↩(?:<sup[^>]*>\d+</sup>)?</a>')
_REFERENCE = re.compile(r'<sup class="footnote-ref"><a [^>]*>(\d+)</a></sup>')
_BREAK = re.compile(rf"(<(?:code|span)\b[^>]*>[^<]*)|&lt;{PAD}br ?/?&gt;", re.IGNORECASE)  # as tables are full of
_CODE = re.compile(r'<pre(?: lang="([^"]*)")?><code>([^<]*)</code></pre>')
_MATH = re.compile(r'<span data-math-style="(inline|display)">([^<]*)</span>([.,:;!?)\]…»”]*)')
_CLOSER = re.compile(r"</(?:p|li|ul|ol|h[1-6]|blockquote|td|th|tr|thead|tbody|table|pre)>\n*|</code>(?=</pre>)")


def _extensions() -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    for name in ("table", "tasklist", "strikethrough", "autolink", "footnotes", "math_dollars", "math_latex"):
        setattr(options, name, True)
    return options


def _output(*, positions: bool) -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.escape = True
    options.github_pre_lang = True
    options.sourcepos = positions
    return options


_EXTENSIONS, _PARSING = _extensions(), comrak.ParseOptions()
_PLAIN, _POSITIONED = _output(positions=False), _output(positions=True)


def positioned(source: str) -> str:
    """What the parser makes of some lines, with the positions of everything; to be looked at, not to be shown."""
    return _parsed(guarded(source, definitions=False), _POSITIONED) or ""


def settled(source: str, context: Context, head: str = "") -> str:
    """The HTML of a block that will not change any more, from its own source; only the parser sees `head` before it."""
    return _framed(_cleaned(head + source) or _verbatim(source), context, colours=True)


def unsettled(source: str, context: Context, head: str = "") -> str:
    """The HTML of a block that still grows, with `TAIL` where its text goes on."""
    html = _framed(_cleaned(head + source) or _verbatim(source), context, colours=False)
    end = _before_closers(html)
    if html[end - 1] == "\n" and source[-1] != "\n":  # the parser ends the last line of indented code
        end -= 1
    return f"{html[:end]}{TAIL}{html[end:]}"


def whole(source: str) -> list[str] | None:
    """The HTML of each top-level block of a text with link and footnote definitions; None if it is too nested."""
    html = _cleaned(source, definitions=True)
    if html is None:
        return None
    context = Context()
    return [_framed(part, context, colours=True) for part in _split(html)]


def escaped(text: str) -> str:
    """Text as the cleaner writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def _cleaned(source: str, *, definitions: bool = False) -> str | None:
    if len(source) > _LARGEST and not definitions:
        return _long_fence(source)
    html = _parsed(guarded(source, definitions=definitions), _PLAIN)
    if html is None or len(html) > _WIDEST * len(source) + 4096 or _is_too_deep(html):
        return None
    if "<img" in html:
        html = _without_images(html)
    if "<input" in html:
        html = html.replace('<input type="checkbox" disabled="" />', '<span class="task">☐</span>')
        html = html.replace('<input type="checkbox" checked="" disabled="" />', '<span class="task">☑</span>')
    if definitions:
        html = _REFERENCE.sub(r'<sup class="footnote">\1</sup>', _BACK_REFERENCE.sub("", html))
    html = _CLEANER.clean(bare_links(html))
    if f"&lt;{PAD}br" in html:
        html = _BREAK.sub(lambda found: found[1] or "<br>", html)
    return bare(html).strip("\n")


def _long_fence(source: str) -> str | None:
    """The HTML of a long code fence, of which only the first line means anything; None if it is none."""
    fence, start = opens_fence(source), source.find("\n") + 1
    if not fence or start > _LARGEST:
        return None
    end = end_of_fence(source, fence, start)
    end = source.rstrip("\n").rfind("\n") + 1 if end else len(source)
    code = without_indentation(source[start:end], len(source) - len(source.lstrip(" ")))
    frame = _cleaned(source[:start]) or ""
    return frame.replace("</code>", f"{escaped(code)}</code>", 1)


def _parsed(source: str, output: comrak.RenderOptions) -> str | None:
    try:
        return comrak.render_markdown(source, _EXTENSIONS, _PARSING, output)
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            return None
        raise


def _before_closers(html: str) -> int:
    end = len(html)
    while (start := html.rfind("</", 0, end)) >= 0:
        found = _CLOSER.match(html, start)
        if not found or found.end() != end:
            break
        end = start
    return end


def _is_too_deep(html: str) -> bool:
    if html.count("</") <= _DEEPEST:
        return False
    return max(accumulate(-1 if closing else 1 for closing in _NESTING.findall(html)), default=0) > _DEEPEST


def _without_images(html: str) -> str:
    """Images become links to them, or within a link their alternative text."""
    inside = False

    def replaced(found: re.Match[str]) -> str:
        nonlocal inside
        if found[2] is None:
            inside = not found[1]
            return found[0]
        name = found[3] or found[2]
        return name if inside else f'<a href="{found[2]}">{name}</a>'

    return _IMAGE.sub(replaced, html)


def _verbatim(source: str) -> str:
    return f"<pre><code>{escaped(source)}</code></pre>"


def _framed(html: str, context: Context, *, colours: bool) -> str:
    def block(found: re.Match[str]) -> str:
        if found[1] == "math" and colours:
            return formulas.formula(found[2], "display", context)
        return code.framed(found[1] or "", found[2], colours=colours)

    if "<h" in html:
        html = context.levelled(html)
    if "<pre" in html:
        html = _CODE.sub(block, html)
    if "<span data-math" in html:
        html = _MATH.sub(lambda found: _with_punctuation(formulas.formula(found[2], found[1], context), found[3]), html)
    return html


def _with_punctuation(formula: str, punctuation: str) -> str:
    """A formula and what must not begin the next line; to browsers it is a picture, after which they may break."""
    is_inline = formula.startswith('<math display="inline"')
    return f'<span class="whole">{formula}{punctuation}</span>' if is_inline and punctuation else formula + punctuation


def _split(html: str) -> list[str]:
    parts, start, depth = [], 0, 0
    for found in _END.finditer(html):
        if found[1] is not None:
            depth += -1 if found[1] else 1
        if depth == 0:
            parts.append(html[start : found.end()].strip("\n"))
            start = found.end()
    return parts

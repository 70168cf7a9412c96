"""Nothing a model writes can run, load or imitate anything of the page."""

import re
from html import escape
from html.parser import HTMLParser

import pytest

from chat.markdown import TAIL, Growing, blocks
from tests.markdown.vectors import TAGS, VECTORS

_HTML = {
    **{tag: {"dir"} for tag in ("p", "li", "blockquote")},
    **{tag: {"dir", "aria-level"} for tag in ("h1", "h2", "h3", "h4", "h5", "h6")},
    **{tag: set[str]() for tag in ("ul", "table", "thead", "tbody", "tr", "hr", "br", "em", "strong", "del")},
    **{tag: {"dir", "align"} for tag in ("th", "td")},
    **{tag: {"class"} for tag in ("span", "sup", "section", "i")},
    "ol": {"start"},
    "a": {"href", "title", "target", "rel"},
    "pre": {"class", "data-language"},
    "code": {"class", "tabindex"},
}
_MATHML = {
    *("math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup"),
    *("munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mphantom", "menclose", "mpadded"),
}
_MATHML_ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|mathvariant|stretchy|fence|form|separator|accent|accentunder|movablelimits|symmetric"
    "|largeop|columnalign|rowlines|columnlines|notation|linebreak|mathcolor|mathbackground|width|lspace|rspace"
    "|linethickness|columnspacing|rowspacing|minsize|maxsize"
)
_CLASSES = re.compile(r"code|tail|task|math|footnotes?|[bcdefikmstvx]")
_LINK = re.compile(r'(?:https?://|mailto:)[^\s"<>]*', re.IGNORECASE)


class _Inspector(HTMLParser):
    """Fails at whatever is not in the closed list, and at elements that are not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _MATHML:
            assert all(_MATHML_ATTRIBUTES.fullmatch(name) and "(" not in (value or "") for name, value in attrs), attrs
        else:
            assert tag in _HTML, tag
            for name, value in attrs:
                assert name in _HTML[tag], (tag, name)
                self._inspect(name, value or "")
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def _inspect(self, name: str, value: str) -> None:
        if name == "href":
            assert _LINK.fullmatch(value), value
        elif name == "class":
            assert _CLASSES.fullmatch(value), value
        elif name == "data-language":
            assert re.fullmatch(r"[\w+#.-]{0,30}", value), value
        elif name in ("dir", "align", "tabindex", "start", "target", "aria-level"):
            assert re.fullmatch(r"auto|left|right|center|_blank|\d{1,9}", value), value
        elif name == "rel":
            assert value == "noopener noreferrer nofollow"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def inspect(html: str) -> None:
    inspector = _Inspector()
    inspector.feed(html)
    inspector.close()
    assert inspector.open == []


def test_there_are_vectors_of_many_families():
    assert len({*VECTORS}) > 500


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_a_finished_text_is_harmless(vector):
    for html in blocks(vector):
        assert TAIL not in html
        inspect(html)


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_a_growing_text_is_harmless(vector):
    growing = Growing()
    for at in range(0, len(vector), 3):
        growing.add(vector[at : at + 3])
        for change in growing.take():
            if hasattr(change, "html"):
                inspect(change.html)
    *settled, last = growing.all() or [""]
    for html in [*settled, last]:
        inspect(html)
    assert TAIL not in "".join(settled)
    assert last.count(TAIL) <= 1


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag.startswith("<") and not re.match(r"<(https?|br)|<a@", tag)])
def test_html_is_shown_as_text(tag):
    html = blocks(f"before {tag} after")[0]
    name = re.match(r"</?[\w-]*", tag)
    assert name
    assert escape(name[0]) in html


def test_links_are_safe_and_open_elsewhere():
    [html] = blocks("[a](https://a.example 'b')")
    assert '<a href="https://a.example" title="b" target="_blank" rel="noopener noreferrer nofollow">a</a>' in html
    assert "href" not in blocks("[a](/accounts/logout/)")[0]


def test_images_are_not_loaded():
    assert "<img" not in blocks("![a](https://a.example/x.png)")[0]
    assert '<a href="https://a.example/x.png"' in blocks("![a](https://a.example/x.png)")[0]
    assert ">a</a>" in blocks("![a](https://a.example/x.png)")[0]
    assert blocks("[![a *b*](https://a.example/x.png) c](https://b.example)") == [
        '<p dir="auto"><a href="https://b.example" target="_blank" rel="noopener noreferrer nofollow">a b c</a></p>'
    ]

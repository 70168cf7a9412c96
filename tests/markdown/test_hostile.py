"""Input made to be slow, deep or endless costs little and never raises."""

import comrak
import pytest

from chat.markdown import TAIL, Growing, rendering
from chat.markdown.growing import blocks
from chat.markdown.source import guarded
from tests.markdown.hostile import HOSTILE, filled


@pytest.fixture
def given(monkeypatch) -> dict[str, int]:
    """How much was given to the parser and to the cleaner."""
    sums = {"parsed": 0, "cleaned": 0, "deepest": 0}
    parse, cleaner = rendering._parsed, rendering._CLEANER

    class Cleaner:
        def clean(self, html: str) -> str:
            sums["cleaned"] += len(html)
            sums["deepest"] = max(sums["deepest"], depth(html))
            return cleaner.clean(html)

    def counting(source, output):
        sums["parsed"] += len(source)
        return parse(source, output)

    monkeypatch.setattr(rendering, "_parsed", counting)
    monkeypatch.setattr(rendering, "_CLEANER", Cleaner())
    return sums


def depth(html: str) -> int:
    deepest = now = 0
    for part in html.split("<")[1:]:
        if part.startswith(("br", "hr", "input", "img")):
            continue
        now += -1 if part.startswith("/") else 1
        deepest = max(deepest, now)
    return deepest


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_finished_text_is_bounded(text, given):
    html = "".join(blocks(text))
    assert len(html) < 45 * len(text) + 10_000
    assert given["parsed"] < 4 * len(text) + 1_000 or "footnote" in html
    assert given["cleaned"] < 41 * len(text) + 10_000
    assert given["deepest"] <= 210


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_growing_text_is_bounded(text, given):
    growing = Growing()
    for at in range(0, len(text), 200):
        growing.add(text[at : at + 200])
        growing.take()
    assert given["parsed"] < 100 * len(text) + 100_000
    assert given["cleaned"] < 400 * len(text) + 100_000
    assert given["deepest"] <= 210


def test_endless_footnotes_are_text():
    assert "".join(blocks(filled("[^1]", "\n\n[^1]: x\n"))).startswith('<p dir="auto">[^1][^1]')
    assert "".join(blocks("[^1]" * 40 + "\n\n[^1]: x\n")).count("<sup") == 40


def test_the_parser_looks_for_the_end_of_few_formulas():
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]")):
        for end in ("", closing, f"\n\n{closing}"):
            assert guarded(filled(f"{opening}a", end), definitions=True).count(opening) <= 64
        closed = filled(f"{opening}a{closing}")
        assert guarded(closed, definitions=True) == closed
        assert guarded(f"{opening}a" * 60, definitions=True).count(opening) == 60


def test_the_parser_sees_few_addresses():
    assert guarded(filled("a@b.c "), definitions=True).count("@b") == 200
    assert guarded("a@b.c " * 200, definitions=False) == "a@b.c " * 200
    links = "".join(blocks("[a](http://a.b/c@d) " * 600))
    assert links.count('<a href="http://a.b/c@d"') == 600


def test_no_more_of_a_block_is_given_to_the_parser_than_it_can_bear(monkeypatch):
    longest, parse = 0, rendering._parsed

    def measuring(source, output):
        nonlocal longest
        longest = max(longest, len(source))
        return parse(source, output)

    monkeypatch.setattr(rendering, "_parsed", measuring)
    for text in HOSTILE.values():
        if "]:" not in text:
            blocks(text * 4)
            Growing(text * 4).all()
    assert 30_000 < longest < 90_000  # with what keeps HTML and formulas from the parser


@pytest.mark.parametrize("length", range(1, 120, 7))
def test_hostile_beginnings_never_raise(length):
    for text in HOSTILE.values():
        assert TAIL not in "".join(blocks(text[:length]))
        assert "".join(Growing(text[:length]).all()).count(TAIL) <= 1


def test_what_is_too_nested_is_shown_as_it_is():
    [html] = blocks("> " * 500 + "**a**")
    assert html.startswith('<pre class="code" data-language=""><code tabindex="0">&gt; &gt;')
    assert "**a**" in html
    [html] = blocks("> " * 50 + "**a**")
    assert "<strong>a</strong>" in html


class PanicException(BaseException):
    """What a failure inside the parser raises."""


@pytest.mark.parametrize("error", [PanicException, ValueError, MemoryError])
def test_a_failing_parser_shows_the_source(monkeypatch, error):
    def fail(*_arguments):
        raise error

    monkeypatch.setattr(comrak, "render_markdown", fail)
    expected = '<pre class="code" data-language=""><code tabindex="0">a &lt;b&gt;\n'
    assert blocks("a <b>\n") == [f"{expected}</code></pre>"]
    assert Growing("a <b>\n\nc").all()[0].startswith(expected)
    assert blocks("[a]: b\n\na <b>\n")[-1].endswith("a &lt;b&gt;\n</code></pre>")


def test_other_interruptions_pass(monkeypatch):
    def interrupt(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(comrak, "render_markdown", interrupt)
    with pytest.raises(KeyboardInterrupt):
        blocks("a")

"""A very long table or list comes in parts, which together show the same."""

import re
from random import Random

import pytest

from chat.markdown import Growing, blocks, parts
from tests.markdown.browser import seen, shown
from tests.markdown.corpus import NASTY, cuts, scribble

MORE = '<section class="more">'
HEAD = "| No. | What |\n|--:|:-:|\n"
_ITEMS = ["- a", "* b", "1. c", "7) d", "10) `e`", "-", "- [x] f", "- - j", " - g", "   - h", "\t- i", "-    k\n   - l"]
_ROWS = [
    "| k | l |",
    "| *m* |",
    "| n | $o$ |",
    "  | p |",
    "|",
    "q",
    "|--|--|",
    "| `r` | s | t |",
    "$$ | u",
    "v\\| w | x",
]
_LINES = ["  - y", "    - z", "  more", "lazy", "", "", "  ", "\n\n", "> - q", "# r", "```", "- ```", "---", *_ROWS[:3]]


def rows(number: int) -> str:
    return "".join(f"| {n} | word {'and more of it ' * (n % 4)}|\n" for n in range(1, number + 1))


def listed(random: Random, most: int = 40) -> str:
    """A text that is full of lists, and of tables."""
    few = random.sample(_ITEMS, k=random.randint(1, 3)) + random.sample(_LINES, k=random.randint(0, 3))
    lines = random.choices(few, k=random.randint(1, most))
    head = random.choice(["", "", f"words\n{HEAD}", HEAD, HEAD, f"\n{HEAD}", "1) a | b\n-|-\n", "   | a |\n|-\n"])
    rows = random.choices([*_ROWS, *few[:1]], k=random.randint(1, most)) if head else []
    return head + "".join(f"{line}\n" for line in rows + lines)


def uncut(monkeypatch, text: str) -> list[str]:
    with monkeypatch.context() as patched:
        patched.setattr(parts, "LONGEST", 1_000_000)
        return blocks(text)


def items(html: list[str]) -> list[str]:
    """What stands in the rows and items, without the heads that repeat."""
    text = re.sub(rf"(?s){MORE}<table.*?</thead>|</[uo]l>\s*</section>", "", "\n".join(html))
    return re.findall(r"(?s)<(?:tr|li)\b[^>]*>(.*?)(?=</?(?:tr|li|section)\b|$)", text)


@pytest.fixture
def short(monkeypatch) -> None:
    """Parts of two rows or items, so that every short text has some."""
    monkeypatch.setattr(parts, "LONGEST", 2)
    monkeypatch.setattr(parts, "_HEADS", 0)


@pytest.mark.parametrize("text", [HEAD + rows(100), "- a\n" * 100, "1. a\n\n" * 100, "- a\n  - b\n" * 50])
def test_what_is_not_very_long_is_one_block(text, monkeypatch):
    [html] = blocks(text)
    assert uncut(monkeypatch, text) == [html]
    assert "class" not in html


def test_a_table_goes_on_with_its_head_and_its_columns():
    first, second, last = blocks(HEAD + rows(250))
    opening = first.partition("\n<thead>")[0]
    cols = r'<colgroup>(<col width="[\d.]+%">){2}</colgroup>'
    assert re.fullmatch(rf'<table class="long w22" width="\d+%">{cols}', opening)
    for html, count in ((second, 101), (last, 51)):
        assert html.startswith(f"{MORE}{opening}\n<thead>")
        assert html.endswith("</tbody>\n</table></section>")
        assert html.count("<tr>") == count
        assert '<th align="right" dir="auto">No.</th>' in html
    assert first.count("<tr>") == 101
    assert [re.findall(r">(\d+)<", html)[0] for html in (second, last)] == ["101", "201"]


def test_a_list_goes_on_with_its_numbers():
    first, second, last = blocks("5. a\n" + "1. a\n" * 220)
    assert first.startswith('<ol class="long" start="5">')
    assert second.startswith(f'{MORE}<ol class="long" start="105">\n<li dir="auto">a</li>')
    assert last.startswith(f'{MORE}<ol class="long" start="205">\n<li dir="auto">a</li>')
    assert [html.count("<li") for html in (first, second, last)] == [100, 100, 21]


def test_a_list_without_numbers_goes_on():
    assert [html.partition("<li")[0] for html in blocks("* a\n" * 150)] == ["<ul>\n", f"{MORE}<ul>\n"]


def test_what_follows_a_long_list_has_nothing_of_it():
    assert blocks("- a\n" * 150 + "\nb\n\n1. c\n")[2:] == ['<p dir="auto">b</p>', '<ol>\n<li dir="auto">c</li>\n</ol>']


def test_a_loose_list_stays_loose_to_its_last_item():
    assert blocks("- a\n\n" * 101)[1] == f'{MORE}<ul>\n<li dir="auto">\n<p dir="auto">a</p>\n</li>\n</ul></section>'


def test_nested_items_stay_with_theirs():
    first, second = blocks("- a\n  - b\n  - c\n" * 40)
    assert (first.count("<li"), second.count("<li")) == (102, 18)
    assert second.startswith(f'{MORE}<ul>\n<li dir="auto">a\n<ul>\n<li dir="auto">b</li>')


@pytest.mark.parametrize("more", ["", "\n[z]: https://z.example\n"])
def test_what_stands_in_items_stays_as_it_is(more):
    first, second = blocks("- a\n\n  | b |\n  |---|\n\n  1. c\n" * 40 + more)
    assert (first.count("<table>\n"), first.count("<ol>\n"), second.count("<table>\n")) == (34, 34, 6)
    assert "long" not in first + second


def test_items_are_indented_as_they_like():
    first, second = blocks("- a\n" + "-    b\n   - c\n" * 60)
    assert (first.count("<li"), second.count("<li")) == (100, 21)
    assert second.startswith(f'{MORE}<ul>\n<li dir="auto">c</li>')


def test_a_table_below_a_paragraph_stays_with_it():
    first, second = blocks("Text\n" + HEAD + rows(120))
    assert first.startswith('<p dir="auto">Text</p>\n<table class="long')
    assert second.startswith(f'{MORE}<table class="long')
    assert second.count("<tr>") == 21


@pytest.mark.parametrize("head", ["Text\n2) a | b\n--|--\n", "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n"])
def test_a_head_that_cannot_go_before_each_part_keeps_the_table_whole(head):
    assert len(blocks(head + "| c | d |\n" * 120)) == 1


def test_columns_are_as_wide_as_their_texts():
    text = "| a | b | c |\n|--|--|--|\n" + f"| 1 | {'word ' * 3} | {'word ' * 40} |\n" * 120
    short, middle, long = (float(width) for width in re.findall(r'<col width="([\d.]+)%', blocks(text)[0]))
    assert short < middle < long
    assert short + middle + long == pytest.approx(100, abs=0.2)
    wide = "|a" * 12 + "|\n" + "|-" * 12 + "|\n" + "|antidisestablish" * 12 + "|\n"
    assert '<table class="long w140" width="100%">' in blocks(wide + f"{wide.splitlines()[2]}\n" * 120)[0]


DEFINITION = "\n[z]: https://z.example\n"


@pytest.mark.parametrize(
    "text",
    [HEAD + rows(250), "5. a\n" * 220, "* a\n" * 150, "- a\n\n" * 101, "- a\n  1. b\n  - c\n" * 40, "# a\n\n- b\n"],
)
def test_a_text_with_definitions_is_cut_in_the_same_places(text):
    assert blocks(text + DEFINITION) == blocks(text)


@pytest.mark.parametrize("seed", range(300))
@pytest.mark.usefixtures("short")
def test_parts_of_texts_with_definitions_hold_the_same(seed):
    text = f"{listed(Random(seed))}\n"
    assert _plain(items(blocks(text + DEFINITION))) == _plain(items(blocks(f"{text}\nz\n")))


@pytest.mark.parametrize("seed", range(300))
@pytest.mark.usefixtures("short")
def test_cuts_do_not_matter(seed):
    random = Random(seed)
    text = listed(random) if seed % 3 else scribble(random)
    whole = Growing(text).all()
    growing, page = shown(cuts(random, text))
    assert growing.all() == whole
    page.apply(growing.take())
    assert [*map(seen, page.blocks)] == [*map(seen, whole)]
    assert Growing(f"{text}\n\n").finish() == blocks(f"{text}\n\n")


@pytest.mark.parametrize("text", [HEAD + rows(250), "1. a\n" * 250 + "\nb\n", "- a\n\n  b\n  - c\n" * 120])
def test_cuts_of_long_texts_do_not_matter(text):
    random, whole = Random(text), Growing(text).all()
    for _ in range(3):
        growing, page = shown(cuts(random, text))
        assert growing.all() == whole
        page.apply(growing.take())
        assert page.blocks[:-1] == whole[:-1]
        assert growing.finish() == blocks(text)


@pytest.mark.parametrize("text", [*NASTY, *(listed(Random(seed)) for seed in range(300))])
@pytest.mark.usefixtures("short")
def test_the_parts_hold_what_the_whole_holds(text, monkeypatch):
    text = f"{text}\n"
    whole = uncut(monkeypatch, text)
    assert _plain(items(blocks(text))) == _plain(items(whole))


def _plain(found: list[str]) -> list[str]:
    """Without the paragraphs that make a list loose: each part is, or is not, by itself."""
    return [re.sub(r"\s*</?(?:p|[uo]l)\b[^>]*>\s*", " ", html).strip() for html in found]

"""Blocks that are longer than the parser is given still look like what they are, and lose nothing."""

import re
from html import unescape
from itertools import pairwise
from random import Random

import pytest

from chat.markdown import TAIL, Growing, rendering
from chat.markdown.growing import blocks
from chat.markdown.source import LARGEST
from tests.markdown.browser import Page

WORDS = "".join(f"word{n} " for n in range(9_000))
LINES = "".join(f"line {n} of a long paragraph\n" for n in range(3_000))
ITEMS = "".join(f"{n}. {f'item {n} ' * 120}\n    - below {n}\n" for n in range(1, 90))
ROWS = "| a | b |\n|---|--:|\n" + "".join(f"| {f'cell {n} ' * 80} | {n} |\n" for n in range(90))
FENCE = "```python\n" + "".join(f"x{n} = '<{n}>' # **no**\n" for n in range(7_000)) + "```\n"
QUOTE = "".join(f"> {n} wise words\n" for n in range(4_000))
INDENTED = "".join(f"    code {n}\n" for n in range(4_000))
KINDS = {
    "one line": WORDS, "lines": LINES, "list": ITEMS, "table": ROWS, "fence": FENCE, "quote": QUOTE,
    "indented code": INDENTED, "spaces": " " * 70_000 + "a", "one word": "a" * 70_000, "open fence": FENCE[:-4],
}  # fmt: skip


def said(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS.keys())
def test_cuts_of_long_blocks_do_not_matter(text: str) -> None:
    random, text = Random(len(text)), f"{text}\n\nEnd\n\n"
    whole = Growing(text).all()
    assert whole[:-1] == blocks(text)[: len(whole) - 1]
    for _ in range(2):
        growing, page = Growing(), Page()
        at = 0
        while at < len(text):
            size = random.choice((7, 300, 3_000, 50_000))
            growing.add(text[at : at + size])
            page.apply(growing.take())
            at += size
        assert growing.all() == whole
        page.apply(growing.take())
        assert page.blocks[:-1] == whole[:-1]


def test_a_long_paragraph_becomes_some_that_break_between_words_or_lines() -> None:
    for text in (WORDS, LINES):
        html = blocks(text)
        assert 2 <= len(html) <= 5
        assert all(part.startswith('<p dir="auto">') and len(part) <= LARGEST + 30 for part in html)
        assert " ".join(map(said, html)).split() == text.split()


def test_a_long_list_of_long_items_goes_on_counting() -> None:
    html = blocks(ITEMS)
    assert len(html) > 2
    assert html[0].startswith('<ol class="long">')
    for before, part in pairwise(html):
        [start] = re.findall(r'<ol class="long" start="(\d+)"', part)
        assert int(start) == 1 + int(re.findall(r"item (\d+) ", said(before))[-1])
    assert sum(part.count("below") for part in html) == 89


def test_a_table_of_long_rows_stays_one() -> None:
    html = blocks(ROWS)
    assert len(html) > 1
    assert all("<table" in part and ">a</th>" in part for part in html)
    assert sum(part.count("<tr>") - part.count("<thead>") for part in html) == 90


def test_a_long_quote_stays_one_and_code_stays_code() -> None:
    assert all(part.startswith("<blockquote") for part in blocks(QUOTE))
    assert all(part.startswith('<pre class="code"') for part in blocks(INDENTED))


@pytest.mark.parametrize("indent", range(4))
@pytest.mark.parametrize("fence", ["```", "~~~~", "````"])
@pytest.mark.parametrize("info", ["", "python", " js {1}", "a&amp;b", "math", "x\\_y"])
def test_a_long_fence_is_what_the_parser_would_make_of_it(monkeypatch, indent: int, fence: str, info: str) -> None:
    info = info.replace("`", "")
    lines = "a <b> & *c*\n\n  two\n      six\n\tt\n  \tu\n v\n``\n~~\n``` no\n\xa0\n"
    for end in ("", f"{fence}\n", f"  {fence}{fence[0]}  \n"):
        source = " " * indent + fence + info + "\n" + lines + end
        parsed = rendering._cleaned(source)
        monkeypatch.setattr(rendering, "_LARGEST", len(fence + info) + 5)
        assert rendering._cleaned(source) == parsed
        monkeypatch.undo()


def test_a_long_fence_is_one_block_of_all_its_code() -> None:
    [html] = blocks(FENCE)
    assert html.startswith('<pre class="code" data-language="python"><code tabindex="0">')
    assert said(html) == FENCE.partition("\n")[2][:-4]
    [html] = Growing(FENCE[:-4]).all()
    assert html.endswith(f"{TAIL}</code></pre>")

"""What a finished text looks like."""

import re

import pytest

from chat.markdown import Growing, blocks


def one(text: str) -> str:
    [html] = blocks(text)
    return html


def test_each_top_level_block_is_one():
    assert blocks("# Head\ntext\n\n- a\n- b\n\n> c\n\n---\n```\nd\n```\ne") == [
        '<h1 aria-level="3" dir="auto">Head</h1>',
        '<p dir="auto">text</p>',
        '<ul>\n<li dir="auto">a</li>\n<li dir="auto">b</li>\n</ul>',
        '<blockquote dir="auto">\n<p dir="auto">c</p>\n</blockquote>',
        "<hr>",
        '<pre class="code" data-language=""><code tabindex="0">d\n</code></pre>',
        '<p dir="auto">e</p>',
    ]


@pytest.mark.parametrize(
    ("written", "shown"), [("123", "345"), ("3", "3"), ("246", "345"), ("62", "34"), ("6156", "3345"), ("111", "333")]
)
def test_no_heading_skips_a_level_below_the_message(written, shown):
    text = "".join(f"{'#' * int(level)} Heading\n\nText\n\n" for level in written)
    assert "".join(re.findall(r'aria-level="(\d)"', "".join(blocks(text)))) == shown
    growing = Growing(text)
    assert "".join(re.findall(r'aria-level="(\d)"', "".join(growing.all()))) == shown


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", "\ufeff", "\r\n"])
def test_a_blank_text_has_none(text):
    assert blocks(text) == []


def test_inline_markup():
    assert one("*a* **b** ~~c~~ `d<` \\* e  \nf\\\ng") == (
        '<p dir="auto"><em>a</em> <strong>b</strong> <del>c</del> <code>d&lt;</code> * e<br>\nf<br>\ng</p>'
    )


def test_html_is_text_and_markdown_goes_on_around_it():
    assert one("<div>*a*</div>") == '<p dir="auto">&lt;div&gt;<em>a</em>&lt;/div&gt;</p>'
    assert blocks("<!-- open\n\n*b*") == ['<p dir="auto">&lt;!-- open</p>', '<p dir="auto"><em>b</em></p>']
    assert one("`<b>` x < y") == '<p dir="auto"><code>&lt;b&gt;</code> x &lt; y</p>'


def test_line_breaks_are_the_only_html():
    html = one("| a<br>b | `c<br>d` |\n|--|--|\n| e<BR />f | <br x> |\n")
    assert "a<br>b" in html
    assert "<code>c&lt;br&gt;d</code>" in html
    assert "e<br>f" in html
    assert "&lt;br x&gt;" in html


def test_tables_keep_their_alignment():
    html = one("| a | b |\n|:-:|--:|\n| c | d |")
    assert '<th align="center" dir="auto">a</th>' in html
    assert '<td align="right" dir="auto">d</td>' in html


def test_a_table_begins_behind_its_paragraph():
    assert [html[:6] for html in blocks("Text:\n\n| a |\n|---|\n| b |\n\nend")] == ["<p dir", "<table", "<p dir"]


def test_task_lists_have_boxes():
    html = one("- [ ] a\n- [x] b")
    assert '<li dir="auto"><span class="task">☐</span> a</li>' in html
    assert '<li dir="auto"><span class="task">☑</span> b</li>' in html


def test_addresses_become_links():
    html = one("see https://a.example/?b=c&d, www.e.example, <https://f.example> and me@g.example")
    for address in ("https://a.example/?b=c&amp;d", "http://www.e.example", "https://f.example", "mailto:me@g.example"):
        assert f'<a href="{address}"' in html


def test_addresses_in_angle_brackets_may_have_spaces():
    assert '<a href="https://a.example/b%20c"' in one("[x](<https://a.example/b c>)")


def test_numbers_of_lists_are_kept():
    assert one("3. a\n4. b").startswith('<ol start="3">')


def test_definitions_reach_the_whole_text():
    first, second = blocks("See [a] and [b][a].\n\n[a]: https://a.example 'T'\n\nEnd")
    assert first.count('<a href="https://a.example" title="T"') == 2
    assert second == '<p dir="auto">End</p>'


def test_footnotes_are_numbered_and_come_last():
    text, notes = blocks("One[^b], two[^a], one again[^b].\n\n[^a]: A *note*.\n[^b]: Other.\n    And more.\n")
    assert text.count('<sup class="footnote">1</sup>') == 2
    assert '<sup class="footnote">2</sup>' in text
    assert notes.startswith('<section class="footnotes">\n<ol>\n<li dir="auto">\n<p dir="auto">Other.')
    assert "A <em>note</em>." in notes
    assert "↩" not in notes
    assert "<a" not in text + notes


def test_a_definition_too_nested_to_parse_is_shown():
    nested = "> " * 300 + "a"
    assert any("&gt; &gt;" in html for html in blocks(f"[a]: https://a.example\n\n[a]\n\n{nested}"))


def test_code_has_its_language_and_colours():
    assert one("```python title=x\nif x < 1:  # no\n    return 'a'\n```") == (
        '<pre class="code" data-language="python"><code tabindex="0">'
        "<i class=k>if</i> x &lt; <i class=m>1</i>:  <i class=c># no</i>\n"
        "    <i class=k>return</i> <i class=s>'a'</i>\n</code></pre>"
    )


@pytest.mark.parametrize("language", ["", "nonsense", "text", "C++ ", "c#", "objective-c"])
def test_every_language_has_a_frame(language):
    assert f'data-language="{language.strip()}"' in one(f"```{language}\nx\n```")


@pytest.mark.parametrize("language", ['"><b>', "a" * 100, "<script>", "&amp;", "💥", "language-x message"])
def test_a_language_is_a_short_word(language):
    html = one(f"~~~{language}\nx\n~~~")
    assert len(html) < 120
    assert "&" not in html
    assert " message" not in html


def test_indented_code_is_code():
    assert one("    a\n\n      b\n") == (
        '<pre class="code" data-language=""><code tabindex="0">a\n\n  b\n</code></pre>'
    )


def test_a_formula_keeps_its_punctuation_on_its_line():
    assert one("see $x$.)").endswith("</math>.)</span></p>")
    assert '<span class="whole"><math' in one("see $x$, and")
    assert "whole" not in one("see $x$ and")
    assert "whole" not in one("see $$x$$.")


def test_formulas_become_mathml():
    assert (
        one("$x^2$") == '<p dir="auto"><math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math></p>'
    )
    assert '<math display="block">' in one("$$\nx\n$$")
    assert '<math display="inline">' in one("\\(x\\)")
    assert '<math display="block">' in one("\\[x\\]")
    assert one("```math\nx\n```").startswith('<math display="block">')


def test_prices_are_no_formulas():
    assert one("$5 and $6") == '<p dir="auto">$5 and $6</p>'


def test_every_block_finds_its_own_direction():
    for html in blocks("שלום\n\n- שלום\n\n# שלום\n\n> שלום\n\n| שלום |\n|---|\n| שלום |"):
        assert 'dir="auto">שלום' in html


def test_characters_beyond_the_first_plane_stay_whole():
    text = "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 👍🏽 𝒳"
    assert one(text) == f'<p dir="auto">{text}</p>'


def test_line_ends_are_alike():
    assert blocks("a\r\nb\r\rc\n") == blocks("a\nb\n\nc\n")


def test_what_html_cannot_hold_is_replaced():
    assert one("a\0b\ud800c\ufdd0d\ufeffe") == '<p dir="auto">a\ufffdb\ufffdc\ufffdde</p>'
    for html in blocks("\0\ud800 `\0` [\0](https://a.example/\0)"):
        html.encode()

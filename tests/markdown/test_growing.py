"""However a text is cut, pages show the same, at little cost."""

from random import Random

import pytest

from chat.markdown import TAIL, Added, Block, Growing, blocks, rendering
from chat.markdown.source import clean
from tests.markdown.browser import Page, seen, shown
from tests.markdown.corpus import ANSWER, DEFINED, NASTY, cuts, scribble

TEXTS = [ANSWER, *NASTY, *DEFINED]


@pytest.mark.parametrize("text", TEXTS)
def test_cuts_do_not_matter(text):
    random, whole = Random(repr(text)), Growing(text).all()
    for _ in range(20):
        growing, page = shown(cuts(random, text))
        assert growing.text == text
        assert growing.all() == whole
        page.apply(growing.take())
        assert len(page.blocks) == len(whole)
        assert page.blocks[:-1] == whole[:-1]


@pytest.mark.parametrize("seed", range(300))
def test_cuts_of_scribbled_texts_do_not_matter(seed):
    random = Random(seed)
    text = scribble(random)
    whole = Growing(text).all()
    growing, page = shown(cuts(random, text))
    assert growing.all() == whole
    page.apply(growing.take())
    if page.received < 4_000:  # a longer one is not shown anew with every change
        assert [*map(seen, page.blocks)] == [*map(seen, whole)]


@pytest.mark.parametrize("text", [ANSWER[:600], *NASTY])
def test_a_short_text_is_shown_just_as_it_is_rendered(text):
    growing, page = Growing(), Page()
    for character in text:
        growing.add(character)
        page.apply(growing.take())
        now = growing.all()
        page.apply(growing.take())
        assert [*map(seen, page.blocks)] == [*map(seen, now)]


@pytest.mark.parametrize("text", TEXTS)
def test_a_page_that_joins_goes_on_without_a_gap(text):
    random = Random(repr(text))
    for _ in range(5):
        pieces = cuts(random, text)
        at = random.randrange(len(pieces) + 1)
        growing, _ = shown(pieces[:at])
        joined = Growing("".join(pieces[:at]))
        page = Page(joined.all(), joined.held)
        assert page.held == growing.held
        for piece in pieces[at:]:
            growing.add(piece)
            page.apply(growing.take())
        assert len(page.blocks) == len(growing.all())


@pytest.mark.parametrize("text", [ANSWER, *NASTY])
def test_the_end_is_what_a_finished_text_shows(text):
    growing = Growing(f"{text}\n\n")
    settled = [html for html in growing.all() if TAIL not in html]
    assert blocks(text)[: len(settled)] == settled
    assert blocks(text) == [*settled, *blocks(text)[len(settled) :]]
    assert len(blocks(text)) == len(growing.all())


@pytest.mark.parametrize("text", [*NASTY, *(scribble(Random(-seed)) for seed in range(300))])
def test_blocks_rendered_by_themselves_are_those_of_the_whole(text):
    text += "\n"
    assert "\n".join(rendering.whole(clean(text)) or []) == "\n".join(blocks(text))


def test_the_end_differs_in_definitions_only():
    growing = Growing("See [docs], a note[^1].\n\n[docs]: mailto:a@example.com\n\n[^1]: Noted.\n\nEnd\n\n")
    assert growing.all()[0] == '<p dir="auto">See [docs], a note[^1].</p>'
    first, last, notes = blocks(growing.text)
    assert '<a href="mailto:a@example.com"' in first
    assert '<sup class="footnote">1</sup>' in first
    assert last == '<p dir="auto">End</p>'
    assert "Noted." in notes


def test_half_open_markdown_never_raises():
    for text in TEXTS:
        for end in range(len(text)):
            assert all(html for html in Growing(text[:end]).all())
            assert all(html for html in blocks(text[:end]))


def test_nothing_changes_without_text():
    growing = Growing("a *b*\n\n- c")
    assert growing.take()
    assert growing.take() == []
    growing.add("")
    assert growing.take() == []


def test_settled_blocks_come_once_and_coloured():
    growing = Growing("```py\nreturn 1\n")
    assert growing.take() == [
        Block(0, f'<pre class="code" data-language="py"><code tabindex="0">return 1\n{TAIL}</code></pre>')
    ]
    growing.add("```\n")
    [settled] = growing.take()
    assert "<i class=k>return</i>" in settled.html
    growing.add("\nmore")
    assert growing.take() == [Block(1, f'<p dir="auto">more{TAIL}</p>')]


def test_an_open_fence_gets_only_what_was_added():
    growing = Growing("```py\nx = '🙂'\n")
    growing.take()
    growing.add("y = 2")
    assert growing.take() == [Added(0, "y = 2", 15)]
    growing.add("\n🙂z")
    assert growing.take() == [Added(0, "\n🙂z", 20)]
    assert growing.held == 24


def test_open_indented_code_goes_on_in_its_line():
    growing = Growing("    a")
    assert growing.take()[0].html.endswith(f">a{TAIL}\n</code></pre>")
    growing.add("b")
    assert growing.take() == [Added(0, "b", 5)]


def test_plain_words_are_added():
    growing = Growing("Hello")
    growing.take()
    growing.add(" world, this")
    assert growing.take() == [Added(0, " world, this", 5)]
    growing.add(" is **bold** now")
    assert growing.take() == [Block(0, f'<p dir="auto">Hello world, this is <strong>bold</strong> now{TAIL}</p>')]


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("Text\n-", "Text"),
        ("Text\n1.", "Text"),
        ("Text\n- ", "Text"),
        ("Text **bo", "Text"),
        ("Text `co", "Text"),
        ("Text [link](https://exa", "Text"),
        ("Text [link", "Text"),
        ("Text \\(x^2", "Text"),
        ("Text\n```py", "Text"),
        ("Text *", "Text"),
    ],
)
def test_half_open_markup_is_held_back(text, visible):
    assert Growing(text).all() == [f'<p dir="auto">{visible}{TAIL}</p>']


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("Text **bold**", "Text <strong>bold</strong>"),
        ("Text `code`", "Text <code>code</code>"),
        ("Text ~~old~~", "Text <del>old</del>"),
        ("A **b** and **", "A <strong>b</strong> and"),
        ("Take 2 * 3", "Take 2 * 3"),
        ("$$x$$", '<math display="block"><mrow><mi>x</mi></mrow></math>'),
    ],
)
def test_what_is_closed_is_shown_at_once(text, visible):
    assert Growing(text).all() == [f'<p dir="auto">{visible}{TAIL}</p>']


@pytest.mark.parametrize("half", ["$$\nx^2", "$$x + y", "\\[\n\\frac{a}{b}"])
def test_half_a_formula_is_held_back(half):
    assert Growing(half).all() == []
    assert "<math" in Growing(half + ("\n$$" if half[0] == "$" else "\n\\]")).all()[0]


def test_what_stays_half_open_is_shown_in_the_end():
    assert Growing("Text **bold " + "and on " * 20).all()[0].startswith('<p dir="auto">Text **bold and on')
    assert Growing("$$x " + "and on " * 400).all()[0].startswith('<p dir="auto">$$x and on')
    assert Growing("- " * 800).all()


@pytest.fixture
def parsed(monkeypatch) -> list[int]:
    """The lengths of what was given to the parser."""
    lengths: list[int] = []
    parse = rendering._parsed

    def counting(source, output):
        lengths.append(len(source))
        return parse(source, output)

    monkeypatch.setattr(rendering, "_parsed", counting)
    return lengths


WORK = {
    "paragraph in one line": "word and **more** of it, " * 1_200,
    "paragraph in many lines": "word and **more** of it,\n" * 1_200,
    "plain lines": "word word word\n" * 2_000,
    "fence": "```py\n" + "x = [1, 2, 3]\n" * 1_000,
    "fence in a list": "- ```py\n" + "  x = [1, 2, 3]\n" * 1_000,
    "list": "- item with `code` in it\n" * 1_000,
    "loose list": "- item with `code` in it\n\n" * 1_000,
    "nested list": "".join(f"{'  ' * (n % 5)}- item\n" for n in range(1_800)),
    "quote": "> quoted words\n" * 1_200,
    "table": "| a | b |\n|---|---|\n" + "| `c` | **d** |\n" * 1_200,
    "one line of markers": "- " * 15_000,
    "stars": "*" * 30_000,
    "list and heading": "- item with `code` in it\n" * 400 + "# Heading\nText",
    "many short paragraphs": "Short one.\n\n" * 1_800,
}


@pytest.mark.parametrize("text", WORK.values(), ids=WORK.keys())
def test_work_and_bytes_are_linear(text, parsed):
    pieces = [text[at : at + 25] for at in range(0, len(text), 25)]
    growing, page = shown(pieces)
    html = sum(map(len, growing.all()))
    assert growing.all() == Growing(text).all()
    assert sum(parsed) < 120 * len(text) + 200_000
    assert page.received < 12 * html + 100_000


def test_what_is_settled_is_not_parsed_again(parsed):
    growing = Growing("Some words.\n\n" * 2_000)
    growing.take()
    parsed.clear()
    growing.add("More words.")
    growing.take()
    assert sum(parsed) < 50


@pytest.mark.parametrize("size", [1, 5, 40])
def test_code_costs_few_bytes(size):
    code = "".join(f"def f{n}(x: int) -> str:\n    return str(x + {n})\n\n" for n in range(200))[:10_000]
    growing, page = shown([*map("".join, zip(*[iter(f"```python\n{code}\n```\n")] * size, strict=False))])
    final = sum(len(html.encode()) for html in blocks(growing.text))
    assert page.received + final < 8 * len(code)
    assert page.received < 5 * len(code)


def test_a_long_list_is_in_shape_at_every_line():
    growing, page = Growing(), Page()
    for number in range(1, 25):
        growing.add(f"{number}. **Step {number}**: call `open()` and look at what comes back from there.\n")
        page.apply(growing.take())
        growing.add(f"{number + 1}. x")
        page.apply(growing.take())
        assert page.blocks[0].count("<li") == number + 1


@pytest.mark.parametrize("end", [" ", "\n"])
@pytest.mark.parametrize("size", [1, 5, 40])
def test_a_long_paragraph_costs_few_bytes(size, end):
    sentence = f"It is **important** to know that `settings.py` is read *once*, and that tests may override it.{end}"
    text = (sentence * 70)[:6_000]
    growing, page = shown([*map("".join, zip(*[iter(text)] * size, strict=False))])
    final = sum(len(html.encode()) for html in blocks(growing.text))
    assert page.received + final < 10 * len(text)

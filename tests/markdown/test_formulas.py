"""TeX becomes MathML, or stays readable."""

from html import escape
from xml.etree.ElementTree import Element, SubElement

import pytest

from chat.markdown import blocks, formulas
from chat.markdown.context import Context
from chat.markdown.formulas import formula


def mathml(tex: str) -> str:
    return formula(escape(tex, quote=False), "display", Context())


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{n(n+1)}{2} \leq \sum_{i=1}^{n} i^2",
        r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \vec{v} = \lambda \vec{v}",
        r"\begin{aligned} a &= b \\ &= c \end{aligned}",
        r"\begin{alignat}{2} a &= b \nonumber \\ &= c \label{x} \end{alignat}",
        r"f(x) = \begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\hat{y} = \arg\max_{\theta} p(y \mid x), \; x \in \R^n",
        r"P(A|B) = \frac{P(B|A)P(A)}{P(B)}",
        r"\operatorname{softmax}(z)_i \approx \mathbb{E}[X] < \infty",
        r"\left\lfloor \frac{a}{b} \right\rfloor \equiv 0 \pmod{n}",
        r"\lim_{x \to 0} \frac{\sin x}{x} = 1 \implies \boxed{x = 1}",
    ],
)
def test_formulas_of_answers(tex):
    html = mathml(tex)
    assert html.startswith('<math display="block">')
    assert "\\" not in html
    assert "&amp;" not in html


@pytest.mark.parametrize(
    "tex", [r"\frac{", r"\unknown{x}", r"\left(", r"{", r"x^", r"\begin{matrix}", r"\ce{H2O}", "", " "]
)
def test_what_is_no_formula_shows_its_source(tex):
    html = mathml(tex)
    assert html == f'<code class="math">{tex}</code>' or html.startswith("<math")


@pytest.mark.parametrize("tex", [r"\def\a{\a\a}\a", r"\newcommand{\a}{bb}\a", r"\let\a=\b", r"\gdef\x{y}"])
def test_definitions_are_not_followed(tex):
    assert mathml(tex) == f'<code class="math">{tex}</code>'


def test_any_error_of_the_converter_shows_the_source(monkeypatch):
    def fail(*_args, **_options):
        raise IndexError

    monkeypatch.setattr(formulas.Converter, "convert_to_element", fail)
    assert mathml("never seen before") == '<code class="math">never seen before</code>'


def test_nothing_but_mathematics_comes_out(monkeypatch):
    math = Element("math")
    SubElement(math, "script").text = "x"
    SubElement(math, "mi", {"onclick": "x"}).text = "y"
    monkeypatch.setattr(formulas.Converter, "convert_to_element", lambda *_arguments, **_options: math)
    assert mathml("nor this") == "<math><mi>y</mi></math>"


def test_text_in_formulas_is_text():
    html = mathml(r"\text{<img src=x>} a<b")
    assert "<img" not in html
    assert "&lt;img" in html


@pytest.mark.parametrize(
    ("tex", "forbidden"),
    [
        (r"\href{javascript:x}{y}", "href"),
        (r"\style{position:fixed}{y}", "style"),
        (r"x \hspace{-500em} y", "-500em"),
        (r"x \hspace{500em} y", "500em"),
        (r"x \! y", "width"),
        (r"\color{url(//x)}{y}", "url"),
        (r"\Huge x", "mathsize"),
    ],
)
def test_formulas_stay_where_they_are(tex, forbidden):
    assert forbidden not in mathml(tex).partition("<math")[2]


def test_a_message_has_a_limit():
    html = "".join(blocks("$a$ " * 20_000))
    assert html.count("<math") == 300
    assert html.count('<code class="math">') == 19_700
    long = "x" * 1_500
    assert blocks(f"${long}$\n\n" * 40)[-1] == f'<p dir="auto"><code class="math">{long}</code></p>'
    assert '<code class="math">' in mathml("y" * 2_001)

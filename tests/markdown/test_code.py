"""Code is coloured by expressions that read it once."""

import re
from html import escape, unescape

import pytest

# Where the standard library keeps the parser of its regular expressions.
from re import _constants as constants, _parser as parser  # isort: skip

from chat.markdown import code, languages

SAMPLES = {
    "python": (
        'async def f(x: int = 1_000):\n    return f"{x}"  # c',
        'k:async k:def f:f b:int m:1_000 k:return s:f"{x}" c:# c',
    ),
    "js": ("const f = async () => `a ${b}`; // c", "k:const k:async s:`a ${b}` c:// c"),
    "json": ('{"a": [1, "b", true]}', 'k:"a" m:1 s:"b" m:true'),
    "rust": ("fn f<'a>(x: &'a str) { println!(\"{}\", 'c') }", "k:fn v:'a v:'a t:str f:println! s:\"{}\" s:'c'"),
    "c": ("#include <a.h>\nint main(void) { return 'x'; }", "d:#include t:int f:main t:void k:return s:'x'"),
    "html": ('<!-- c --><a href="x">y &amp; z</a>', 'c:<!-- c --> k:<a f:href s:"x" k:> e:&amp; k:</a k:>'),
    "css": ("a { color: #fff }\n@media x { --b: 1px }", "m:#fff d:@media v:--b m:1px"),
    "bash": ('for x in *; do echo "$x" # c\'\ndone', 'k:for k:in k:do b:echo s:"$x" c:# c\' k:done'),
    "sql": ("select COUNT(*) FROM t -- c", "k:select b:COUNT k:FROM c:-- c"),
    "yaml": ("a: it's\nb: 'x' # c", "k:a k:b s:'x' c:# c"),
    "diff": ("@@ -1 +1 @@\n-a\n+b\n c", "k:@@ -1 +1 @@ x:-a i:+b"),
    "toml": ("[a]\nb = 1 # c", "k:[a] f:b m:1 c:# c"),
}
HOSTILE = [
    *(
        "(",
        "[",
        "{",
        "<",
        '"',
        "'",
        "`",
        "/",
        "\\",
        "*",
        "#",
        "-",
        " ",
        "\t",
        "\n",
        "a",
        "0",
        "$",
        "@",
        "%",
        "&",
        ";",
        ":",
    ),
    *(
        "=",
        ".",
        "_",
        "a ",
        "a\n",
        '"a',
        "/*",
        "<!--",
        "<a ",
        '<a b="',
        "{{",
        "{%",
        "${",
        "a.",
        "a(",
        "a:",
        "0x",
        "1e",
        '""',
    ),
    *(
        '"""',
        '"\\',
        "<?",
        "//",
        "--",
        "a=",
        "#{",
        'f"{',
        "@a ",
        "[a",
        "<<A\n",
        " \n",
        "a:: ",
        "::",
        "--[[",
        "{-",
        "<#",
        "'a",
    ),
]


def colours(html: str) -> str:
    return " ".join(f"{name}:{text}" for name, text in re.findall(r"<i class=(\w)>([^<]*)</i>", html))


@pytest.mark.parametrize("language", SAMPLES)
def test_words_have_the_colours_of_their_language(language):
    text, expected = SAMPLES[language]
    html = code._coloured(language, escape(text, quote=False))
    assert unescape(colours(html)) == expected


@pytest.mark.parametrize("tokens", languages._TOKENS)
def test_colours_do_not_change_the_text(tokens):
    language = next(
        name for name, language in languages._LANGUAGES.items() if language.tokens is languages._TOKENS[tokens]
    )
    for text in [*HOSTILE, *(text for text, _ in SAMPLES.values()), "🙂 שלום &amp; <b>\xa0"]:
        content = escape(text * 20, quote=False)
        html = code._coloured(language, content)
        assert re.sub(r"<i class=[bcdefikmstvx]>|</i>", "", html) == content
        assert len(html) <= 16 * len(content) + 16


def unbounded(tree) -> list[str]:
    """The repetitions without an end that could be tried again with less, in a parsed expression."""
    found = []
    for operation, argument in tree:
        if operation in (constants.MAX_REPEAT, constants.MIN_REPEAT) and argument[1] == constants.MAXREPEAT:
            found.append(str(argument[2]))
        parts = argument if isinstance(argument, (tuple, list)) else [argument]
        for part in parts:
            for inner in part if isinstance(part, list) else [part]:
                if isinstance(inner, parser.SubPattern):
                    found += unbounded(inner)
    return found


@pytest.mark.parametrize("tokens", languages._TOKENS)
def test_no_expression_goes_back(tokens):
    assert unbounded(parser.parse(languages._TOKENS[tokens].pattern, re.MULTILINE)) == []


def test_going_back_would_be_found():
    assert unbounded(parser.parse(r"a|(?:b(?=c*d))?"))
    assert unbounded(parser.parse(r"(?P<x>[^a]+)"))
    assert not unbounded(parser.parse(r"a*+b++c{1,5}"))


def test_very_long_code_is_plain():
    assert "<i" in code.framed("py", "return\n" * 2_000, colours=True)
    assert "<i" not in code.framed("py", "return\n" * 4_000, colours=True)


def test_growing_code_is_plain():
    assert "<i" not in code.framed("py", "return", colours=False)

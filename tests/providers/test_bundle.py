import time

import pytest
from yarl import URL

from chat.providers import bundle

SITE = URL("https://pen.example/")


@pytest.mark.parametrize(
    "script",
    [
        'e={headers:{"X-API-Secret":"abc"}};t={secret:"def"}',
        "{'X-API-Secret' : 'abc', secret : 'def'}",
        '{"X-API-Secret":\n\t"abc","secret":\n"def"}',
        "{`X-API-Secret`:`abc`,secret:`def`}",
        'h["X-API-Secret"]="abc";o.secret="def"',
        'h.set("X-API-Secret","abc");var secret="def"',
        '{"x-api-secret":"abc","secret":"def"}',
        'var n="abc",r="def";x={"X-API-Secret":n,secret:r}',
        "const n = 'abc'; const $r = 'def'; x = { 'X-API-Secret': n, secret: $r };",
        r'{"X-API-Secret":"\x61bc",secret:"d\u0065\u{66}"}',
        'client_secret:"no",a.secretary="no",no_secret="no",{secret:!0},"X-API-Secret":"abc",secret:"def"',
        'secret:"",secret:" ","X-API-Secret":"","X-API-Secret":"abc",secret:"def"',
        'my-secret:"no";secret==="no";secret:"def",{"X-API-Secret":"abc"}',
    ],
)
def test_the_values_are_found_however_a_minifier_writes_them(script):
    assert tuple(bundle.values("!function(){" + script + "}()")) == ("abc", "def")


@pytest.mark.parametrize("value", ["a-b_c", "a.b/c+d==", "with space", "ключ", "a'b", "$x{y}", "a,b;c:d"])
def test_a_value_may_contain_other_characters(value):
    assert tuple(bundle.values(f'"X-API-Secret":"{value}",secret:"{value}"')) == (value, value)


def test_an_escaped_quote_belongs_to_the_value():
    assert bundle.values(r'secret:"a\"b\\"').secret == r'a"b\ '.strip()


def test_a_value_that_no_header_can_carry_is_none():
    assert bundle.values(r'"X-API-Secret":"a\nb",secret:"a\x0d\x0ab"').api_secret == "anb"
    assert bundle.values(r'secret:"a\x0d\x0ab"').secret is None


def test_what_is_missing_has_a_name():
    assert bundle.values('"X-API-Secret":"abc"').missing == ("secret",)
    assert bundle.values('secret:"abc"').missing == ("X-API-Secret",)
    assert bundle.values("").missing == ("X-API-Secret", "secret")


def test_values_do_not_show_themselves():
    assert "abc" not in repr(bundle.values('"X-API-Secret":"abc",secret:"def"'))


def test_scripts_of_the_page_are_found_in_any_spelling():
    page = """
    <script src="/_nuxt/02c76dc.js" defer></script><SCRIPT defer SRC='/_nuxt/9e47.js'></SCRIPT>
    <script type=module src=/_nuxt/bare.mjs></script><script src="relative.js?v=1&amp;w=2#top"></script>
    <link rel="preload" href="/_nuxt/only-preloaded.js" as="script"><script>import("/_nuxt/late.js")</script>
    <script src="/_nuxt/02c76dc.js"></script><script>inline()</script>
    """
    assert [str(script) for script in bundle.scripts(page, SITE / "app/")] == [
        "https://pen.example/_nuxt/02c76dc.js",
        "https://pen.example/_nuxt/9e47.js",
        "https://pen.example/_nuxt/bare.mjs",
        "https://pen.example/app/relative.js?v=1&w=2",
        "https://pen.example/_nuxt/only-preloaded.js",
        "https://pen.example/_nuxt/late.js",
    ]


def test_the_sites_own_scripts_come_first():
    page = '<script src="https://cdn.example/a.js"></script><script src="/b.js"></script>'
    assert [str(script) for script in bundle.scripts(page, SITE)] == [
        "https://pen.example/b.js",
        "https://cdn.example/a.js",
    ]


@pytest.mark.parametrize(
    "reference",
    ["http://pen.example/x.js", "file:///etc/passwd.js", "data:text/javascript,1.js", "ftp://a/b.js", "https://u:p@a/b.js",
     "javascript:x.js", "https://[broken/x.js", "//"],
)  # fmt: skip
def test_a_script_from_elsewhere_than_the_web_is_left_alone(reference):
    assert bundle.scripts(f'<script src="{reference}"></script>', SITE) == []


def test_the_number_of_scripts_is_bounded():
    page = "".join(f'<script src="/{number}.js"></script>' for number in range(10_000))
    assert len(bundle.scripts(page, SITE)) == bundle.MAX_SCRIPTS


@pytest.mark.parametrize(
    "hostile",
    [
        "secret",
        'secret:"',
        "secret:a,",
        "secret" + " " * 50,
        '"X-API-Secret":x}',
        "<script ",
        '<script src="',
        "'a.js",
        '"',
    ],
)
def test_megabytes_of_bait_do_not_hold_the_loop_up(hostile):
    text = hostile * (4 * 1024 * 1024 // len(hostile))
    began = time.process_time()
    bundle.values(text)
    bundle.scripts(text[: 2 * 1024 * 1024], SITE)
    assert time.process_time() - began < 5  # about 0.1 s; quadratic behaviour takes minutes

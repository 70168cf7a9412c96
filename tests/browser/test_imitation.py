"""Nothing that an answer says runs, loads, or takes the place of what is the page's, while it grows and afterwards."""

import re
from typing import Any

from playwright.async_api import BrowserContext, Dialog, Page, expect

from tests.browser.conftest import unique
from tests.browser.steps import begin, finished
from tests.markdown.vectors import VECTORS
from tests.stand.site import Site

OURS = """
<form id="composer" class="composer"><textarea id="text" name="text"></textarea><button>Send</button></form>
<div class="dock" id="end" style="position:fixed;inset:0;z-index:99">Your session has ended</div>
<p class="refusal" id="refusal" role="alert">Sign in again</p>
<nav class="sidebar conversations" id="conversations"></nav><main class="page" data-socket="/ws/c/x/"></main>
<time datetime="2000-01-01">never</time><span data-from="2000-01-01" data-left="1"></span>
<i data-part id="heading">x</i>
<button value="retry:1" name="action" form="act" aria-keyshortcuts="Enter">Retry</button>
<button data-copy="/x">Copy</button>
""".strip().splitlines()
TAGS = (
    "a b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i li ol p pre section span strong sup table tbody td th "
    "thead tr ul math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup "
    "msup mtable mtd mtext mtr munder munderover"
).split()
CLASSES = "block code tail task math footnote footnotes whole b c d e f i k m s t v x".split()
ATTRIBUTES = (
    "accent accentunder align aria-label aria-level class columnalign columnlines columnspacing data-held "
    "data-language dir display displaystyle fence href id largeop linebreak linethickness lspace mathbackground "
    "mathcolor mathvariant maxsize minsize movablelimits notation rel rowlines rowspacing rspace scriptlevel separator "
    "start stretchy symmetric tabindex target title width"
).split()
# What stands in the text of the answer, without the buttons that the page puts beside code.
CONTENTS = """body => {
    const all = [...body.querySelectorAll("*")].filter((element) => !element.closest(".copy"));
    const set = (values) => [...new Set(values)];
    return {
        tags: set(all.map((element) => element.localName)),
        classes: set(all.flatMap((element) => [...element.classList])),
        attributes: set(all.flatMap((element) => element.getAttributeNames())),
        ids: all.map((element) => element.id).filter(Boolean),
        ways: set(all.filter((element) => element.href).map((element) => element.protocol)),
        targets: set(all.filter((element) => element.href).map((element) => element.target + element.rel)),
        positions: set(all.map((element) => getComputedStyle(element).position)),
        blocks: body.children.length,
    };
}"""
# What is there once, and stays what it is.
PAGE = """() => ({
    names: document.querySelectorAll("#text, #composer, #messages, #conversations, #status, #end").length,
    fields: document.querySelectorAll("textarea").length,
    isOurs: document.getElementById("text").closest("main > .dock > form#composer > .sheet") !== null,
    forms: document.forms.length,
    scripts: document.scripts.length,
    styles: document.styleSheets.length,
    base: document.baseURI === location.href,
    title: document.title,
})"""


async def test_an_answer_of_hostile_texts_is_text(page: Page, context: BrowserContext, site: Site) -> None:
    dialogs: list[Dialog] = []
    loaded: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog))
    prompt = unique("Hello !slow=0.5 !chunk=97 !pace=1")
    site.upstream.upstream.given[prompt] = "\n\n".join([*OURS, *VECTORS])
    await begin(page, prompt)
    reply = page.locator('article[data-author="assistant"]')
    await expect(reply).to_have_count(1)
    name, before = str(await reply.get_attribute("id")), await page.evaluate(PAGE)
    context.on("request", lambda request: loaded.append(request.url.removeprefix(site.webs[0].url)))
    await expect(reply.locator(".block").nth(100)).to_be_attached()
    check(await reply.locator(".body").evaluate(CONTENTS), name)
    await finished(page)
    assert not [path for path in loaded if not path.startswith("/c/")]
    for _ in range(2):
        check(await reply.locator(".body").evaluate(CONTENTS), name)
        assert await page.evaluate(PAGE) == before
        assert await reply.locator(".block").count() > len(VECTORS)
        await page.reload()
    assert not [path for path in loaded if not path.startswith(("/c/", "/static/"))]
    assert not dialogs


def check(contents: dict[str, Any], name: str) -> None:
    for kind, allowed in (("tags", TAGS), ("classes", CLASSES), ("attributes", ATTRIBUTES)):
        assert not {*contents[kind]} - {*allowed}, kind
    assert {*contents["ways"]} <= {"http:", "https:", "mailto:"}
    assert {*contents["targets"]} <= {"_blanknoopener noreferrer nofollow"}
    assert {*contents["positions"]} <= {"static", "relative"}
    assert all(re.fullmatch(rf"{name}-b\d+|t-{name[2:10]}", one) for one in contents["ids"])

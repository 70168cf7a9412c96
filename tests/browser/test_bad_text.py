"""Whatever an answer contains, the page stays a page: as wide as the window, whole, and usable."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Hurry, unique
from tests.browser.steps import begin, finished, held
from tests.markdown.hostile import HOSTILE
from tests.stand.site import Site

KIB = 1024
BAD = {
    "one line of 100 kB": "x" * 100_000,
    "100 kB without a space in code": "```\n" + "y" * 100_000,
    "inline code without an end": "`" + "z" * 3000,
    "a fence without an end": "```python\ndef f(:\n" + "    pass\n" * 200,
    "a table without an end": "|" + "wide column|" * 60 + "\n|" + "-|" * 60 + "\n|" + "1|" * 30,
    "emphasis without an end": "**_~~" * 500 + "words",
    "a link without an end": "[a](" * 500 + "https://example.org/" + "b" * 3000,
    "mathematics without an end": "$$\\frac{" * 200 + " and $x^{" * 200,
    "wide mathematics": "$$" + "x_{1} + " * 300 + "y$$",
    "quotations inside quotations": "> " * 300 + "deep",
    "lists inside lists": "".join("  " * n + "- item\n" for n in range(100)),
    "a very long address": "https://example.org/" + "path/" * 2000,
    "HTML of a page": "</article></section></main><form id=composer><script>document.title='bad'</script>" * 20,
    "comments and entities": "<!-- " * 100 + "&#0;&nbsp;&lt;" * 100 + "]]>",
    "right to left and left to right": "שלום hello مرحبا 123 \u202e reversed \u202c \u2067 isolated " * 100,
    "a letter with 3,000 accents": "a" + "\u0301" * 3000,
    "families and flags": "👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈🇩🇪👍🏽" * 2000,
    "NULs and other control characters": "a\0b\x01c\x1b[31md\x7f\ufffe\ufeff\u2028" * 100,
    "tabs": "\t" * 5000 + "end",
    "a word in a list cell": "| a |\n|---|\n| " + "w" * 5000 + " |",
}

KINDS = [*HOSTILE]
BATCHES = [KINDS[at : at + 8] for at in range(0, len(KINDS), 8)]


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
async def test_the_page_stays_whole(page: Page, site: Site, text: str) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    title = await page.title()
    await expect(page.locator('article[data-author="user"]')).to_have_attribute("data-state", "complete")
    pk = int(await page.locator('article[data-author="assistant"]').get_attribute("data-pk") or 0)
    site.query("UPDATE chat_message SET text = %s, html = '', html_version = 0 WHERE id = %s", text, pk)
    site.query("UPDATE chat_message SET text = %s WHERE id = %s", text[: 16 * KIB], pk - 1)
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.reload()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.locator("#messages > article").count() == 2
        assert await page.locator("main > .dock > form#composer").count() == 1
        assert await page.locator("article").last.inner_text()
        assert await page.title() == title
    field = page.get_by_role("textbox", name="Message")
    await field.fill("And now something else")
    await field.press("Enter")
    await finished(page, 2)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_a_bad_prompt_goes_through_as_it_is(page: Page) -> None:
    text = unique("<b>not bold</b> " + BAD["right to left and left to right"][:500] + BAD["families and flags"][:500])
    await begin(page, text)
    await finished(page)
    await expect(page.locator('article[data-author="user"] .block')).to_have_text(text)
    await expect(page.locator('article[data-author="user"] b')).to_have_count(0)


@pytest.mark.parametrize("kinds", BATCHES, ids=[f"{kinds[0]} to {kinds[-1]}" for kinds in BATCHES])
async def test_one_can_write_while_a_hard_text_grows(page: Page, site: Site, hurry: Hurry, kinds: list[str]) -> None:
    """Three quarters of each come at once, and the rest only when what was typed is there."""
    await begin(page, unique("Hello"))
    await finished(page)
    replies, field = page.locator('article[data-author="assistant"]'), page.get_by_role("textbox", name="Message")
    persona = page.get_by_role("combobox", name="Persona")
    for number, kind in enumerate(kinds, start=2):
        text = HOSTILE[kind]
        prompt = held(unique(kind), len(text) * 3 // 4)
        site.upstream.upstream.given[prompt] = text
        await field.fill(prompt)
        await field.press("Enter")
        await expect(replies, kind).to_have_count(number)
        await arrived(site, replies.last, len(text) // 2)
        await field.press_sequentially("And now?")
        await expect(field, kind).to_have_value("And now?")
        await page.get_by_role("button", name="Who answers").click()
        await expect(persona, kind).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(replies.last, kind).to_have_attribute("data-state", "streaming")
        hurry()
        await expect(replies.last, kind).to_have_attribute("data-state", "complete")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 1280, kind
    await page.reload()
    await expect(replies).to_have_count(len(kinds) + 1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280


async def arrived(site: Site, reply: Locator, least: int) -> None:
    """Waits until so much of a growing reply is saved, and therefore on its way to the page."""
    pk = int(await reply.get_attribute("data-pk") or 0)
    async with asyncio.timeout(60):
        while not site.query("SELECT 1 FROM chat_message WHERE id = %s AND length(CAST(text AS BLOB)) > %s", pk, least):
            await asyncio.sleep(0.02)

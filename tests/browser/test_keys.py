"""What can be done without leaving the keyboard."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import unique
from tests.browser.steps import begin, finished, held, pasted


def field(page: Page) -> object:
    return page.get_by_role("textbox", name="Message")


async def test_the_overview_opens_and_escape_gives_the_focus_back(page: Page) -> None:
    overview = page.get_by_role("dialog", name="Keyboard shortcuts")
    await field(page).press("Control+/")
    await expect(overview).to_be_visible()
    await expect(overview).to_contain_text("Copy the last answer")
    await page.keyboard.press("Escape")
    await expect(overview).to_be_hidden()
    await expect(field(page)).to_be_focused()


async def test_a_question_mark_opens_the_overview_only_where_nobody_writes(page: Page) -> None:
    overview = page.get_by_role("dialog", name="Keyboard shortcuts")
    await field(page).press("?")
    await expect(field(page)).to_have_value("?")
    await expect(overview).to_be_hidden()
    await page.get_by_role("link", name="MagickPen Chat").focus()
    await page.keyboard.press("?")
    await expect(overview).to_be_visible()


async def test_every_shortcut_of_the_overview_has_its_element(page: Page) -> None:
    aims = await page.locator("#shortcuts button[value]").evaluate_all("all => all.map(row => row.value)")
    assert len(aims) >= 6
    for aim in aims:
        await page.locator(aim).count()  # a selector that is none would raise


async def test_arrow_up_in_an_empty_field_edits_the_last_prompt(page: Page) -> None:
    words = unique("Hello")
    await begin(page, words)
    await finished(page)
    await field(page).fill("not empty")
    await field(page).press("ArrowUp")
    await field(page).fill("")
    await field(page).press("ArrowUp")
    await page.wait_for_url(re.compile(r"\?edit=\d+"))
    await expect(field(page)).to_have_value(words)
    await expect(field(page)).to_be_focused()
    await field(page).press("Escape")
    await page.wait_for_url(re.compile(r"/c/[^?]*$"))
    await expect(field(page)).to_be_focused()


async def test_stop_and_copy_by_key(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await begin(page, held(unique("Explain rainbows")))
    reply = page.locator('article[data-author="assistant"]')
    await expect(reply.locator(".block").first).to_be_visible()
    await page.keyboard.press("Control+.")
    await expect(reply).to_have_attribute("data-state", "stopped")
    await expect(field(page)).to_be_focused()
    await page.keyboard.press("Control+Shift+C")
    await expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    pk = await reply.get_attribute("data-pk")
    source = await page.evaluate(f"fetch('{pk}.md').then(answer => answer.text())")
    assert source
    assert await pasted(page) == source


async def test_previous_next_new_and_search_by_key(page: Page) -> None:
    addresses = []
    for words in ("first", "second"):
        await page.keyboard.press("Control+Shift+O")
        await page.wait_for_url(re.compile(r":\d+/$"))
        await begin(page, unique(words))
        await finished(page)
        addresses.append(page.url)
    await page.reload()
    await page.keyboard.press("Alt+ArrowDown")
    await page.wait_for_url(addresses[0])
    await page.keyboard.press("Alt+ArrowUp")
    await page.wait_for_url(addresses[1])
    await page.keyboard.press("Control+K")
    await page.wait_for_url(re.compile("/conversations/"))
    await expect(page.get_by_role("searchbox")).to_be_focused()


async def test_the_focus_survives_a_retry(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    reply = page.locator('article[data-author="assistant"]')
    old = await reply.get_attribute("id")
    await reply.get_by_role("button", name="Retry").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(f'[id="{old}"]')).to_have_count(0)
    await finished(page)
    assert await page.evaluate("document.activeElement !== document.body")

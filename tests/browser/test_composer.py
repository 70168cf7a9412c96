"""The field: it is ready, grows, counts, and keeps what is written whatever happens."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import enter, sign_in, unique
from tests.browser.steps import begin, finished
from tests.stand.site import PASSWORD, Site

HEIGHT = "field => Math.round(field.clientHeight / parseFloat(getComputedStyle(field).lineHeight) - 0.7)"


@pytest_asyncio.fixture(loop_scope="session")
async def phone(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    """Alice's telephone."""
    context = await chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    yield await enter(context, site.webs[0].url)
    await context.close()


async def test_an_empty_page_is_ready_to_write_and_offers_beginnings(page: Page) -> None:
    field = page.get_by_role("textbox", name="Message")
    await expect(field).to_be_focused()
    await expect(page.get_by_text("gpt-4o-mini by MagickPen answers.")).to_be_visible()
    starters = page.locator(".starters a")
    assert await starters.count() >= 3
    words = await starters.first.inner_text()
    await starters.first.click()
    await expect(field).to_have_value(words)
    await expect(field).to_be_focused()


async def test_a_phone_keeps_its_keyboard_down_and_its_enter_breaks_the_line(phone: Page) -> None:
    field = phone.get_by_role("textbox", name="Message")
    await expect(field).not_to_be_focused()
    await field.tap()
    await field.press_sequentially("one")
    await field.press("Enter")
    await field.press_sequentially("two")
    await expect(field).to_have_value("one\ntwo")
    await phone.get_by_role("button", name="Send").tap()
    await phone.wait_for_url(re.compile("/c/"))
    await finished(phone)


async def test_the_field_grows_to_eight_lines_and_to_four_on_phones(page: Page) -> None:
    field = page.get_by_role("textbox", name="Message")
    for lines, width, shown in ((1, 1280, 1), (5, 1280, 5), (30, 1280, 8), (30, 390, 4)):
        await page.set_viewport_size({"width": width, "height": 900})
        await field.fill("\n".join("line" for _ in range(lines)))
        assert await field.evaluate(HEIGHT) == shown


async def test_characters_are_counted_near_the_limit(page: Page) -> None:
    field, count = page.get_by_role("textbox", name="Message"), page.locator("#count")
    most = int(await count.get_attribute("data-max") or 0)
    assert most > 1000
    await field.fill("x" * (most // 2))
    await expect(count).to_be_hidden()
    await field.fill("x" * (most - 10))
    await expect(count).to_have_text(f"{most - 10:,} / {most:,}")
    await field.fill("x" * (most + 1))
    await expect(count).to_have_attribute("data-over", "")
    await field.fill("")


async def test_what_is_pasted_is_plain_text(page: Page, context: BrowserContext) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.evaluate("""() => navigator.clipboard.write([new ClipboardItem({
        "text/plain": "bold words", "text/html": "<b>bold</b> <i>words</i>",
    })])""")
    field = page.get_by_role("textbox", name="Message")
    await field.fill("")
    await field.press("Control+V")
    await expect(field).to_have_value("bold words")
    await field.fill("")


async def test_a_draft_survives_a_reload_at_once(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    field = page.get_by_role("textbox", name="Message")
    await field.press_sequentially("Not yet said")
    await page.reload()
    await expect(field).to_have_value("Not yet said")


async def test_a_draft_survives_the_end_of_the_session(chromium: Browser, site: Site) -> None:
    context = await chromium.new_context()
    page = await sign_in(context, site.webs[0].url)
    await begin(page, unique("Hello"))
    await finished(page)
    address = page.url
    kept = [cookie for cookie in await context.cookies() if cookie["name"] != "sessionid"]
    await context.clear_cookies()
    await context.add_cookies(kept)  # type: ignore[arg-type]
    field = page.get_by_role("textbox", name="Message")
    await field.press_sequentially("Said to nobody")
    await page.goto(address)
    await page.get_by_label("Username").fill("alice")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(address)
    await expect(field).to_have_value("Said to nobody")
    await context.close()


async def test_a_changed_prompt_that_could_not_be_sent_is_still_there(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    await page.keyboard.press("ArrowUp")
    await page.wait_for_url(re.compile("edit="))
    field = page.get_by_role("textbox", name="Message")
    await field.fill("Hello, in other words")
    await page.reload()
    await expect(field).to_have_value("Hello, in other words")
    await field.press("Enter")
    await page.wait_for_url(re.compile(r"/c/[^?]*$"))
    await finished(page)
    await expect(field).to_have_value("")
    await page.goto(page.url.partition("#")[0])
    assert await page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:')).length") == 0


async def test_a_changed_prompt_is_not_asked_too_when_a_socket_opens_meanwhile(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    await page.keyboard.press("ArrowUp")
    await page.wait_for_url(re.compile("edit="))

    async def slowly(route: Route) -> None:
        await asyncio.sleep(route.request.method == "POST")
        await route.continue_()

    await page.route("**/c/**", slowly)
    field = page.get_by_role("textbox", name="Message")
    await field.fill("Hello, in other words")
    await page.evaluate("setTimeout(() => dispatchEvent(new Event('online')), 300)")  # whereupon the page connects anew
    await field.press("Enter")
    await page.wait_for_url(re.compile(r"/c/[^?]*$"))
    await finished(page)
    await expect(page.locator('article[data-author="user"]')).to_have_count(1)


async def test_the_field_is_ready_where_the_address_leads_to_the_end(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    address = page.url.partition("#")[0]
    await page.route("**/*", lambda route: route.continue_())  # whereby nothing comes from the browser's cache
    await page.goto("about:blank")
    await page.goto(f"{address}#end")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()

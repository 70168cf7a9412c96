"""The list of conversations as a person sees it, in several tabs, with and without script."""

import re

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import Hurry, enter, sign_in, unique
from tests.browser.steps import begin, check, finished, held
from tests.stand.site import Site


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("navigation", name="Conversations").get_by_role("link").filter(has_text=title)


async def options(page: Page, name: str) -> None:
    await page.get_by_role("button", name="Options of this conversation").click()
    await page.get_by_role("button", name=name, exact=True).click()


async def test_an_answer_elsewhere_is_marked_until_it_is_seen(
    page: Page, context: BrowserContext, hurry: Hurry
) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    other = await context.new_page()
    await other.goto(page.url)
    await page.get_by_role("link", name="New conversation").first.click()
    words = held(unique("Explain rainbows"))
    await begin(page, words)
    await expect(row(other, words).get_by_label("Generating…")).to_be_visible()
    await page.goto(other.url)
    hurry()
    await expect(row(other, words).get_by_label("New answer")).to_be_visible()
    await expect(row(page, words).get_by_label("New answer")).to_be_visible()
    await row(other, words).click()
    await expect(other.get_by_role("heading", level=1)).to_have_text(words)
    await page.reload()
    await expect(row(page, words).get_by_label("New answer")).to_be_hidden()


async def test_whoever_watches_an_answer_settle_has_seen_it(page: Page, context: BrowserContext) -> None:
    words = unique("Hello !pace=10")
    await begin(page, words)
    await finished(page)
    other = await context.new_page()
    await other.goto(page.url.split("/c/")[0])
    await expect(row(other, words)).to_be_visible()
    await expect(row(other, words).get_by_label("New answer")).to_be_hidden()


async def test_renaming_pinning_and_deleting_reach_other_tabs(page: Page, context: BrowserContext) -> None:
    words = unique("Hello")
    await begin(page, words)
    await finished(page)
    other = await context.new_page()
    await other.goto(page.url)
    await page.bring_to_front()  # a tab behind another one draws once a second, and a click waits for that
    await page.get_by_role("button", name="Options of this conversation").click()
    title = unique("Renamed")
    await page.get_by_label("Title").fill(title)
    await page.get_by_role("button", name="Rename").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(row(other, title)).to_be_visible()
    await expect(other.get_by_role("heading", level=1)).to_have_text(title)
    await options(page, "Pin")
    await expect(other.get_by_role("heading", name="Pinned")).to_be_visible()
    await options(page, "Delete")
    await expect(row(other, title)).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(row(page, title)).to_be_visible()
    await expect(row(other, title)).to_be_visible()


async def test_keeping_works_without_script(chromium: Browser, site: Site) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await enter(context, site.webs[0].url)
    words = unique("Hello without script")
    await begin_without_script(page, words)
    await options(page, "Archive")
    await page.get_by_role("link", name="All conversations").click()
    await page.get_by_role("link", name="Archived").click()
    await page.get_by_role("checkbox", name=words).check()
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("checkbox", name=words)).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await page.get_by_role("searchbox", name="Search by title").fill(words)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("checkbox")).to_have_count(1)
    await context.close()


async def test_a_draft_is_on_every_device_until_it_is_sent(page: Page, chromium: Browser, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    field = page.get_by_role("textbox", name="Message")
    await field.press_sequentially("Written on the train")
    async with page.expect_response(re.compile("/draft/")):
        pass
    context = await chromium.new_context()
    phone = await sign_in(context, site.webs[0].url)
    await phone.goto(page.url)
    await expect(phone.get_by_role("textbox", name="Message")).to_have_value("Written on the train")
    await phone.keyboard.press("Enter")
    await finished(phone, 2)
    await page.reload()
    await expect(field).to_have_value("")
    await field.press_sequentially("Left in a hurry")
    await page.goto(site.webs[0].url)
    for _ in range(20):
        await phone.reload()
        if await phone.get_by_role("textbox", name="Message").input_value():
            break
    await expect(phone.get_by_role("textbox", name="Message")).to_have_value("Left in a hurry")
    await context.close()


async def test_an_answer_is_judged_without_leaving_the_page(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    good = page.get_by_role("button", name="Good answer")
    await good.click()
    await expect(good).to_have_attribute("aria-pressed", "true")
    await page.get_by_text("Say why").click()
    await page.get_by_role("textbox", name="Comment").fill("It was short")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your comment")).to_be_visible()
    await good.click()
    await expect(page.get_by_text("Your comment")).to_have_count(0)


async def test_a_persona_is_made_and_chosen(page: Page) -> None:
    await page.get_by_role("button", name="Who answers").click()
    await page.get_by_role("link", name="Edit personas").click()
    name = unique("Pirate")
    if not await page.get_by_role("textbox", name="Name").last.is_visible():
        await page.get_by_text("New persona").click()
    await page.get_by_role("textbox", name="Name").last.fill(name)
    await page.get_by_role("textbox", name="Instructions").last.fill("Talk like a pirate.")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_text(name)).to_be_visible()
    await page.get_by_role("link", name="New conversation").first.click()
    await page.get_by_role("button", name="Who answers").click()
    await page.get_by_role("combobox", name="Persona").select_option(name)
    await page.keyboard.press("Escape")
    await begin(page, unique("Hello"))
    await finished(page)
    who = page.get_by_role("button", name="Who answers")
    await expect(who).to_contain_text(name)
    await who.click()
    await page.get_by_role("combobox", name="Persona").select_option("None")
    await page.get_by_role("button", name="Use from now on").click()
    await expect(who).not_to_contain_text(name)


async def test_axe_finds_nothing_in_forms_and_lists(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    await page.get_by_role("button", name="Good answer").click()
    await page.get_by_text("Say why").click()
    await page.get_by_role("button", name="Options of this conversation").click()
    await check(page)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Who answers").click()
    await check(page)
    for address in ("/conversations/", "/conversations/?archived&q=x", "/personas/"):
        await page.goto(f"{page.url.partition('/c')[0]}{address}")
        await check(page)


async def begin_without_script(page: Page, words: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(words)
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url(re.compile(r"/c/"))

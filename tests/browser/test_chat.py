"""What a person sees and does: one page, real script, real server."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Hurry, sign_in, unique
from tests.browser.steps import LIVE, begin, finished, held
from tests.stand.site import Site


async def test_a_prompt_streams_an_answer(page: Page, hurry: Hurry) -> None:
    text = unique("Explain rainbows")
    await begin(page, held(text))
    reply = page.locator('article[data-author="assistant"]')
    await expect(reply).to_have_attribute("data-state", "streaming")
    await expect(reply.locator(".block").first).to_be_visible()
    early = await reply.inner_text()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    hurry()
    await finished(page)
    assert len(await reply.inner_text()) > len(early)
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Answer complete")).to_have_count(1)
    await expect(page.get_by_role("region", name="Conversation")).to_contain_text(text)
    await expect(page.get_by_role("navigation", name="Conversations")).to_contain_text(text)


async def test_the_next_prompt_goes_over_the_socket(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    address = page.url
    field = page.get_by_role("textbox", name="Message")
    await field.fill("A table, please")
    await page.keyboard.press("Enter")
    await expect(page.locator('article[data-author="user"]')).to_have_count(2)
    await expect(field).to_have_value("")
    await finished(page, 2)
    assert page.url == address
    assert await page.locator("table").count() > 0


async def test_a_second_tab_shows_the_same_stream(page: Page, context: BrowserContext, hurry: Hurry) -> None:
    await begin(page, held(unique("!size=4000 Tell me")))
    other = await context.new_page()
    await other.goto(page.url)
    await expect(other.locator('article[data-state="streaming"]')).to_have_count(1)
    hurry()
    await finished(page)
    await finished(other)
    assert await _bodies(page) == await _bodies(other)


async def test_closing_the_tab_in_the_middle_loses_nothing(page: Page, context: BrowserContext, hurry: Hurry) -> None:
    await begin(page, held(unique("!size=3000 Tell me")))
    address = page.url
    await expect(page.locator('article[data-state="streaming"] .block').first).to_be_visible()
    await page.close()
    later = await context.new_page()
    await later.goto(address)
    hurry()
    await finished(later)
    live = await _bodies(later)
    await later.reload()
    assert await _bodies(later) == live
    assert len(" ".join(live)) > 3000


async def test_stop_keeps_the_text_and_continue_goes_on(page: Page) -> None:
    await begin(page, held(unique("Explain rainbows"), 600))
    reply = page.locator('article[data-author="assistant"]')
    await expect(reply.locator(".block").nth(1)).to_be_visible()
    await page.get_by_role("button", name="Stop").click()
    await expect(reply).to_have_attribute("data-state", "stopped")
    stopped = await reply.locator(".body").inner_text()
    assert stopped
    await page.get_by_role("button", name="Continue").click()
    await expect(reply).to_have_attribute("data-state", "complete")
    assert (await reply.locator(".body").inner_text()).startswith(stopped[:40])


async def test_a_failure_says_why_below_the_text_and_retry_tries_again(page: Page) -> None:
    await begin(page, unique("Tell me !cut"))
    reply = page.locator('article[data-author="assistant"]')
    await expect(reply).to_have_attribute("data-state", "failed")
    await expect(reply).to_contain_text("The connection broke in the middle of the answer.")
    body, words = await reply.locator(".body").bounding_box(), await reply.locator(".failure").bounding_box()
    assert body
    assert words
    assert words["y"] >= body["y"] + body["height"]
    old = await reply.get_attribute("id")
    await reply.get_by_role("button", name="Retry").click()
    await expect(page.locator(f'[id="{old}"]')).to_have_count(0)
    await finished(page)


async def test_a_reload_in_the_middle_goes_on(page: Page, hurry: Hurry) -> None:
    await begin(page, held(unique("Show me code")))
    for _ in range(3):
        await expect(page.locator('article[data-author="assistant"] .block').first).to_be_visible()
        await page.reload()
    hurry()
    await finished(page)
    live = await _bodies(page)
    await page.reload()
    assert await _bodies(page) == live


async def test_a_refused_prompt_keeps_its_text(page: Page) -> None:
    await begin(page, unique("!stall"))
    field = page.get_by_role("textbox", name="Message")
    await field.fill("Patience")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("Patience")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(LIVE)).to_have_count(0)
    await field.press("Enter")
    await finished(page, 2)


async def test_shift_enter_breaks_the_line(page: Page) -> None:
    field = page.get_by_role("textbox", name="Message")
    await field.fill("one")
    await field.press("Shift+Enter")
    await field.press_sequentially("two")
    await expect(field).to_have_value("one\ntwo")


async def test_it_works_without_script(chromium: Browser, site: Site) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await sign_in(context, site.webs[0].url)
    await page.get_by_role("textbox", name="Message").fill("Hello without script !pace=30")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url(re.compile(r"/c/"))
    await expect(page.locator('article[data-state="complete"][data-author="assistant"]')).to_have_count(1)
    await page.get_by_role("textbox", name="Message").fill("!stall")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator('article[data-state="stopped"]')).to_have_count(1)
    await page.get_by_role("button", name="Retry").last.click()
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator('article[data-state="stopped"]')).to_have_count(1)
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_nothing_is_wider_than_the_window(page: Page, scheme: str, width: int) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size({"width": width, "height": 800})
    await begin(page, unique("table and code !pace=0"))
    await finished(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_server_going_away_is_said_and_healed(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    web = site.webs[0]
    web.kill()
    field = page.get_by_role("textbox", name="Message")
    await field.fill("Written while it was away")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    web.start()
    await finished(page, 2)
    prompts = page.locator("article[data-author=user]")
    await expect(prompts.filter(has_text="Written while it was away")).to_have_count(1)


async def _bodies(page: Page) -> list[str]:
    """The HTML of every message's text, as the page has it, without white space between tags."""
    bodies = await page.locator("article .body").evaluate_all("all => all.map(body => body.innerHTML)")
    return [re.sub(r">\s+<", "><", re.sub(r"<button.*?</button>", "", body, flags=re.DOTALL)) for body in bodies]


async def test_an_edited_prompt_is_another_version_and_the_old_one_a_click_away(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    prompt = page.locator('article[data-author="user"]')
    await prompt.hover()
    await prompt.get_by_role("link", name="Edit").click()
    field = page.get_by_role("textbox", name="Message")
    await expect(field).to_have_value(re.compile("Hello"))
    await field.fill("Something else")
    await field.press("Enter")
    await page.wait_for_url(re.compile(r"/c/[^?]*$"))
    await finished(page)
    await expect(prompt).to_contain_text("Something else")
    await expect(prompt.get_by_role("group", name="Versions")).to_contain_text("2/2")
    await prompt.get_by_role("button", name="Previous version").click()
    await expect(prompt).to_contain_text("Hello")
    await expect(prompt.get_by_role("group", name="Versions")).to_contain_text("1/2")
    await finished(page)

"""What a device asks for: its safe areas, colours, stillness and paper, and its own form of numbers and dates."""

import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import enter, sign_in, somebody, unique
from tests.browser.steps import begin, finished
from tests.stand.site import Site

PAPER = "getComputedStyle(document.documentElement).backgroundColor"
LIGHT, DARK = "rgb(251, 250, 245)", "rgb(21, 24, 33)"


async def test_nothing_is_put_where_the_device_has_its_corners(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size({"width": 390, "height": 844})
    field, menu = page.get_by_role("textbox", name="Message"), page.get_by_role("button", name="Show conversations")
    sheet, under = page.locator(".sheet"), page.locator(".under")
    low, high = (await box(under))[3], (await box(menu))[1]
    await corners(page, top=59, bottom=44)
    assert (await box(under))[3] <= 844 - 44 < low
    assert (await box(menu))[1] >= 59 > high
    await menu.click()
    sidebar = page.locator("#sidebar")
    await expect(sidebar).to_be_visible()
    assert (await box(sidebar.get_by_role("link", name="MagickPen Chat")))[1] >= 59
    assert (await box(sidebar.get_by_role("button", name="Sign out")))[3] <= 844 - 44

    await page.set_viewport_size({"width": 844, "height": 390})
    await corners(page, left=70, right=70, bottom=21)
    for inside in (sidebar.get_by_role("link", name="MagickPen Chat"), sidebar.get_by_role("button", name="Sign out")):
        assert (await box(inside))[0] >= 70
    await page.keyboard.press("Escape")
    for inside in (menu, sheet, field, page.locator("article .body").first):
        assert (await box(inside))[0] >= 70
        assert (await box(inside))[2] <= 844 - 70


async def test_the_colours_of_the_device_are_followed_at_once_unless_others_were_chosen(
    chromium: Browser, site: Site
) -> None:
    context = await chromium.new_context(color_scheme="light")
    page = await sign_in(context, site.webs[0].url, somebody(site))
    for scheme, paper in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await page.evaluate(PAPER) == paper
    for chosen, paper in (("Dark colours", DARK), ("Light colours", LIGHT)):
        await page.get_by_role("button", name=chosen).click()
        await expect(page.get_by_role("button", name=chosen)).to_have_attribute("aria-pressed", "true")
        for scheme in ("light", "dark", "light"):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert await page.evaluate(PAPER) == paper
            await page.reload()
            assert await page.evaluate(PAPER) == paper
    await page.get_by_role("button", name="Colours as on this device").click()
    await expect(page.locator("html")).not_to_have_attribute("data-theme", re.compile("."))
    for scheme, paper in (("dark", DARK), ("light", LIGHT)):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await page.evaluate(PAPER) == paper
    await context.close()


@pytest.mark.parametrize(
    ("locale", "send", "time", "group"),
    [
        ("en-US", "Send", "Mar 1, 2025, 1:30 PM", ","),
        ("en-GB", "Send", "1 Mar 2025, 13:30", ","),
        ("de-DE", "Send", "1 Mar 2025, 13:30", "."),
        ("ru-RU", "Отправить", "1 мар. 2025 г., 13:30", " "),
    ],
)
async def test_numbers_and_times_have_the_form_of_the_device(
    chromium: Browser, site: Site, locale: str, send: str, time: str, group: str
) -> None:
    context = await chromium.new_context(locale=locale, timezone_id="Etc/UTC")
    page = await enter(context, site.webs[0].url)
    await expect(page.get_by_role("button", name=send, exact=True)).to_be_visible()
    await page.locator("#text").fill(unique("Hello"))
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/c/"))
    await finished(page)
    pk = int(await page.locator("article").last.get_attribute("data-pk") or 0)
    site.query("UPDATE chat_message SET created = %s WHERE id = %s", "2025-03-01 13:30:00", pk)
    await page.reload()
    await expect(page.locator("article time").last).to_have_text(re.compile(r"2025"))
    assert plain(await page.locator("article time").last.inner_text()) == time
    most = int(await page.locator("#count").get_attribute("data-max") or 0)
    await page.locator("#text").fill("x" * (most - 10))
    shown = await page.locator("#count").inner_text()
    assert plain(shown) == f"{most - 10:,} / {most:,}".replace(",", group)
    await page.locator("#text").fill("")
    await context.close()


async def test_paper_gets_the_text_and_nothing_to_press(page: Page) -> None:
    words = unique("Show me code")
    await begin(page, words)
    await finished(page)
    text = await page.locator("article .body").all_inner_texts()
    await page.emulate_media(media="print")
    for gone in ("button", "textarea", "nav", "form", ".actions", ".copy", ".skip", ".top", ".dock", ".sidebar"):
        assert not await page.locator(gone).evaluate_all("all => all.filter((one) => one.offsetHeight).length"), gone
    assert await page.locator("article .body").all_inner_texts() == text
    assert words in text[0]
    for body in await page.locator("article .body").all():
        await expect(body).to_be_visible()
    pre = page.locator("pre code").first
    assert await pre.evaluate("code => code.scrollWidth <= code.clientWidth")


async def test_nothing_moves_for_whoever_wants_it_still(page: Page) -> None:
    running = "document.getAnimations().length"
    await page.set_viewport_size({"width": 390, "height": 800})
    await begin(page, unique("Hello !stall"))
    await expect(page.locator(".tail")).to_have_count(1)
    assert await page.evaluate(running) > 0
    await page.emulate_media(reduced_motion="reduce")
    assert await page.evaluate(running) == 0
    drawer = page.locator("#sidebar")
    await page.get_by_role("button", name="Show conversations").click()
    await expect(drawer).to_be_visible()
    assert await page.evaluate(running) == 0
    assert await drawer.evaluate("drawer => getComputedStyle(drawer).animationName") == "none"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator('article[data-state="stopped"]')).to_have_count(1)


async def corners(page: Page, **insets: int) -> None:
    client = await page.context.new_cdp_session(page)
    await client.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})


async def box(element: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, as a person sees it."""
    found = await element.bounding_box()
    assert found
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def plain(text: str) -> str:
    return re.sub(r"\s", " ", text)

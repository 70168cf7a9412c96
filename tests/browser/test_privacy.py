"""After signing out, Back shows nothing of what was there, in a browser that keeps left pages whole."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, sign_in, unique
from tests.browser.steps import begin, finished
from tests.stand.site import Site


@pytest_asyncio.fixture(loop_scope="session")
async def keeping() -> AsyncIterator[BrowserContext]:
    """A Chromium as people have it: Playwright's own keeps no page that was left."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found; CHROMIUM may name it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield await browser.new_context()
        await browser.close()


async def sign_out(page: Page, url: str) -> None:
    await page.goto(f"{url}/accounts/logout/")
    await page.get_by_role("button", name="Sign Out").click()
    await page.wait_for_url("**/accounts/login/**")


@pytest.mark.parametrize("path", ["/conversations/", "/personas/", "/", "its own"])
async def test_back_after_signing_out_shows_no_title(keeping: BrowserContext, site: Site, path: str) -> None:
    url, words = site.webs[0].url, unique("A secret title")
    page = await sign_in(keeping, url)
    await begin(page, words)
    await finished(page)
    if path != "its own":
        await page.goto(url + path)
    await expect(page.get_by_text(words).first).to_be_attached()
    await sign_out(page, url)
    for _ in range(3):
        await page.go_back(wait_until="commit")
        await expect(page.get_by_text(words)).to_have_count(0)
        await page.wait_for_load_state()
        await expect(page.get_by_text(words)).to_have_count(0)


async def test_back_to_a_left_page_still_finds_what_was_typed(keeping: BrowserContext, site: Site) -> None:
    page = await sign_in(keeping, site.webs[0].url)
    words = unique("Half a thought")
    await page.get_by_role("textbox", name="Message").fill(words)
    await page.goto(f"{site.webs[0].url}/settings/")
    await page.go_back()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value(words)

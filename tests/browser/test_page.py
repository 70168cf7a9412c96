"""The page as a place to be: its title, its connection, its settings, and as an app of its own."""

import json
import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Hurry, unique
from tests.browser.steps import begin, finished, held
from tests.stand.site import NAME, Site


async def test_a_background_tab_tells_in_its_title_that_the_answer_is_ready(page: Page, hurry: Hurry) -> None:
    await begin(page, held(unique("Explain rainbows")))
    await expect(page.locator('article[data-state="streaming"]')).to_have_count(1)
    await _hide(page, hidden=True)
    hurry()
    await finished(page)
    await expect(page).to_have_title(re.compile(r"^● "))
    await _hide(page, hidden=False)
    await expect(page).to_have_title(re.compile(r"^[^●]"))


async def test_a_blank_page_may_be_hidden_too(page: Page) -> None:
    await _hide(page, hidden=True)
    await _hide(page, hidden=False)
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()


async def test_a_connection_that_is_away_for_long_is_said_and_then_quiet_again(page: Page) -> None:
    await page.clock.install()
    await page.route_web_socket(re.compile("/ws/"), line := _Line())
    await begin(page, unique("Hello"))
    await finished(page)
    lost = page.get_by_text("The connection is lost.")
    await line.cut()
    await page.wait_for_timeout(3000)
    await expect(lost).to_be_hidden()
    await expect(lost).to_be_visible()
    line.is_cut = False
    await page.clock.run_for(15_000)
    await expect(lost).to_be_hidden()


async def test_a_short_interruption_is_not_worth_a_word(page: Page) -> None:
    await page.clock.install()
    await page.route_web_socket(re.compile("/ws/"), line := _Line())
    await begin(page, unique("Hello"))
    await finished(page)
    await line.cut()
    line.is_cut = False
    await page.clock.run_for(10_000)
    await expect(page.get_by_text("The connection is lost.")).to_be_hidden()
    field = page.get_by_role("textbox", name="Message")
    await field.fill("And again")
    await field.press("Enter")
    await finished(page, 2)


async def test_a_line_that_died_without_saying_so_is_left_for_another(page: Page) -> None:
    await page.clock.install()
    await page.route_web_socket(re.compile("/ws/"), line := _Line())
    await begin(page, unique("Hello"))
    await finished(page)
    line.is_mute = True
    field = page.get_by_role("textbox", name="Message")
    await field.fill("Into the dark")
    await field.press("Enter")
    await expect(field).not_to_be_editable()
    await expect(field).to_have_value("Into the dark")
    line.is_mute = False
    await page.clock.run_for(10_000)
    await finished(page, 2)
    await expect(field).to_have_value("")


async def test_enter_breaks_the_line_for_whoever_chose_so(page: Page, site: Site) -> None:
    site.query("UPDATE chat_user SET enter_sends = %s WHERE username = %s", False, NAME)
    try:
        await page.reload()
        field = page.get_by_role("textbox", name="Message")
        await field.fill("one")
        await field.press("Enter")
        await field.press_sequentially("two")
        await expect(field).to_have_value("one\ntwo")
        await field.press("Shift+Enter")
        await page.wait_for_url(re.compile("/c/"))
        await finished(page)
    finally:
        site.query("UPDATE chat_user SET enter_sends = %s WHERE username = %s", True, NAME)


async def test_an_input_method_keeps_its_enter(page: Page) -> None:
    field = page.get_by_role("textbox", name="Message")
    await field.fill("に")
    await field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    await expect(field).to_have_value("に")
    assert page.url.endswith("/")


async def test_retry_counts_the_seconds_down_that_the_upstream_asks_for(page: Page) -> None:
    await begin(page, unique("Hello !429=40"))
    retry = page.locator("article").get_by_role("button", name="Retry")
    await expect(retry).to_have_attribute("data-left", re.compile(r"^[234]\d sec$"))
    first = await retry.get_attribute("data-left")
    assert first
    await expect(retry).not_to_have_attribute("data-left", first)


async def test_it_can_be_installed(page: Page, context: BrowserContext) -> None:
    await page.goto(f"{page.url}accounts/login/")
    address = await page.evaluate("document.querySelector('link[rel=manifest]').href")
    answer = await context.request.get(address)
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = json.loads(await answer.text())
    assert manifest["start_url"] == manifest["scope"] == "/"
    for icon in manifest["icons"]:
        picture = await context.request.get(address.rsplit("/", 1)[0] + "/" + icon["src"])
        assert picture.headers["content-type"] == icon["type"]
        if icon["sizes"] != "any":
            width = int.from_bytes((await picture.body())[16:20])
            assert icon["sizes"] == f"{width}x{width}"
    client = await context.new_cdp_session(page)
    assert (await client.send("Page.getAppManifest"))["errors"] == []
    errors = (await client.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    assert [error["errorId"] for error in errors] in ([], ["in-incognito"])  # a test's browser has no profile


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_browser_wears_the_colour_of_the_paper(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    colour = await page.evaluate(
        "[...document.querySelectorAll('meta[name=theme-color]')].find(meta => matchMedia(meta.media).matches).content"
    )
    paper = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == "rgb({}, {}, {})".format(*bytes.fromhex(colour[1:]))


class _Line:
    """The way of the page's sockets to the server, which a test may cut."""

    def __init__(self) -> None:
        self.is_cut = self.is_mute = False
        self.routes: list[object] = []

    async def __call__(self, route: object) -> None:
        if self.is_cut:
            await route.close(code=1011)  # type: ignore[attr-defined]
            return
        self.routes.append(route)
        server = route.connect_to_server()  # type: ignore[attr-defined]
        route.on_message(lambda text: None if self.is_mute else server.send(text))  # type: ignore[attr-defined]

    async def cut(self) -> None:
        self.is_cut = True
        for route in self.routes:
            await route.close(code=1011)  # type: ignore[attr-defined]


async def _hide(page: Page, *, hidden: bool) -> None:
    """Tells the page that its tab is in the background, or in front again."""
    await page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }""",
        hidden,
    )

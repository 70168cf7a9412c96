"""One browser, several people, one after the other: nothing of the last one is shown to the next."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, sign_in, somebody, unique
from tests.browser.steps import begin, finished
from tests.stand.site import PASSWORD, Site

DRAFTS = "Object.keys(localStorage).filter(name => name.startsWith('draft:')).length"


@pytest_asyncio.fixture(loop_scope="session")
async def shared(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A browser that several people use."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 600})
    yield context
    await context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def usual_chromium() -> AsyncIterator[Browser]:
    """A Chromium that keeps whole pages in memory for Back, as people's do."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found; CHROMIUM may name it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def remembering(usual_chromium: Browser) -> AsyncIterator[BrowserContext]:
    """Somebody's browser; what the server says about storing the pages is kept from it."""
    context = await usual_chromium.new_context(viewport={"width": 1280, "height": 600})
    await context.route(re.compile(r"/(conversations|personas|settings)/$"), _storable)
    yield context
    await context.close()


async def test_a_draft_belongs_to_the_person_and_not_to_the_browser(shared: BrowserContext, site: Site) -> None:
    bob, carol, url = somebody(site), somebody(site), site.webs[0].url
    page = await sign_in(shared, url, bob)
    field = page.get_by_role("textbox", name="Message")
    async with page.expect_response(re.compile("/draft/$")) as kept:
        await field.fill("Dear lawyer, I have")
    assert (await kept.value).status == 204
    await _end_session(shared)
    await field.press_sequentially(" a secret")
    await _sign_in_here(page, url, carol)
    await expect(field).to_have_value("")
    await field.press("Control+Enter")
    assert "lawyer" not in str(await page.evaluate("JSON.stringify(localStorage)"))
    assert not _said_by(site, carol)
    await _end_session(shared)
    await _sign_in_here(page, url, bob)
    await expect(field).to_have_value("Dear lawyer, I have")


async def test_a_draft_waits_for_its_person_through_a_look_at_the_sign_in_page(
    shared: BrowserContext, site: Site
) -> None:
    bob, url = somebody(site), site.webs[0].url
    page = await sign_in(shared, url, bob)
    await _end_session(shared)
    field = page.get_by_role("textbox", name="Message")
    await field.press_sequentially("Said to nobody")
    for _ in range(2):
        await page.goto(url)
        await expect(page.get_by_label("Password")).to_be_visible()
    await _sign_in_here(page, url, bob)
    await expect(field).to_have_value("Said to nobody")


async def test_what_was_typed_comes_back_to_nobody_else_by_the_browsers_own_memory(
    shared: BrowserContext, site: Site
) -> None:
    bob, carol, url = somebody(site), somebody(site), site.webs[0].url
    page = await sign_in(shared, url, bob)
    await page.goto(f"{url}/personas/")
    await page.get_by_label("Instructions").first.fill("Speak like my lawyer")
    await page.goto(url)
    field = page.get_by_role("textbox", name="Message")
    await field.fill("Dear lawyer")
    await _end_session(shared)
    await _sign_in_here(page, url, carol)
    for address in ("/", "/", "/personas/"):  # the first was the page for signing in, which leads on
        await expect(field).to_have_value("")
        await page.go_back()
        await expect(page).to_have_url(url + address)
    await expect(page.get_by_label("Instructions").first).to_have_value("")


async def test_drafts_of_earlier_releases_had_no_owner_and_go(shared: BrowserContext, site: Site) -> None:
    url = site.webs[0].url
    page = await sign_in(shared, url, somebody(site))
    await page.evaluate("localStorage['draft:/'] = '4fdc9a5e-0000-4000-8000-000000000000' + 'Whose is it?'")
    await page.reload()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    assert await page.evaluate(DRAFTS) == 0


@pytest.mark.parametrize("way", ["", "/accounts/logout/", "/admin/"])
async def test_signing_out_saves_what_was_just_typed_and_leaves_nothing_here(
    shared: BrowserContext, site: Site, way: str
) -> None:
    bob, url = somebody(site), site.webs[0].url
    page = await sign_in(shared, url, bob)
    field = page.get_by_role("textbox", name="Message")
    await page.evaluate("localStorage['draft:0123:/c/x/'] = 'of somebody else'")
    await field.fill("The last word")
    if way:
        await page.goto(url + way)
    await page.get_by_role("button", name=re.compile("(Sign|Log) out", re.IGNORECASE)).click()
    await page.wait_for_url(re.compile("/log(in|out)/"))
    assert await page.evaluate(DRAFTS) == 0
    await _sign_in_here(page, url, bob)
    await expect(field).to_have_value("The last word")


@pytest.mark.parametrize("then", ["nobody", "somebody else"])
@pytest.mark.parametrize("place", ["/conversations/", "/personas/", "/settings/", "/c/"])
async def test_back_shows_nothing_of_who_was_here_before(
    remembering: BrowserContext, site: Site, place: str, then: str
) -> None:
    bob, url = somebody(site), site.webs[0].url
    page = await sign_in(remembering, url, bob)
    words = unique("Dear lawyer")
    await begin(page, words)
    await finished(page)
    await page.goto(page.url if place == "/c/" else url + place)
    await _sign_out(remembering, page, url)
    if then == "somebody else":
        await _sign_in_here(page, url, somebody(site))
    await page.evaluate("window.stays = true")
    while await page.evaluate("window.stays"):
        await page.go_back(wait_until="commit")
        await expect(page.locator("body")).to_be_visible()
    for _ in range(4):
        await expect(page.locator("body")).not_to_contain_text("lawyer")
        await expect(page.locator("body")).not_to_contain_text(bob)
        await page.go_back(wait_until="commit")


async def test_back_is_instant_and_exact_for_whoever_is_still_there(remembering: BrowserContext, site: Site) -> None:
    url = site.webs[0].url
    page = await sign_in(remembering, url, somebody(site))
    await page.goto(f"{url}/conversations/")
    await page.evaluate("""() => {
        window.stays = true;
        document.body.style.minHeight = "5000px";
        scrollTo(0, 1234);
    }""")
    await page.get_by_role("link", name="Settings").evaluate("link => link.click()")
    await page.wait_for_url(f"{url}/settings/")
    await page.go_back(wait_until="commit")
    await expect(page.get_by_role("heading", name="All conversations")).to_be_visible()
    assert await page.evaluate("[window.stays, scrollY]") == [True, 1234]


async def test_a_tab_that_was_left_open_gives_way_to_the_next_person(shared: BrowserContext, site: Site) -> None:
    bob, carol, url = somebody(site), somebody(site), site.webs[0].url
    page = await sign_in(shared, url, bob)
    await begin(page, words := unique("Dear lawyer"))
    await finished(page)
    other = await shared.new_page()
    await _end_session(shared)
    await _sign_in_here(other, url, carol)
    await expect(page.get_by_text(words)).to_have_count(0)
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing on this page")


async def test_cookies_of_the_script_go_over_https_only_where_there_is_https(
    shared: BrowserContext, site: Site
) -> None:
    url, safe = site.webs[0].url, "https://chat.example.org"

    async def answer(route: Route) -> None:
        await route.fulfill(response=await route.fetch(url=route.request.url.replace(safe, url)))

    await shared.route(f"{safe}/**", answer)
    page = await sign_in(shared, url, somebody(site))
    [session] = [cookie for cookie in await shared.cookies(url) if cookie["name"] == "sessionid"]
    await shared.add_cookies([{"name": "sessionid", "value": session["value"], "url": safe}])
    for address in (url, safe):
        await page.goto(address)
        await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
        [zone] = [cookie for cookie in await shared.cookies(address) if cookie["name"] == "zone"]
        assert (zone["secure"], zone["sameSite"]) == (address == safe, "Lax")


async def _storable(route: Route) -> None:
    answer = await route.fetch(max_redirects=0)
    headers = {name: value for name, value in answer.headers.items() if name != "cache-control"}
    await route.fulfill(response=answer, headers=headers)


async def _end_session(context: BrowserContext) -> None:
    """As when it expires: the browser notices nothing."""
    await context.clear_cookies(name="sessionid")


async def _sign_out(context: BrowserContext, page: Page, url: str) -> None:
    if await page.get_by_role("button", name="Sign out").count() == 0:
        await page.goto(f"{url}/accounts/logout/")
    await page.get_by_role("button", name=re.compile("Sign out", re.IGNORECASE)).click()
    await page.wait_for_url(re.compile("/accounts/login/"))


async def _sign_in_here(page: Page, url: str, name: str) -> None:
    await page.goto(f"{url}/accounts/login/")
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(f"{url}/")


def _said_by(site: Site, name: str) -> list[tuple[object, ...]]:
    return site.query(
        "SELECT text FROM chat_message m JOIN chat_conversation c ON c.id = m.conversation_id"
        " JOIN chat_user u ON u.id = c.owner_id WHERE u.username = %s",
        name,
    )

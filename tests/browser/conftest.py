"""A real Chromium in front of a real web process."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Cookie, Page, async_playwright, expect

from tests.stand.site import NAME, PASSWORD, Site

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=60_000)  # milliseconds; only a broken page meets it, however busy the machine is
Hurry = Callable[[], None]
_cookies: dict[str, list[Cookie]] = {}  # of a signed-in session, by the address of the site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One web process on SQLite, and the practice upstream beside it."""
    with Site(tmp_path_factory.mktemp("site"), pace=1, CHAT_CONCURRENT_REPLIES="100") as site:
        yield site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all tests here, as a browser belongs to the loop in which it was started."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all tests: each makes contexts of its own, which share nothing."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found; CHROMIUM may name it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def sign_in(context: BrowserContext, url: str, name: str = NAME) -> Page:
    """A new chat in a session of its own, through the form."""
    page = await context.new_page()
    await page.goto(f"{url}/accounts/login/")
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(f"{url}/")
    return page


async def enter(context: BrowserContext, url: str) -> Page:
    """A new chat in the session that all tests of a site share. Whoever ends or confirms a session needs an own one."""
    if url not in _cookies:
        assert context.browser
        desk = await context.browser.new_context()
        await sign_in(desk, url)
        _cookies[url] = await desk.cookies()
        await desk.close()
    await context.add_cookies(_cookies[url])  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(url)
    await expect(page).to_have_url(f"{url}/")
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def context(chromium: Browser, site: Site) -> AsyncIterator[BrowserContext]:
    """Alice's browser; a test fails on any script error, refused resource or request to another host."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 800})
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("console", lambda message: troubles.append(message.text) if "Content Security" in message.text else None)
    context.on("request", lambda request: _note_stranger(request.url, site, troubles))
    yield context
    await context.close()
    assert not troubles


@pytest.fixture
def hurry(site: Site) -> Hurry:
    """Lets the answers that are being written come to their end soon, when a test has seen enough of their growing."""
    return site.upstream.hurry


def _note_stranger(url: str, site: Site, troubles: list[str]) -> None:
    if not url.startswith((site.webs[0].url, "data:", "blob:")):
        troubles.append(f"a request to another host: {url}")


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, site: Site) -> Page:
    """A new chat, signed in."""
    return await enter(context, site.webs[0].url)


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    return tmp_path


def somebody(site: Site) -> str:
    """The name of a new person, with the usual password and nothing else."""
    name, own = f"carol-{uuid.uuid4().hex[:6]}", ("id", "username", "lookalike")
    same = ", ".join(row[1] for row in site.query("PRAGMA table_info(chat_user)") if row[1] not in own)
    site.query(
        f"INSERT INTO chat_user (username, lookalike, {same}) SELECT %s, %s, {same} FROM chat_user WHERE username = %s",
        *(name, name, NAME),
    )
    return name


def unique(words: str) -> str:
    """The words with something that no other test says."""
    return f"{words} ({uuid.uuid4().hex[:6]})"

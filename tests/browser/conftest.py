"""A real Chromium in front of a real web process."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One web process on SQLite, and the practice upstream beside it."""
    with Site(tmp_path_factory.mktemp("site"), CHAT_CONCURRENT_REPLIES="100") as site:
        yield site


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium found; CHROMIUM may name it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def sign_in(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{url}/accounts/login/")
    await page.get_by_label("Username").fill(NAME)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(f"{url}/")
    return page


@pytest_asyncio.fixture
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


def _note_stranger(url: str, site: Site, troubles: list[str]) -> None:
    if not url.startswith((site.webs[0].url, "data:", "blob:")):
        troubles.append(f"a request to another host: {url}")


@pytest_asyncio.fixture
async def page(context: BrowserContext, site: Site) -> Page:
    """A new chat, signed in."""
    return await sign_in(context, site.webs[0].url)


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    return tmp_path


def unique(words: str) -> str:
    """The words with something that no other test says."""
    return f"{words} ({uuid.uuid4().hex[:6]})"

"""Where something on the way lets no sockets through, or there is no script, everything still works."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Hurry, enter, unique
from tests.browser.steps import begin, finished, held, pasted
from tests.stand.site import Site

NO_SOCKETS = """
    window.WebSocket = class {
        static OPEN = 1;
        constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 50); }
        close() {}
    };
"""


@pytest_asyncio.fixture(loop_scope="session")
async def blocked(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    context = await chromium.new_context()
    await context.add_init_script(NO_SOCKETS)
    yield await enter(context, site.webs[0].url)
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def plain(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    context = await chromium.new_context(java_script_enabled=False)
    yield await enter(context, site.webs[0].url)
    await context.close()


async def test_without_sockets_the_page_is_fetched_until_the_answer_is_there(blocked: Page, hurry: Hurry) -> None:
    await begin(blocked, held(unique("Explain rainbows")))
    reply = blocked.locator('article[data-author="assistant"]')
    await expect(reply).to_have_attribute("data-state", "streaming")
    hurry()
    await finished(blocked)
    await expect(blocked.get_by_role("status").filter(has_text="Answer complete")).to_have_count(1)
    await expect(blocked.get_by_text("The connection is lost.")).to_be_hidden()
    field = blocked.get_by_role("textbox", name="Message")
    await field.fill("!stall And now?")
    await field.press("Enter")
    await expect(reply).to_have_count(2)
    await blocked.get_by_role("button", name="Stop").click()
    await expect(reply.last).to_have_attribute("data-state", "stopped")
    await expect(field).to_have_value("")


async def test_without_sockets_a_prompt_that_waited_for_one_is_sent_all_the_same(blocked: Page) -> None:
    await begin(blocked, unique("Hello"))
    await finished(blocked)
    await blocked.reload()
    field = blocked.get_by_role("textbox", name="Message")
    await field.fill("At once")
    await field.press("Enter")
    await expect(field).not_to_be_editable()
    await finished(blocked, 2)
    await expect(field).to_have_value("")


async def test_without_script_prompts_are_changed_and_versions_switched(plain: Page) -> None:
    await _ask(plain, unique("Hello"))
    await plain.wait_for_url(re.compile("/c/"))
    await finished(plain)
    prompt = plain.locator('article[data-author="user"]')
    await prompt.hover()
    await prompt.get_by_role("link", name="Edit").click()
    await _ask(plain, "Something else")
    await expect(prompt).to_contain_text("Something else")
    await finished(plain)
    await prompt.hover()
    await prompt.get_by_role("button", name="Previous version").click()
    await expect(prompt).to_contain_text("Hello")
    await expect(plain.get_by_role("button", name="Copy")).to_be_hidden()


async def test_without_script_conversations_are_browsed_and_answers_judged(plain: Page) -> None:
    words = unique("Hello")
    await _ask(plain, words)
    await plain.wait_for_url(re.compile("/c/"))
    await finished(plain)
    await plain.get_by_role("button", name="Good answer").click()
    await plain.get_by_text("Say why").click()
    await plain.get_by_role("textbox", name="Comment").fill("Brief")
    await plain.get_by_role("button", name="Save").click()
    await expect(plain.get_by_text("Your comment")).to_be_visible()
    await plain.get_by_role("link", name="New conversation").first.click()
    await plain.get_by_role("navigation", name="Conversations").get_by_role("link", name=words).click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text(words)


async def test_text_is_copied_on_plain_http_too(page: Page, context: BrowserContext) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await begin(page, unique("Show me code"))
    await finished(page)
    await page.evaluate("""() => {
        Object.defineProperty(navigator, "clipboard", { value: undefined });
    }""")
    code = page.locator("pre").first
    await code.get_by_role("button", name="Copy").click()
    await expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert await pasted(page) == await code.locator("code").inner_text()


async def _ask(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("button", name="Send").click()

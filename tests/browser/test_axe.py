"""axe-core finds nothing on any kind of page, in light and dark."""

import asyncio
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import sign_in, unique
from tests.browser.steps import begin, check, finished
from tests.stand.site import PASSWORD, Site

RICH = "Everything at once"
TEXT = """# A heading

Some **words** and a formula $E = mc^2$, and ~~struck~~ ones with a [link](https://example.org/) and a note[^1].

#### Another heading, two levels below

| Drink | Caffeine | Remarks on how and when it is drunk |
|---|--:|---|
| Tea | 40 mg | in the afternoon, with milk, with sugar, or with nothing but patience and some biscuits |

```python
def words(text: str) -> list[str]:
    return sorted(word.strip(".,") for word in text.split() if word and not word.startswith("#"))  # and a long comment
```

$$\\int_0^1 x^2\\,dx = \\tfrac13$$

- [x] done
- [ ] not yet

> A quotation

[^1]: The note.
"""


async def test_signing_in(chromium: Browser, site: Site) -> None:
    page = await chromium.new_page()
    await page.goto(f"{site.webs[0].url}/accounts/login/")
    await check(page)
    await page.close()


async def test_the_blank_page_and_the_overview_of_keys(page: Page) -> None:
    await check(page)
    await page.keyboard.press("Control+/")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await check(page)


async def test_an_answer_with_everything(page: Page, site: Site) -> None:
    await begin(page, unique(RICH))
    await finished(page)
    await page.locator('article[data-author="user"]').hover()
    await check(page)
    pk = int(await page.locator('article[data-author="assistant"]').get_attribute("data-pk") or 0)
    site.query("UPDATE chat_message SET text = %s, html = '', html_version = 0 WHERE id = %s", TEXT, pk)
    await page.reload()
    await expect(page.locator("math").first).to_be_visible()
    await check(page)
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.reload()
    await check(page)
    await page.get_by_role("button", name="Options of this conversation").click()
    await check(page)


async def test_a_streaming_answer(page: Page) -> None:
    await begin(page, unique("!stall Explain rainbows"))
    await expect(page.locator("article .block").nth(1)).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator('article[data-state="stopped"]')).to_have_count(1)
    await check(page)


@pytest.mark.parametrize("fault", ["!cut", "!429=40", "!500"])
async def test_a_failed_answer(page: Page, fault: str) -> None:
    await begin(page, unique(f"Hello {fault}"))
    await expect(page.locator('article[data-state="failed"]')).to_have_count(1)
    await check(page)


async def test_versions_and_editing(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    await page.locator("article").last.get_by_role("button", name="Retry").click()
    await expect(page.get_by_role("group", name="Versions")).to_have_count(1)
    await finished(page)
    await page.keyboard.press("ArrowUp")
    await page.wait_for_url(re.compile("edit="))
    await check(page)


async def test_the_drawer_on_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await check(page)
    await page.get_by_role("button", name="Show conversations").click()
    await expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
    await check(page)


@pytest.mark.parametrize(
    "address",
    ["/conversations/", "/conversations/?archived", "/conversations/?q=nothing+has+this", "/personas/", "/settings/"],
)
async def test_lists_and_settings(page: Page, site: Site, address: str) -> None:
    await page.goto(site.webs[0].url + address)
    await check(page)
    await page.set_viewport_size({"width": 390, "height": 800})
    await check(page)


@pytest.mark.parametrize(
    "address",
    [
        "/nothing-here/",
        "/accounts/sessions/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/logout/",
        "/settings/delete/",
    ],
)
async def test_account_pages(page: Page, site: Site, address: str) -> None:
    await page.goto(site.webs[0].url + address)
    await check(page)


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html"])
async def test_pages_of_refusal_and_failure(page: Page, site: Site, name: str) -> None:
    """Put where the page stands, as a whole server does not fail on demand."""
    html = await asyncio.to_thread(render_to_string, name, {"user": AnonymousUser()})
    address = f"{site.webs[0].url}/failed"
    await page.route(address, lambda route: route.fulfill(body=html, content_type="text/html"))
    await page.goto(address)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await check(page)


async def test_second_factors_behind_the_password(context: BrowserContext, site: Site) -> None:
    page = await sign_in(context, site.webs[0].url)
    for path in ("totp/activate/", "webauthn/", "webauthn/add/"):
        await page.goto(f"{site.webs[0].url}/accounts/2fa/{path}")
        if "reauthenticate" in page.url:
            await check(page)
            await page.get_by_label("Password").fill(PASSWORD)
            await page.get_by_role("button", name="Confirm").click()
            await page.wait_for_url(re.compile("/2fa/"))
        await check(page)


async def test_the_first_page_of_a_new_site(chromium: Browser, tmp_path: Path) -> None:
    with Site(tmp_path, CHAT_ADMIN_USERNAME="", CHAT_ADMIN_PASSWORD="") as new:
        while not (link := re.search(r"http\S+/setup/\S+(?=\s)", new.webs[0].said())):  # it is said after the start
            await asyncio.sleep(0.1)
        page = await chromium.new_page()
        await page.goto(link[0])
        await expect(page.get_by_role("button")).to_be_visible()
        await check(page)
        await page.close()


async def test_archived_and_chosen_conversations_and_personas(page: Page, site: Site) -> None:
    words = unique("Hello")
    await begin(page, words)
    await finished(page)
    await page.get_by_role("button", name="Options of this conversation").click()
    await page.get_by_role("button", name="Archive").click()
    await page.goto(f"{site.webs[0].url}/conversations/?archived")
    await page.get_by_role("checkbox", name=words).check()
    await expect(page.get_by_role("button", name="Delete")).to_be_visible()
    await check(page)
    await page.goto(f"{site.webs[0].url}/personas/")
    if not await page.get_by_role("textbox", name="Name").last.is_visible():
        await page.get_by_text("New persona").click()
    await page.get_by_role("textbox", name="Name").last.fill(words)
    await page.get_by_role("textbox", name="Instructions").last.fill("Be brief.")
    await page.get_by_role("button", name="Save").last.click()
    await page.get_by_text(words).click()
    await check(page)


async def test_a_judged_answer_and_its_comment(page: Page) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    await page.get_by_role("button", name="Bad answer").click()
    await page.get_by_text("Say why").click()
    await check(page)
    await page.set_viewport_size({"width": 390, "height": 800})
    await check(page)


async def test_a_transcript(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    await page.goto(site.webs[0].url + "/admin/chat/conversation/")
    await page.locator("#result_list tbody th a").first.click()
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()
    await check(page)

"""Ten thousand conversations: the list beside the page stays short, and paging finds every one."""

import json
import uuid
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Locator, Page, expect

from chat.models import Shelf
from tests.browser.conftest import sign_in, somebody
from tests.stand.site import Site

MANY, ROWS = 10_000, 60
NEWEST = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
HEIGHTS = "[document.documentElement.scrollHeight, document.getElementById('sidebar').getBoundingClientRect().height]"


async def test_ten_thousand_conversations_are_listed_and_paged_like_ten(chromium: Browser, site: Site) -> None:
    name = somebody(site)
    context = await chromium.new_context(viewport={"width": 1280, "height": 800})
    page = await sign_in(context, site.webs[0].url, name)
    beside = page.get_by_role("navigation", name="Conversations")
    few = keep(site, name, 0, 10)
    await page.reload()
    assert await titles(beside) == few
    heights = await page.evaluate(HEIGHTS)

    many = few + keep(site, name, 10, MANY)
    answer = await page.reload()
    assert answer
    assert await titles(beside) == many[:ROWS]
    assert await page.evaluate(HEIGHTS) == heights
    assert len(await answer.body()) < 100_000

    found, pages = page.locator("#found"), page.locator(".pages")
    await beside.get_by_role("link", name="Older conversations").click()
    for number in (1, 2, 3):
        await expect(found.locator("li a").first).to_have_text(many[ROWS * number])
        assert await titles(found) == many[ROWS * number : ROWS * (number + 1)]
        assert await titles(beside) == many[:ROWS]
        await pages.get_by_role("link", name="Older conversations").click()

    last = await near_the_end(site, name, page)
    await page.goto(f"{site.webs[0].url}/conversations/?before={last}")
    assert await titles(found) == many[-ROWS // 2 :]
    await expect(pages.get_by_role("link", name="Older conversations")).to_have_count(0)
    await pages.get_by_role("link", name="Newest conversations").click()
    await expect(found.locator("li a").first).to_have_text(many[0])
    await context.close()
    site.query("DELETE FROM chat_conversation WHERE owner_id = (SELECT id FROM chat_user WHERE username = %s)", name)


def keep(site: Site, name: str, first: int, end: int) -> list[str]:
    """Puts conversations into somebody's list, each a minute older than the one before; returns their titles."""
    rows = [
        {"id": uuid.uuid4().hex, "title": f"Conversation {n}", "at": str(NEWEST - timedelta(minutes=n))[:19]}
        for n in range(first, end)
    ]
    site.query(
        "INSERT INTO chat_conversation"
        " (owner_id, model, provider, instructions, draft, shelf, id, title, created, updated, looked)"
        " SELECT chat_user.id, '', '', '', '', %s, json_extract(value, '$.id'), json_extract(value, '$.title'),"
        " json_extract(value, '$.at'), json_extract(value, '$.at'), json_extract(value, '$.at')"
        " FROM json_each(%s), chat_user WHERE username = %s",
        Shelf.LIST.value,
        json.dumps(rows),
        name,
    )
    return [str(row["title"]) for row in rows]


async def titles(listed: Locator) -> list[str]:
    return await listed.locator("li a").all_inner_texts()


async def near_the_end(site: Site, name: str, page: Page) -> str:
    """The mark of the row after which half a page is left."""
    number = MANY - ROWS // 2 - 1
    [[pk]] = site.query(
        "SELECT c.id FROM chat_conversation c JOIN chat_user u ON u.id = c.owner_id WHERE username = %s AND title = %s",
        name,
        f"Conversation {number}",
    )
    microseconds = int((NEWEST - timedelta(minutes=number)).timestamp()) * 1_000_000
    return f"{microseconds}-{pk}"

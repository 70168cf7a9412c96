"""Titles as people choose them, in the administration: each can be seen and clicked, and none widens the page."""

import uuid

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import enter
from tests.invisible import INVISIBLE
from tests.stand.site import Site

LIST = "/admin/chat/conversation/"
TITLES = {
    **INVISIBLE,
    "ligatures": "\ufdfa" * 120,
    "one long word": "W" * 120,
    "reversed": "\u202eesrever",
    "a family": "👨\u200d👩\u200d👧\u200d👦" * 10,
    "Zalgo": "".join(letter + "\u0301\u0316\u0489" * 12 for letter in "Zal"),
    "a dot": ".",
    "a thin letter": "l",
    "right to left": "\u200fשָׁלוֹם\u200e \u061cالسلام",
    "dashes": "\u2e3b" * 120,
    "mathematics": "𝔘" * 120,
    "cuneiform": "\U0001242b" * 120,
    "a line": "_" * 120,
}


IS_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [1280, 390])
async def test_every_title_can_be_clicked_and_none_widens_the_page(chromium: Browser, site: Site, width: int) -> None:
    context = await chromium.new_context(viewport={"width": width, "height": 800})
    page = await enter(context, site.webs[0].url)
    for name, title in TITLES.items():
        await give(page, site, name, title)
        store(site, f"{name}, as it was stored", title)
    await page.goto(f"{site.webs[0].url}{LIST}?all=")
    links = page.locator("#result_list tbody th a, #result_list tbody td a")
    assert await links.count() >= 2 * 2 * len(TITLES)  # a title and a date each
    widths = await links.evaluate_all("links => links.map(link => link.getBoundingClientRect().width)")
    assert min(widths) >= 24
    assert not await page.evaluate(IS_WIDER)
    cells = page.locator("#result_list .field-title")
    assert max(await cells.evaluate_all("cells => cells.map(cell => cell.offsetWidth)")) < 500
    places = await links.evaluate_all("links => links.map(link => link.href)")
    wide = [places[number] for number, text in enumerate(await links.all_inner_texts()) if len(text) > 100]
    for place in wide[:12]:
        await page.goto(place)
        await expect(page.get_by_text("This reading is recorded")).to_be_visible()
        assert not await page.evaluate(IS_WIDER), await page.title()
    await context.close()


async def give(page: Page, site: Site, name: str, title: str) -> None:
    """Gives a new conversation this title as people do."""
    token = next(cookie["value"] for cookie in await page.context.cookies() if cookie.get("name") == "csrftoken")
    form = {"action": "rename", "id": store(site, name, "A title"), "title": title, "csrfmiddlewaretoken": token}
    sent = await page.request.post(
        f"{site.webs[0].url}/conversations/", form=form, headers={"Origin": site.webs[0].url}
    )
    assert sent.ok, name


def store(site: Site, name: str, title: str) -> str:
    """A conversation with this title, past all checks, as if there were none."""
    key = uuid.uuid4()
    owner = site.query("SELECT id FROM chat_user WHERE username = 'alice'")[0][0]
    day, title = "2026-01-31 12:00:00", title.replace("\x00", "")
    given = {"id": key.hex, "owner_id": owner, "title": title, "model": name, "created": day, "updated": day}
    given |= {"looked": day, "shelf": "list", "deleted": None, "draft_key": None, "persona_id": None}
    row = [given.get(column[1], "") for column in site.query("PRAGMA table_info(chat_conversation)")]
    site.query(f"INSERT INTO chat_conversation VALUES ({', '.join(['%s'] * len(row))})", *row)
    return str(key)


@pytest.mark.usefixtures("context")
async def test_the_words_of_a_search_are_in_the_trail_and_not_in_the_log(page: Page, site: Site) -> None:
    words = f"urchins-{uuid.uuid4().hex}"
    await page.goto(f"{site.webs[0].url}{LIST}?q={words}")
    await expect(page.get_by_text("0 results")).to_be_visible()
    assert site.query("SELECT change_message FROM django_admin_log WHERE change_message LIKE %s", f"%{words}%")
    assert words not in site.webs[0].said()

"""Reading: the end is followed, left and found again, and nothing moves under the reader's eyes."""

import asyncio
import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Hurry, unique
from tests.browser.steps import begin, finished, held, lengthen
from tests.stand.site import Site

TOP = "element => Math.round(element.getBoundingClientRect().top)"
FAR = "document.documentElement.scrollHeight - innerHeight - scrollY"


async def test_the_end_is_followed_until_the_reader_scrolls_and_again_after_the_jump(page: Page, hurry: Hurry) -> None:
    await begin(page, unique("A long essay !size=40000 !pace=4"))
    await until(page, "document.documentElement.scrollHeight > 3 * innerHeight")
    assert await page.evaluate(FAR) < 60
    await page.mouse.move(700, 300)
    await page.mouse.wheel(0, -300)
    jump = page.get_by_role("button", name="Jump to latest")
    await expect(jump).to_be_visible()
    left, height = await page.evaluate("[scrollY, document.documentElement.scrollHeight]")
    await until(page, f"document.documentElement.scrollHeight > {height + 300}")
    assert abs(await page.evaluate("scrollY") - left) <= 2
    await jump.click()
    await expect(jump).to_be_hidden()
    hurry()
    await finished(page)
    assert await page.evaluate(FAR) < 60


async def test_a_selection_is_not_scrolled_away_and_outlives_the_end_of_the_answer(page: Page, hurry: Hurry) -> None:
    await begin(page, held(unique("Explain rainbows"), 600))
    await expect(page.locator('article[data-author="assistant"] .block').nth(1)).to_be_visible()
    selected = await page.evaluate("""() => {
        getSelection().selectAllChildren(document.querySelector('article[data-author="assistant"] .block'));
        return getSelection().toString();
    }""")
    assert selected
    hurry()
    await finished(page)
    assert await page.evaluate("getSelection().toString()") == selected


async def test_a_reader_comes_back_to_the_same_place_however_far_up(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    lengthen(site, page.url, 300)
    address = page.url
    await page.reload()
    messages = page.locator("#messages > article")
    for count in (100, 150):
        await page.get_by_role("link", name="Earlier messages").click()
        await expect(messages).to_have_count(count)
    watched = page.locator(f'[id="{await messages.nth(20).get_attribute("id")}"]')
    await watched.evaluate("element => scrollBy(0, element.getBoundingClientRect().top - 150)")
    assert await watched.evaluate(TOP) == 150
    await page.get_by_role("link", name="New conversation").first.click()
    await page.wait_for_url(re.compile(r":\d+/$"))
    await page.goto(address)
    await expect(watched).to_be_visible()
    assert abs(await watched.evaluate(TOP) - 150) <= 2
    await page.get_by_role("button", name="Jump to latest").click()
    await page.goto(site.webs[0].url)
    await page.goto(address)
    await expect(messages).to_have_count(50)
    assert await page.evaluate(FAR) < 60


async def test_a_page_that_missed_a_word_gets_the_whole_text_again(page: Page, hurry: Hurry) -> None:
    await begin(page, unique("Show me code !pace=60"))
    tail = page.locator('article[data-state="streaming"] pre .tail')  # the same for all of the code
    await expect(tail).to_have_attribute("data-held", re.compile(r"\d\d"))
    await page.evaluate("""() => {
        const tail = document.querySelector(".tail");
        tail.parentElement.prepend("not from the server ");
        tail.dataset.held = "7";
    }""")
    await expect(tail).to_have_attribute("data-held", re.compile(r"\d\d"))
    await expect(page.get_by_text("not from the server")).to_have_count(0)
    hurry()
    await finished(page)


async def test_nothing_jumps_while_an_answer_streams(page: Page) -> None:
    await begin(page, unique("Everything with a table !pace=15"))
    await page.evaluate("""() => {
        window.shifts = 0;
        const count = (list) => { for (const entry of list.getEntries()) shifts += entry.value; };
        new PerformanceObserver(count).observe({ type: "layout-shift", buffered: true });
    }""")
    await finished(page)
    assert await page.evaluate("shifts") < 0.1


async def test_a_long_answer_is_not_parsed_again_when_it_comes_whole_at_its_end(page: Page, hurry: Hurry) -> None:
    """Work is counted, not milliseconds: the longest text that the page parses in one go."""
    await begin(page, held(unique("Show me code !size=100k")))
    await page.evaluate("""() => {
        window.parsed = [];
        const { parseFromString } = DOMParser.prototype;
        DOMParser.prototype.parseFromString = function (text, type) {
            parsed.push(text.length);
            return parseFromString.call(this, text, type);
        };
    }""")
    hurry()
    await finished(page)
    length = await page.locator("article").last.evaluate("reply => reply.outerHTML.length")
    assert length > 200_000
    assert 0 < max(await page.evaluate("parsed")) < length / 3


async def test_added_text_stays_one_text(page: Page) -> None:
    await begin(page, unique("!line=3 Tell me !stall"))
    await expect(page.locator(".tail")).to_have_count(1)
    tails = await page.locator(".tail").evaluate_all("all => all.map(tail => tail.childNodes.length)")
    assert max(tails) <= 1
    await page.get_by_role("button", name="Stop").click()


async def until(page: Page, expression: str) -> None:
    """Waits for the page to be so; the policy of the page forbids that the waiting is done inside it."""
    async with asyncio.timeout(60):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)

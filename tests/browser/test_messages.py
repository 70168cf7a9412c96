"""Messages: set as they were meant, in the reader's language and time, and nothing of them acts on its own."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Hurry, enter, unique
from tests.browser.steps import begin, finished, held
from tests.stand.site import NAME, Site

TEXT = """# All of it

A [link](https://example.org/a) and https://example.org/b, ~~struck~~, a note[^1] and $E = mc^2$.

- [x] done
- [ ] not yet

| Drink | Caffeine | Remarks that are long enough for a phone to be too narrow for the table that they stand in |
|---|--:|---|
| unbreakablewordsthatarelong | 40mgofunbreakablewords | unbreakablewordsthatareeven_longer |

```python
print("a line that is a good deal longer than any page is wide", "a line that is a good deal longer", "than it")
```

שלום, this line begins with Hebrew.

[^1]: The note.
"""


async def put(page: Page, site: Site, text: str) -> None:
    """Opens a conversation whose answer is this text."""
    await begin(page, unique("Hello"))
    await finished(page)
    pk = int(await page.locator("article").last.get_attribute("data-pk") or 0)
    site.query("UPDATE chat_message SET text = %s, html = '', html_version = 0 WHERE id = %s", text, pk)
    await page.reload()


async def test_markdown_becomes_what_it_means(page: Page, site: Site) -> None:
    await put(page, site, TEXT)
    body = page.locator("article").last.locator(".body")
    for found, number in {
        "table": 1,
        "del": 1,
        ".task": 2,
        "math": 1,
        "sup.footnote": 1,
        "pre.code": 1,
        "h1": 1,
    }.items():
        await expect(body.locator(found)).to_have_count(number)
    await expect(body.locator("pre.code")).to_have_attribute("data-language", "python")
    assert await body.locator("pre.code .s").count() >= 1
    links = await body.locator("a[href]").evaluate_all("all => all.map(link => [link.href, link.target, link.rel])")
    assert [link[0] for link in links] == ["https://example.org/a", "https://example.org/b"]
    assert all(target == "_blank" and "noopener" in rel for _href, target, rel in links)
    hebrew = body.locator("p", has_text="Hebrew")
    assert await hebrew.evaluate("p => getComputedStyle(p).direction") == "rtl"
    assert await body.locator("p").first.evaluate("p => getComputedStyle(p).direction") == "ltr"


async def test_code_and_tables_scroll_inside_the_message(page: Page, site: Site) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await put(page, site, TEXT)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    for wide in (page.locator("pre code"), page.locator(".block:has(> table)")):
        assert await wide.evaluate("element => element.scrollWidth - element.clientWidth") > 20
        await wide.focus()
        await page.keyboard.press("ArrowRight")
        await expect(wide).to_be_focused()


LONG = (
    "Long.\n\n| No. | Name | What it is about |\n|--:|---|---|\n"
    + "".join(f"| {n} | {'Word' * (1 + n // 60)} | {'and some more ' * (1 + n // 60)} |\n" for n in range(1, 251))
    + "\n1. a\n"
    + "1. b\n" * 249
)
SEAMS = """blocks => {
    const side = element => element?.getBoundingClientRect();
    const rows = blocks.map(block => [...block.querySelectorAll("tbody tr, li")]);
    return blocks.map((block, n) => ({
        seam: side(rows[n][0])?.top - side(rows[n - 1]?.at(-1))?.bottom,
        gap: side(rows[n][1])?.top - side(rows[n][0])?.bottom,
        columns: [rows[n][0], ...rows[n][0]?.children ?? []].map(cell => side(cell)?.left),
    }));
}"""


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_parts_of_a_long_table_or_list_look_like_one(page: Page, site: Site, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await put(page, site, LONG)
    shown = await page.locator("article").last.locator(".block").evaluate_all(SEAMS)
    assert len(shown) == 7
    for first, *parts in (shown[1:4], shown[4:]):
        assert [part["columns"] for part in parts] == [first["columns"]] * 2
        assert [part["seam"] for part in parts] == pytest.approx([first["gap"]] * 2, abs=0.6)  # half a border
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.locator(".block[tabindex='0']:has(table)").count() == 3
    head = page.locator(".more th").first
    assert await head.evaluate("cell => cell.getBoundingClientRect().height") < 1
    await expect(head).to_have_text("No.")
    await page.emulate_media(media="print")
    assert await head.evaluate("cell => cell.getBoundingClientRect().height") > 10


async def test_the_parts_of_a_growing_table_stay_in_their_order(page: Page, site: Site, hurry: Hurry) -> None:
    prompt = unique("A long table !chunk=200 !pace=60")
    site.upstream.upstream.given[prompt] = LONG
    await begin(page, prompt)
    await expect(page.locator("[data-state=streaming] .more")).not_to_have_count(0)
    hurry()
    await finished(page)
    blocks = page.locator("article").last.locator(".body > .block")
    names = await blocks.evaluate_all("all => all.map(block => block.id.split('-').at(-1))")
    assert names == [f"b{n}" for n in range(7)]
    numbers = await blocks.locator("tbody td:first-child").all_inner_texts()
    assert numbers == [str(n) for n in range(1, 251)]
    assert await blocks.locator("ol").evaluate_all("all => all.map(list => list.start)") == [1, 101, 201]


async def test_a_growing_answer_has_a_cursor_and_no_buttons_until_it_is_settled(page: Page) -> None:
    await begin(page, unique("Hello !stall"))
    reply = page.locator('article[data-author="assistant"]')
    await expect(reply.locator(".tail")).to_have_count(1)
    assert await reply.locator(".tail").evaluate("tail => getComputedStyle(tail, '::after').width") != "auto"
    await expect(reply.get_by_role("button")).to_have_count(0)
    await page.get_by_role("button", name="Stop").click()
    await expect(reply.get_by_role("button", name="Retry")).to_be_visible()
    await expect(reply.locator(".tail")).to_have_count(0)


async def test_only_boundaries_are_announced(page: Page, hurry: Hurry) -> None:
    await begin(page, held(unique("Explain rainbows")))
    await page.evaluate("""() => {
        window.said = [];
        const status = document.getElementById("status");
        new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true, subtree: true });
    }""")
    hurry()
    await finished(page)
    assert await page.evaluate("said") == ["Answer complete"]
    assert await page.locator("#messages").evaluate("all => !all.closest('[aria-live], [role=log], [role=status]')")


async def test_times_are_those_of_the_reader(chromium: Browser, site: Site) -> None:
    shown = []
    for zone, locale in (("Asia/Tokyo", "en-GB"), ("America/New_York", "en-US")):
        context = await chromium.new_context(timezone_id=zone, locale=locale)
        page = await enter(context, site.webs[0].url)
        await begin(page, unique("Hello"))
        await finished(page)
        pk = int(await page.locator("article").last.get_attribute("data-pk") or 0)
        site.query("UPDATE chat_message SET created = %s WHERE id = %s", "2025-03-01 12:30:00", pk)
        await page.reload()
        shown.append(await page.locator("article time").last.inner_text())
        await context.close()
    assert [re.sub(r"\s", " ", text) for text in shown] == ["1 Mar 2025, 21:30", "Mar 1, 2025, 7:30 AM"]


async def test_the_page_speaks_the_language_of_the_browser_or_the_chosen_one(chromium: Browser, site: Site) -> None:
    context = await chromium.new_context(locale="ru-RU")
    page = await context.new_page()
    await page.goto(f"{site.webs[0].url}/accounts/login/")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await page.get_by_label("Имя пользователя").fill(NAME)
    await page.locator("[name=password]").fill("pen-and-ink-9")
    await page.get_by_role("button", name="Войти", exact=True).click()
    await page.wait_for_url(f"{site.webs[0].url}/")
    await expect(page.get_by_role("button", name="Отправить")).to_be_visible()
    for chosen, send in (("en", "Send"), ("", "Отправить")):
        await page.goto(f"{site.webs[0].url}/settings/")
        await page.locator("[name=language]").select_option(chosen)
        await page.locator("form:has([name=language]) button").click()
        await page.goto(site.webs[0].url)
        await expect(page.get_by_role("button", name=send)).to_be_visible()
    await context.close()


@pytest.mark.parametrize("system", ["Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"])
async def test_shortcuts_are_those_of_the_device(chromium: Browser, site: Site, system: str) -> None:
    context = await chromium.new_context(user_agent=f"Mozilla/5.0 ({system}) Chrome/140.0")
    page = await enter(context, site.webs[0].url)
    sign, key = ("⌘", "Meta") if "Mac" in system else ("Ctrl", "Control")
    await page.keyboard.press(f"{key}+/")
    await expect(page.get_by_role("dialog").get_by_text(sign, exact=True).first).to_be_visible()
    await page.keyboard.press(f"{key}+/")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press(f"{key}+K")
    await page.wait_for_url(re.compile("/conversations/"))
    await context.close()


async def test_colours_are_chosen_and_print_and_stillness_respected(page: Page) -> None:
    dark = "rgb(21, 24, 33)"
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    await page.get_by_role("button", name="Dark colours").click()
    assert await page.evaluate(paper) == dark
    await page.get_by_role("button", name="Light colours").click()
    assert await page.evaluate(paper) != dark
    await page.get_by_role("button", name="Colours as on this device").click()
    await begin(page, unique("Hello !stall"))
    await expect(page.locator(".tail")).to_have_count(1)
    cursor = "getComputedStyle(document.querySelector('.tail'), '::after').animationName"
    assert await page.evaluate(cursor) == "wet"
    await page.emulate_media(reduced_motion="reduce")
    assert await page.evaluate(cursor) == "none"
    await page.emulate_media(media="print")
    for hidden in (page.locator(".sidebar"), page.locator(".dock"), page.locator(".top")):
        await expect(hidden).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.get_by_role("button", name="Stop").click()

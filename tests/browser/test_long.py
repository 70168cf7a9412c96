"""A conversation of thousands of messages: opened as fast as a short one, and read upwards without a jump."""

from playwright.async_api import Page, expect

from tests.browser.conftest import unique
from tests.browser.steps import begin, finished, lengthen
from tests.stand.site import Site


async def test_earlier_messages_load_above_without_a_jump(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    lengthen(site, page.url, 400)
    await page.reload()
    messages = page.locator("#messages > article")
    await expect(messages).to_have_count(50)
    first = messages.first
    name = await first.get_attribute("id")
    watched = page.locator(f'[id="{name}"]')
    await page.evaluate("scrollTo(0, 500)")
    top = "element => Math.round(element.getBoundingClientRect().top)"
    before = await watched.evaluate(top)
    await expect(messages).to_have_count(100)
    assert abs(await watched.evaluate(top) - before) <= 2
    await page.evaluate("scrollTo(0, 0)")
    await expect(messages).to_have_count(150)
    assert await page.evaluate("scrollY") > 500


async def test_reading_upwards_reaches_the_first_message_and_ends_there(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    lengthen(site, page.url, 120)
    await page.reload()
    messages = page.locator("#messages > article")
    for count in (100, 122):
        await page.get_by_role("link", name="Earlier messages").click()
        await expect(messages).to_have_count(count)
    await expect(messages.first).to_contain_text("message 0")
    await expect(page.get_by_role("link", name="Earlier messages")).to_have_count(0)
    pks = await messages.evaluate_all("all => all.map(message => Number(message.dataset.pk))")
    assert pks == sorted(pks)
    assert len(set(pks)) == 122


async def test_an_answer_still_arrives_below_loaded_messages(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    lengthen(site, page.url, 80)
    await page.reload()
    messages = page.locator("#messages > article")
    await page.get_by_role("link", name="Earlier messages").click()
    await expect(messages).to_have_count(82)
    await page.get_by_role("textbox", name="Message").fill("And now?")
    await page.keyboard.press("Enter")
    await expect(messages).to_have_count(84)
    await expect(messages.last).to_have_attribute("data-state", "complete")
    await expect(messages.last).to_be_in_viewport()


async def test_a_failed_load_leaves_a_working_link(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    lengthen(site, page.url, 80)
    await page.reload()
    await page.route(
        "**/?before=*", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )
    link = page.get_by_role("link", name="Earlier messages")
    await page.evaluate("scrollTo(0, 0)")
    await expect(link).to_have_attribute("aria-busy", "true")
    await link.click()
    await page.wait_for_url("**/?before=*")
    await expect(page.locator("#messages > article").first).to_contain_text("message 0")


async def test_five_thousand_messages_put_fifty_on_the_page(page: Page, site: Site) -> None:
    await begin(page, unique("Hello"))
    await finished(page)
    lengthen(site, page.url, 5000)
    answer = await page.reload()
    assert answer
    await expect(page.locator("#messages > article")).to_have_count(50)
    await expect(page.locator("#messages > article").last).to_be_in_viewport()
    assert len(await answer.body()) < 400_000

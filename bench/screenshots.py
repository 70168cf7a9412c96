"""Takes the pictures in docs/screenshots anew: `python -m bench.screenshots`; pngquant makes them small."""

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.stand.site import Site

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}
EARLIER = {
    0: ["Sunsets on Mars", "Kettle descaling without vinegar", "A letter to the neighbours about the hedge"],
    1: ["SQL window functions by example", "Сравнить чай и кофе", "What to cook with three aubergines"],
    4: ["Packing list for a week in Tromsø", "Explain Bayes’ theorem to a ten-year-old", "רעיונות ליום הולדת"],
    40: ["Names for a small grey cat", "Haiku about the first frost", "How does a heat pump work?"],
}
SKY = """## Why the sky is blue

Sunlight holds every colour. Air scatters the short waves far more than the long ones: the scattered light grows with
the fourth power of the frequency,

$$I \\propto \\frac{1}{\\lambda^4}$$

With $\\lambda_{\\text{blue}} \\approx 450$ nm and $\\lambda_{\\text{red}} \\approx 650$ nm the ratio is
$(650 / 450)^4 \\approx 4.4$: more than four times as much blue reaches your eye from the side.

### The numbers side by side

| Colour | Wavelength | Scattered, relative | Sensitivity of the eye |
|---|--:|--:|---|
| Violet | 400 nm | 7.0 | very low |
| Blue | 450 nm | 4.4 | fair |
| Green | 530 nm | 2.3 | highest |
| Red | 650 nm | 1.0 | low |

### To try it yourself

```python
def scattered(wavelength: float, reference: float = 650) -> float:
    \"\"\"How much more light of this wavelength (nm) is scattered than red.\"\"\"
    return (reference / wavelength) ** 4


for colour, wavelength in {"violet": 400, "blue": 450, "red": 650}.items():
    print(f"{colour:7} {scattered(wavelength):.1f}")
```

1. **Fill a glass with water** and add three drops of milk.
2. Shine a torch through it from the side: the cloud looks *bluish*.
3. Now look into the torch through the glass: the light is *orange*, like a low sun.
"""


async def ask(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/c/"))


async def settled(page: Page, state: str) -> None:
    await expect(page.locator(f'article[data-author="assistant"][data-state="{state}"]')).to_have_count(
        1, timeout=30_000
    )


async def show(page: Page, name: str, *, dark: bool = True, phone: bool = True) -> None:
    """Takes the page as it is now, in the sizes and colours that are wanted."""
    for size, ending in ((DESK, ""), *([(PHONE, "-phone")] if phone else [])):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        await page.wait_for_timeout(300)
        for scheme in ("light", "dark") if dark else ("light",):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            await page.screenshot(path=FOLDER / f"{name}{ending}{'-dark' if scheme == 'dark' else ''}.png")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(DESK)  # type: ignore[arg-type]


async def take(browser: Browser, site: Site) -> None:
    url = site.webs[0].url
    context = await browser.new_context(viewport=DESK, device_scale_factor=1, locale="en-GB")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{url}/accounts/login/")
    await show(page, "sign-in")
    await page.close()
    page = await sign_in(context, url)
    await ask(page, "Hello")
    await settled(page, "complete")
    furnish(site, page.url)
    await page.goto(url)
    await show(page, "empty")
    await page.keyboard.press("Control+/")
    await show(page, "shortcuts", phone=False)
    await answers(context, site)


async def answers(context: BrowserContext, site: Site) -> None:
    page, url = await context.new_page(), site.webs[0].url
    await page.goto(url)
    await ask(page, "Explain how rainbows form, with one experiment I can try at home. !stall")
    await page.wait_for_timeout(1500)
    await unwish(page, site)
    await show(page, "streaming", dark=False)
    await page.get_by_role("button", name="Stop").click()
    await settled(page, "stopped")
    await page.goto(url)
    await ask(page, "Help me write a kind letter that declines an invitation. !429=35")
    await settled(page, "failed")
    await unwish(page, site)
    await show(page, "error", phone=False)
    await page.goto(url)
    await ask(page, "Why is the sky blue, and why is it not violet?")
    await settled(page, "complete")
    pk = int(await page.locator("article").last.get_attribute("data-pk") or 0)
    site.query("UPDATE chat_message SET text = %s, html = '', html_version = 0 WHERE id = %s", SKY, pk)
    site.query(
        "UPDATE chat_message SET text = %s WHERE id = %s", "Why is the sky blue, and why is it not violet?", pk - 1
    )
    await page.reload()
    await page.evaluate("scrollTo(0, 0)")
    await show(page, "conversation")
    await page.evaluate("scrollTo(0, 520)")
    await show(page, "code", phone=False)
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Show conversations").click()
    await page.wait_for_timeout(400)
    await page.screenshot(path=FOLDER / "drawer-phone.png")
    await page.set_viewport_size(DESK)  # type: ignore[arg-type]
    for name, address in (("conversations", "/conversations/"), ("settings", "/settings/")):
        await page.goto(url + address)
        await show(page, name, dark=False, phone=False)
    await page.goto(f"{url}/admin/chat/conversation/")
    await page.locator("#result_list tbody th a").first.click()
    await show(page, "transcript", dark=False, phone=False)


async def unwish(page: Page, site: Site) -> None:
    """Takes the words for the practice upstream off the page."""
    for table, column in (("message", "text"), ("conversation", "title")):
        site.query(f"UPDATE chat_{table} SET {column} = rtrim(substr({column}, 1, instr({column} || '!', '!') - 1))")
    await page.reload()
    await page.wait_for_timeout(500)


def furnish(site: Site, address: str) -> None:
    """Fills the list beside the page with conversations of the past weeks, copied from the one at the address."""
    pk = site.identifier(uuid.UUID(address.rstrip("/").rsplit("/", 1)[-1]))
    columns = [row[1] for row in site.query("PRAGMA table_info(chat_conversation)")]
    model = dict(zip(columns, site.query("SELECT * FROM chat_conversation WHERE id = %s", pk)[0], strict=True))
    now, rows = datetime.now(UTC), []
    for days, titles in EARLIER.items():
        for n, title in enumerate(titles):
            when = str((now - timedelta(days=days, minutes=3 * n + 3)).replace(tzinfo=None))
            rows.append(model | {"id": uuid.uuid4().hex, "title": title, "created": when, "updated": when})
    fields = ", ".join(f"json_extract(value, '$.{name}')" for name in columns)
    site.query(
        f"INSERT INTO chat_conversation ({', '.join(columns)}) SELECT {fields} FROM json_each(%s)",
        json.dumps(rows, default=str),
    )
    site.query("DELETE FROM chat_message WHERE conversation_id = %s", pk)
    site.query("DELETE FROM chat_conversation WHERE id = %s", pk)


async def main() -> None:
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as home, Site(Path(home)) as site:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            await take(browser, site)
            await browser.close()
    pictures = sorted(FOLDER.glob("*.png"))
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--skip-if-larger", "--ext", ".png", "64", *map(str, pictures)])
    print(f"{len(pictures)} pictures, {sum(picture.stat().st_size for picture in pictures) / 1000:.0f} kB")


if __name__ == "__main__":
    asyncio.run(main())

"""What a person does on a page in many tests, and how they see that it is done."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from chat.messages.fragments import HTML_VERSION
from tests.stand.site import Site

LIVE = '[data-state="streaming"], [data-state="queued"]'
SCHEMES = ["light", "dark"]


def held(text: str, chars: int = 200) -> str:
    """A prompt whose answer stops after so many characters until a test is in a `hurry`: the page stays as it is."""
    return f"{text} !chunk={chars} !pace=600000"


async def begin(page: Page, text: str) -> None:
    """Types a first prompt and sends it with Enter."""
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/c/"))


async def finished(page: Page, number: int = 1) -> None:
    """Waits until the page shows that many replies, none of them live."""
    await expect(page.locator('article[data-author="assistant"]')).to_have_count(number)
    await expect(page.locator(LIVE)).to_have_count(0)


async def pasted(page: Page) -> str:
    """What the clipboard holds, as a person finds out: pages of the site may not read it."""
    field = page.get_by_role("textbox", name="Message")
    await field.fill("")
    await field.press("Control+V")
    await expect(field).not_to_have_value("")
    return await field.input_value()


async def check(page: Page) -> None:
    """Fails on any violation, in both colour schemes."""
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = (await Axe().run(page)).response["violations"]
        told = [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found]
        assert not told, f"{scheme}: {told}"


def lengthen(site: Site, address: str, number: int) -> None:
    """Puts that many settled messages above what the conversation holds already."""
    conversation = site.identifier(uuid.UUID(address.rstrip("/").rsplit("/", 1)[-1]))
    columns = [row[1] for row in site.query("PRAGMA table_info(chat_message)")]
    site.query("UPDATE chat_message SET id = id + 1000000 WHERE conversation_id = %s", conversation)
    rows = site.query("SELECT * FROM chat_message WHERE conversation_id = %s ORDER BY id", conversation)
    base, start = site.query("SELECT max(id) FROM chat_message WHERE id < 1000000")[0][0] or 0, datetime.now(UTC)
    kinds = {row[columns.index("author")]: dict(zip(columns, row, strict=True)) for row in rows}
    fresh = []
    for n in range(number):
        author = "user" if n % 2 == 0 else "assistant"
        text = f"message {n}\n\n" + "Some more words about it. " * (n % 7)
        added = {"id": base + n + 1, "key": uuid.uuid4().hex, "text": text, "html": ""}
        added |= {"created": str(start - timedelta(days=1, seconds=number - n))[:26], "html_version": HTML_VERSION - 1}
        fresh.append(kinds[author] | added)
    names, marks = ", ".join(columns), ", ".join(f"json_extract(value, '$.{name}')" for name in columns)
    site.query(f"INSERT INTO chat_message ({names}) SELECT {marks} FROM json_each(%s)", json.dumps(fresh, default=str))

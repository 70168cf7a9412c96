"""How fluid the page is while a long answer streams: `python -m bench.page [kind …] [--size 100000] [--seconds 15]`.

A real Chromium types all the while. Printed are the tasks over 50 ms that the browser itself reported, how long a key
took to the next picture, and what the page's thread computed, in its own time, which a busy machine does not stretch:
by its three longest tasks, and all of them together. The first line is a page on which nothing streams: what it shows
is the machine's doing, not the page's. The answers are of the worst shapes: many blocks of all kinds, or one that never
ends: a paragraph, a fence, a table, a list of short lines or of lists, a quotation of many paragraphs.
"""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from bench import texts
from chat.practice import answers
from tests.browser.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.stand.site import Site

CHUNK = 20
ROW = f"| {' | '.join(' '.join(texts.WORDS[at : at + 4]) for at in range(0, 16, 4))} |\n"
ENDLESS = {
    "table": (f"{ROW}{'|---' * 4}|\n", ROW),
    "list": ("", "1. Some **short** words, `code`\n"),
    "nested": ("", "- One\n  - and two, with *some* words\n    - and three\n  - and four\n"),
    "quote": ("", f"> {' '.join(texts.WORDS[:70])} **so** much `more` of it.\n>\n"),
}
KINDS = ("mixed", "paragraph", "code", *ENDLESS)

WATCH = """
    window.tasks = [];
    window.keys = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)))
        .observe({ type: "longtask", buffered: true });
    addEventListener("keydown", (event) => {
        const pressed = event.timeStamp;
        requestAnimationFrame(() => setTimeout(() => keys.push(performance.now() - pressed)));
    }, true);
"""


def shaped(kind: str, size: int) -> str:
    """A text of about `size` characters."""
    if kind not in ENDLESS:
        return "".join(chunk or "" for chunk in texts.chunks(kind, 1, size // texts.CHUNK))
    start, line = ENDLESS[kind]
    return start + line * (size // len(line))


async def measure(url: str, size: int, seconds: float, slow: float, kinds: Collection[str]) -> None:
    manner = f"!chunk={CHUNK} !pace={1000 * seconds * CHUNK / size:.3f}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        await _watch(browser, url, "nothing", "!stall", slow)
        for kind in kinds:
            with patch.object(answers, "answer", lambda _question, kind=kind: shaped(kind, size)):
                await _watch(browser, url, kind, f"{kind} {manner}", slow)
        await browser.close()


async def _watch(browser: Browser, url: str, kind: str, prompt: str, slow: float) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await sign_in(context, url)
    client = await context.new_cdp_session(page)
    await client.send("Performance.enable", {"timeDomain": "threadTicks"})
    if slow > 1:
        await client.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    field = page.get_by_role("textbox", name="Message")
    await field.fill(prompt)
    await field.press("Enter")
    await page.wait_for_url(re.compile("/c/"))
    await page.evaluate(WATCH)
    field = page.get_by_role("textbox", name="Message")
    before = await _spent(client)
    await browser.start_tracing(page=page, categories=["toplevel"])
    while await page.locator('article[data-state="complete"][data-author="assistant"]').count() == 0:
        await field.press_sequentially("typed meanwhile ", delay=30)
        if kind == "nothing" and await page.evaluate("keys.length") > 200:
            break
    await page.wait_for_timeout(500)
    longest = _longest(json.loads(await browser.stop_tracing())["traceEvents"])
    await _tell(page, kind, longest, {name: value - before[name] for name, value in (await _spent(client)).items()})
    await context.close()


async def _spent(client: CDPSession) -> dict[str, float]:
    """Seconds that the page's thread has computed so far, by purpose."""
    found = (await client.send("Performance.getMetrics"))["metrics"]
    values = {metric["name"]: metric["value"] for metric in found}
    return {name: values[f"{name}Duration"] for name in ("Task", "Script", "Layout", "RecalcStyle")}


def _longest(events: list[dict[str, Any]]) -> list[float]:
    """What the tasks of the page's thread computed, in milliseconds of its own time, of the longest three."""
    main = {(event["pid"], event["tid"]) for event in events if event.get("args", {}).get("name") == "CrRendererMain"}
    tasks = [event for event in events if (event["pid"], event["tid"]) in main and event["name"].endswith("::RunTask")]
    return sorted((task.get("tdur", 0) / 1000 for task in tasks), reverse=True)[:3]


async def _tell(page: Page, kind: str, longest: list[float], spent: dict[str, float]) -> None:
    tasks: list[float] = await page.evaluate("tasks")
    keys: list[float] = sorted(await page.evaluate("keys"))
    shown = len(await page.locator("article").last.inner_text())
    print(
        f"{kind:9} {shown:7,} characters   tasks over 50 ms: {len(tasks):3}, longest {max(tasks, default=0):4.0f} ms   "
        f"key to picture: median {statistics.median(keys):3.0f}, p99 {keys[int(len(keys) * 0.99)]:4.0f} ms\n"
        f"{'':17} own time: longest tasks {', '.join(f'{task:.0f}' for task in longest)} ms; all "
        + ", ".join(f"{name.lower()} {seconds:.2f} s" for name, seconds in spent.items())
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"which answers: {', '.join(KINDS)} (all)")
    parser.add_argument("--size", type=int, default=100_000, help="characters of each answer")
    parser.add_argument("--seconds", type=float, default=15, help="how long each answer takes")
    parser.add_argument(
        "--slow", type=float, default=1, help="how many times slower than here the browser's processor is"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Site(Path(home)) as site:
        asyncio.run(measure(site.webs[0].url, chosen.size, chosen.seconds, chosen.slow, chosen.kinds or KINDS))


if __name__ == "__main__":
    main()

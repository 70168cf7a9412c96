"""How fluid the page is while a long answer streams: `python -m bench.page [--size 100k] [--pace 5] [--slow 1]`.

A real Chromium types all the while. Printed are the tasks over 50 ms that the browser itself reported, how long a key
took to the next picture, and what the page's thread computed, in seconds of its own time, which a busy machine does not
stretch. The first line is a page on which nothing streams: what it shows is the machine's doing, not the page's.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.stand.site import Site

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


async def measure(url: str, size: str, pace: str, slow: float) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        await _watch(browser, url, "nothing", "!stall", slow)
        for kind in ("words", "code", "table"):
            await _watch(browser, url, kind, f"{kind} !size={size} !pace={pace}", slow)
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
    while await page.locator('article[data-state="complete"][data-author="assistant"]').count() == 0:
        await field.press_sequentially("typed meanwhile ", delay=30)
        if kind == "nothing" and await page.evaluate("keys.length") > 200:
            break
    await page.wait_for_timeout(500)
    await _tell(page, kind, {name: value - before[name] for name, value in (await _spent(client)).items()})
    await context.close()


async def _spent(client: CDPSession) -> dict[str, float]:
    """Seconds that the page's thread has computed so far, by purpose."""
    found = (await client.send("Performance.getMetrics"))["metrics"]
    values = {metric["name"]: metric["value"] for metric in found}
    return {name: values[f"{name}Duration"] for name in ("Task", "Script", "Layout", "RecalcStyle")}


async def _tell(page: Page, kind: str, spent: dict[str, float]) -> None:
    tasks: list[float] = await page.evaluate("tasks")
    keys: list[float] = sorted(await page.evaluate("keys"))
    shown = len(await page.locator("article").last.inner_text())
    print(
        f"{kind:7} {shown:7,} characters   tasks over 50 ms: {len(tasks):3}, longest {max(tasks, default=0):4.0f} ms   "
        f"key to picture: median {statistics.median(keys):3.0f}, p99 {keys[int(len(keys) * 0.99)]:4.0f} ms\n"
        f"{'':15} own time: " + ", ".join(f"{name.lower()} {seconds:.2f} s" for name, seconds in spent.items())
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("--size", default="100k", help="characters of each answer")
    parser.add_argument("--pace", default="5", help="milliseconds between two pieces of it")
    parser.add_argument(
        "--slow", type=float, default=1, help="how many times slower than here the browser's processor is"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Site(Path(home)) as site:
        asyncio.run(measure(site.webs[0].url, chosen.size, chosen.pace, chosen.slow))


if __name__ == "__main__":
    main()

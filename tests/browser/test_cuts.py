"""An answer that grows by single characters: whole at every cut, and what was read stays where it is."""

from playwright.async_api import BrowserContext, expect

from chat import markdown
from chat.messages import fragments
from tests.browser.conftest import enter, unique
from tests.browser.steps import begin, finished
from tests.markdown.corpus import ANSWER
from tests.stand.site import Site

TEXT = (
    ANSWER
    + """
Setext heading
---

A loose list:

* one, with <b>HTML</b> and &amp; entities

  and a second paragraph

* two ***both***, ~~gone~~, \\*escaped\\* and 5 * 3 < 20

> Quoted, with a list:
>
> - [x] done
> - and `code ``

    indented code

~~~text
``` is no end of this
~~~

A note[^1], [a reference][docs] and \\[ \\sqrt{x} \\] in the middle; שלום, and 👩‍🚀.

***

[docs]: https://docs.example.com
[^1]: The note, with *emphasis*.

The end.
"""
)
LINE = 30
BY_HAND = """
    window.WebSocket = class extends WebSocket {
        constructor(...all) {
            super(...all);
            window.line = this;
        }
        send(text) {
            (window.sent ??= []).push(JSON.parse(text).type);
            super.send(text);
        }
    };
    window.take = (data) => line.dispatchEvent(new MessageEvent("message", { data }));
"""
# How many of the blocks that had been left behind have moved since the last look, and how much shorter the page became.
LOOK = """
    let [tops, height] = [[], 0];
    window.look = () => {
        const blocks = [...document.querySelectorAll('article[data-author="assistant"] .block')];
        const [old, high] = [tops, height];
        tops = blocks.map((block) => block.getBoundingClientRect().top + scrollY);
        height = document.documentElement.scrollHeight;
        return [old.slice(0, -1).filter((top, n) => !(Math.abs(top - tops[n]) < 1)).length, high - height];
    };
    window.looks = [];
    window.watch = () => new MutationObserver(() => looks.push(look())).observe(
        document.getElementById("messages"), { childList: true, subtree: true, characterData: true });
"""
# Without what only the page adds: Copy, and an open end that holds the text that was added last.
IS_SAME = """(body, html) => {
    const plain = (whole) => {
        for (const button of whole.querySelectorAll(".copy")) button.remove();
        for (const tail of whole.querySelectorAll(".tail")) tail.replaceWith(...tail.childNodes);
        whole.normalize();
        return [...whole.childNodes];
    };
    const [here, there] = [body.cloneNode(true), new DOMParser().parseFromString(html, "text/html").body].map(plain);
    return here.length === there.length && here.every((node, n) => node.isEqualNode(there[n]));
}"""
HTML = """body => {
    const copy = body.cloneNode(true);
    for (const button of copy.querySelectorAll(".copy")) button.remove();
    return copy.innerHTML;
}"""


async def test_at_every_cut_the_page_takes_what_comes_and_nothing_moves(context: BrowserContext, site: Site) -> None:
    await context.add_init_script(BY_HAND + LOOK)
    page = await enter(context, site.webs[0].url)
    await begin(page, unique("!silent"))
    reply = page.locator('article[data-author="assistant"]')
    await expect(reply).to_have_attribute("data-state", "streaming")
    name, pk = str(await reply.get_attribute("id")), int(await reply.get_attribute("data-pk") or 0)
    growing, frames = markdown.Growing(), []
    for rev, character in enumerate(TEXT, start=100):
        growing.add(character)
        frames.append(fragments.frame(pk, rev, fragments.grown(name, growing.take(), growing.held)))
    looks = await page.evaluate("frames => frames.map((frame) => { take(frame); return look(); })", frames)
    moved = [TEXT[: number + 1][-40:] for number, (moves, shorter) in enumerate(looks) if moves or shorter > LINE]
    assert not moved
    assert "resend" not in await page.evaluate("sent")
    whole = "".join(fragments.block(name, number, html, growing.held) for number, html in enumerate(growing.all()))
    assert await reply.locator(".body").evaluate(IS_SAME, whole)
    await page.get_by_role("button", name="Stop").click()


async def test_an_answer_that_came_in_single_characters_is_the_same_after_a_reload(
    context: BrowserContext, site: Site
) -> None:
    await context.add_init_script(LOOK)
    page = await enter(context, site.webs[0].url)
    prompt = unique("Everything !slow=0.3 !chunk=1 !pace=2")
    site.upstream.upstream.given[prompt] = TEXT
    await begin(page, prompt)
    await page.evaluate("watch()")
    await finished(page)
    looks = await page.evaluate("looks")
    assert len(looks) > 10
    assert not [look for look in looks if look[0] or look[1] > LINE]
    body = page.locator('article[data-author="assistant"] .body')
    live = await body.evaluate(HTML)
    await page.reload()
    assert await body.evaluate(HTML) == live

"""Message → HTML: the only renderer, for the page, a streamed fragment and the admin's transcript alike."""

import asyncio
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from chat import inputs, markdown
from chat.messages import failures
from chat.models import Author, Message

HTML_VERSION = 4
"""Raise it when rendered replies would look different: stored HTML of another version is rendered again."""

TAIL = '<span class="tail"></span>'
TABLES = ("<table", '<section class="more"><table')
"""How blocks begin that can be wider than a page, so that they must scroll by keys, too."""

Fragment = dict[str, Any]

_INLINE_CHARS = 4_000
_threads = ThreadPoolExecutor(markdown.WORKERS, thread_name_prefix="chat-markdown")


class Shown:
    """A message as templates see it; `can_act` offers the buttons (not in an administrator's transcript)."""

    comment_chars = inputs.longest(Message, "comment")

    def __init__(self, message: Message, *, can_act: bool = True) -> None:
        self._message = message
        self.can_act = can_act and not message.is_live
        self.pk = message.pk
        self.dom_id = message.dom_id
        self.author = message.author
        self.state = message.state
        self.rev = message.rev
        self.text = message.text
        self.created: datetime = message.created
        self.model = message.model
        self.is_live = message.is_live
        self.versions = message.versions if self.can_act else None
        self.verdict = message.verdict
        self.comment = message.comment
        self.may_edit = self.can_act and message.author == Author.USER

    @property
    def source_url(self) -> str:
        return reverse("source", args=[self._message.conversation_id, self.pk])

    @property
    def edit_url(self) -> str:
        return f"{reverse('conversation', args=[self._message.conversation_id])}?edit={self.pk}#text"

    @property
    def body(self) -> SafeString:
        return mark_safe(body(self._message))  # noqa: S308 - made of escaped text or of the Markdown renderer's output

    @property
    def error(self) -> failures.Failure | None:
        return failures.of(self._message)

    @property
    def may_retry(self) -> bool:
        return self.can_act and self.author == Author.ASSISTANT

    @property
    def may_judge(self) -> bool:
        return self.may_retry and bool(self.text)

    @property
    def may_continue(self) -> bool:
        return self.can_act and self._message.may_continue


def body(message: Message) -> str:
    """The HTML of a message's text: its blocks, each an element that a fragment can replace."""
    if message.author == Author.USER:
        return block(message.dom_id, 0, escape(message.text), direction=' dir="auto"')
    if message.is_live:
        growing = markdown.Growing(message.text)
        return "".join(block(message.dom_id, n, html, growing.held) for n, html in enumerate(growing.all()))
    return message.html if is_rendered(message) else settled_body(message.dom_id, message.text)


def settled_body(dom_id: str, text: str, *, apart: bool = False) -> str:
    """The HTML of a finished reply, as it is stored; `apart` as in `markdown.blocks`."""
    return _body(dom_id, markdown.blocks(text, apart=apart))


async def settled_body_beside(dom_id: str, text: str, *, apart: bool = False) -> str:
    """As `settled_body`; a long text is rendered beside the event loop."""
    if len(text) < _INLINE_CHARS and not apart:
        return settled_body(dom_id, text)
    render = partial(settled_body, dom_id, text, apart=apart)
    return await asyncio.get_running_loop().run_in_executor(_threads, render)


def body_as_written(dom_id: str, text: str) -> str:
    """The HTML of a finished reply that shows its text as it is."""
    return _body(dom_id, markdown.as_written(text))


def _body(dom_id: str, blocks: list[str]) -> str:
    return "".join(block(dom_id, n, html) for n, html in enumerate(blocks))


def is_rendered(message: Message) -> bool:
    """Whether showing a message takes no rendering of a finished reply, which may be long."""
    return message.author == Author.USER or message.is_live or message.html_version == HTML_VERSION


def block(dom_id: str, index: int, html: str, held: int = 0, direction: str = "") -> str:
    """One block's element; `held` counts the UTF-16 units of source that an open block shows already.

    Only plain text gets its direction here. Markdown has one on each paragraph and cell: around those, browsers would
    look through all of them for a letter whenever one is added.
    """
    name = f"{dom_id}-b{index}"
    html = html.replace(TAIL, f'<span class="tail" id="{tail_id(dom_id)}" data-held="{held}"></span>')
    wide = ' tabindex="0"' if html.startswith(TABLES) else ""
    return f'<div class="block" id="{name}"{direction}{wide}>{html}</div>'


def tail_id(dom_id: str) -> str:
    """The id of a growing reply's open end: short, as every appended word comes with it; a page has but one."""
    return f"t-{dom_id[2:10]}"


def whole(message: Message) -> list[Fragment]:
    """The fragment that shows a message from nothing, in the active language."""
    html = get_template("chat/_message.html").render({"message": Shown(message)})
    return [{"id": message.dom_id, "into": "messages", "html": html}, *_left(message)]


def _left(message: Message) -> list[Fragment]:
    """What is left of the owner's day, with the reply that was just spent of it."""
    if not (message.is_live and message.allowance and message.allowance.most):
        return []
    html = get_template("chat/_allowance.html").render({"allowance": message.allowance})
    return [{"id": "allowance", "into": "composer", "html": html}]


def gone(dom_id: str) -> Fragment:
    """The fragment that takes a message off the page."""
    return {"id": dom_id, "into": "messages", "html": ""}


def grown(dom_id: str, changes: Iterable[markdown.Block | markdown.Added], held: int) -> list[Fragment]:
    """The fragments for what changed in a growing reply; `held` as in `block`."""
    return [_grown(dom_id, change, held) for change in changes]


def _grown(dom_id: str, change: markdown.Block | markdown.Added, held: int) -> Fragment:
    if isinstance(change, markdown.Added):
        return {"id": tail_id(dom_id), "append": change.text, "at": change.at}
    name = f"{dom_id}-b{change.index}"
    return {"id": name, "into": f"{dom_id}-body", "html": block(dom_id, change.index, change.html, held)}


def frame(pk: int, rev: int, fragments: list[Fragment]) -> str:
    """The WebSocket frame that carries fragments of one message."""
    return json.dumps(
        {"type": "fragments", "pk": pk, "rev": rev, "fragments": fragments}, ensure_ascii=False, separators=(",", ":")
    )

"""The HTML of settled messages, kept in their rows: rendered once, and beside the event loop."""

from collections.abc import Iterable

from chat import database
from chat.messages import fragments
from chat.models import Message


async def render(messages: Iterable[Message]) -> None:
    """Renders and keeps what is not stored of some messages, so that showing them costs the event loop little."""
    for message in messages:
        if not fragments.is_rendered(message):
            await _render(message, apart=False)


async def render_apart(messages: Iterable[Message]) -> None:
    """Renders anew, and keeps, messages that may have ended the process that rendered them."""
    for message in messages:
        await _render(message, apart=True)


async def _render(message: Message, *, apart: bool) -> None:
    message.html = await fragments.settled_body_beside(message.dom_id, message.text, apart=apart)
    message.html_version = fragments.HTML_VERSION
    await database.run(keep, message.pk, message.rev, message.html, message.html_version)


def keep(pk: int, rev: int, html: str, version: int) -> None:
    """Stores the rendered blocks of a reply that settled at `rev`."""
    Message.objects.filter(pk=pk, rev=rev).update(html=html, html_version=version)

"""Everything that a person has here, as a zip that is made while it is sent: JSON for programs, Markdown for people."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from chat import lines
from chat.models import Author, Conversation, Message, User

CONVERSATIONS_AT_ONCE = 20
MESSAGES_AT_ONCE = 200
ACCOUNT = ("username", "first_name", "last_name", "email", "date_joined", "last_login")
CHOICES = ("language", "theme", "enter_sends", "default_model", "system_prompt", "draft")
CONVERSATION = ("id", "title", "model", "created", "updated", "shelf", "draft", "instructions")
MESSAGE = (
    "id",
    "parent_id",
    "author",
    "state",
    "shown",
    "text",
    "provider",
    "model",
    "error",
    "verdict",
    "comment",
    "created",
    "settled",
)


def pieces(user: User) -> Iterator[bytes]:
    """The bytes of the zip, piece after piece; each asks the database for a little, so that nothing grows with size."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        personas = list(user.personas.values("name", "text"))
        archive.writestr("account.json", _json({**_fields(user, ACCOUNT + CHOICES), "personas": personas}))
        for conversation in _conversations(user):
            name = f"conversations/{conversation.created:%Y-%m-%d}-{conversation.pk}"
            yield from _member(archive, f"{name}.json", _as_json(conversation), sink)
            yield from _member(archive, f"{name}.md", _as_markdown(conversation), sink)
    yield sink.take()


class Sink(io.RawIOBase):
    """A file that can only be written to, and hands over what was written."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        held, self.held = b"".join(self.held), []
        return held


def _member(archive: zipfile.ZipFile, name: str, texts: Iterator[str], sink: Sink) -> Iterator[bytes]:
    with archive.open(name, "w") as member:
        for text in texts:
            member.write(text.encode("utf-8", "replace"))
            yield sink.take()


def _conversations(user: User) -> Iterator[Conversation]:
    """All that are the user's, page after page; what they have deleted is gone from here, too."""
    after: Any = None
    while True:
        page = Conversation.objects.for_user(user).order_by("id")
        rows = list((page.filter(id__gt=after) if after else page)[:CONVERSATIONS_AT_ONCE])
        yield from rows
        if len(rows) < CONVERSATIONS_AT_ONCE:
            return
        after = rows[-1].pk


def _messages(conversation: Conversation, **which: Any) -> Iterator[Message]:
    after = 0
    while True:
        rows = list(conversation.messages.filter(pk__gt=after, **which).order_by("pk")[:MESSAGES_AT_ONCE])
        yield from rows
        if len(rows) < MESSAGES_AT_ONCE:
            return
        after = rows[-1].pk


def _as_json(conversation: Conversation) -> Iterator[str]:
    head = _json(_fields(conversation, CONVERSATION))
    yield head.rstrip("}\n") + ',\n  "messages": ['
    separator = "\n"
    for message in _messages(conversation):
        yield separator + _json(_fields(message, MESSAGE))
        separator = ",\n"
    yield "\n  ]\n}\n"


def _as_markdown(conversation: Conversation) -> Iterator[str]:
    yield f"# {lines.shown(conversation.title)}\n"
    for message in _messages(conversation, shown=True):
        who = "You" if message.author == Author.USER else f"Answer ({message.model or message.provider})"
        yield f"\n## {who}, {message.created:%Y-%m-%d %H:%M} UTC\n\n{message.text}\n"


def _fields(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)

"""The engine's statements: every write is guarded by the lease, the state and the revision it builds on."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from chat import database
from chat.messages import fragments
from chat.models import Author, Conversation, Lease, Message, State
from chat.providers.base import Message as Turn
from chat.replies.history import history, turns

MOST_ATTEMPTS = 3


class Growth(NamedTuple):
    """Text to add to a reply that stands at revision `rev - 1`."""

    pk: int
    rev: int
    added: str


class Ending(NamedTuple):
    """The last text and the outcome of a reply that stands at revision `rev - 1`."""

    pk: int
    rev: int
    added: str
    state: State
    html: str
    html_version: int
    error: str = ""
    retry_at: datetime | None = None


def new_reply(
    conversation: Conversation, prompt: Message, lease: uuid.UUID | None, provider: str, model: str
) -> Message:
    """An unsaved reply to a prompt, claimed by `lease`, or queued for any process when there is none."""
    return Message(
        conversation=conversation,
        parent=prompt,
        author=Author.ASSISTANT,
        provider=provider,
        model=model,
        **claim_fields(lease),
    )


def claim_fields(lease: uuid.UUID | None) -> dict[str, Any]:
    """The fields that put a reply into this process's hands."""
    if lease is None:
        return {"state": State.QUEUED, "lease": None, "attempts": 0}
    return {"state": State.STREAMING, "lease": lease, "attempts": 1}


def save(growths: Sequence[Growth], endings: Sequence[Ending], lease: uuid.UUID) -> set[int]:
    """Saves one beat; returns the replies that are not ours any more, of which nothing was saved.

    Saving the same beat twice is harmless: a reply that has the new revision under our lease was saved before.
    """
    saved = 0
    holder = database.uuid_parameter(lease)
    with connection.cursor() as cursor:
        if growths and connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*growths, strict=True)]
            cursor.execute(GROW_ALL, [*columns, holder])
            saved += cursor.rowcount
        elif growths:
            cursor.executemany(GROW, [(g.added, g.rev, g.pk, holder, g.rev - 1) for g in growths])
            saved += cursor.rowcount
        if endings:
            now = _as_time(timezone.now())
            cursor.executemany(END, [(*_outcome(e), now, e.pk, holder, e.rev - 1) for e in endings])
            saved += cursor.rowcount
    if saved == len(growths) + len(endings):
        return set()
    return _lost(growths, endings, lease)


GROW = (
    "UPDATE chat_message SET text = text || %s, rev = %s"
    " WHERE id = %s AND lease = %s AND rev = %s AND state = 'streaming'"
)
# One statement, as PostgreSQL would parse and plan each of many; of SQLite's ways, many are the fastest.
GROW_ALL = (
    "UPDATE chat_message m SET text = m.text || g.added, rev = g.rev"
    " FROM unnest(%s::bigint[], %s::integer[], %s::text[]) AS g (id, rev, added)"
    " WHERE m.id = g.id AND m.lease = %s AND m.rev = g.rev - 1 AND m.state = 'streaming'"
)
END = (
    "UPDATE chat_message SET text = text || %s, rev = %s, state = %s, html = %s, html_version = %s, error = %s,"
    " retry_at = %s, settled = %s WHERE id = %s AND lease = %s AND rev = %s AND state = 'streaming'"
)


def _outcome(e: Ending) -> tuple[Any, ...]:
    return e.added, e.rev, e.state.value, e.html, e.html_version, e.error, _as_time(e.retry_at)


def _lost(growths: Sequence[Growth], endings: Sequence[Ending], lease: uuid.UUID) -> set[int]:
    wanted = {growth.pk: growth.rev for growth in growths} | {ending.pk: ending.rev for ending in endings}
    ours = Message.objects.filter(pk__in=wanted, lease=lease).values_list("pk", "rev")
    return wanted.keys() - {pk for pk, rev in ours if rev == wanted[pk]}


def still_ours(lease: uuid.UUID) -> set[int]:
    """The replies that this process still runs; one that is missing was stopped, deleted or taken over."""
    return set(Message.objects.filter(lease=lease, state=State.STREAMING).values_list("pk", flat=True))


def let_go(pks: set[int], lease: uuid.UUID) -> None:
    """Makes orphans of replies that are claimed by this process and run by nobody."""
    if pks:
        Message.objects.filter(pk__in=pks, lease=lease, state=State.STREAMING).update(lease=None)


class Adoption(NamedTuple):
    """What a look for orphaned replies brought: replies to run, and replies that ended as interrupted."""

    to_run: list[tuple[Message, list[Turn]]]
    interrupted: list[Message]


def renew(lease: uuid.UUID) -> None:
    """Signs this process's life, and forgets leases that nobody can hold any more."""
    if not Lease.objects.filter(token=lease).update(renewed=Now()):
        Lease.objects.create(token=lease)
    Lease.objects.filter(renewed__lt=Now() - timedelta(hours=1)).delete()


def adopt(lease: uuid.UUID, most: int) -> Adoption:
    """Takes over at most `most` replies that no living process runs.

    One without text is run again, at most twice; one with text keeps it and becomes interrupted. As the first text is
    committed before anything reads it, an answer that ended the process that received it is never asked for again.
    """
    fresh = Lease.objects.fresh().values("token")
    orphans = Message.objects.live().filter(Q(lease=None) | ~Q(lease__in=fresh))
    orphans = orphans.select_related("conversation__owner", "conversation__persona")
    to_run: list[tuple[Message, list[Turn]]] = []
    interrupted: list[Message] = []
    for orphan in orphans.order_by("pk")[:most]:
        if orphan.text == "" and orphan.attempts < MOST_ATTEMPTS:
            if _claim(orphan, lease):
                to_run.append((orphan, history(turns(orphan.conversation, before=orphan.pk), orphan.conversation)))
        elif _interrupt(orphan):
            interrupted.append(orphan)
    return Adoption(to_run, interrupted)


def _claim(orphan: Message, lease: uuid.UUID) -> bool:
    fields = {"state": State.STREAMING, "lease": lease, "attempts": orphan.attempts + 1}
    return _update_orphan(orphan, fields)


def _interrupt(orphan: Message) -> bool:
    fields = {"state": State.INTERRUPTED, "lease": None, "rev": orphan.rev + 1, "settled": timezone.now()}
    # Not rendered here: that may have been the end of the process that had it.
    html = fragments.body_as_written(orphan.dom_id, orphan.text)
    return _update_orphan(orphan, {**fields, "html": html, "html_version": fragments.HTML_VERSION})


def _update_orphan(orphan: Message, fields: dict[str, Any]) -> bool:
    """Changes an orphan only if nothing has happened to it since it was read; says whether that was so."""
    as_read = Message.objects.live().filter(pk=orphan.pk, lease=orphan.lease, rev=orphan.rev, attempts=orphan.attempts)
    if not as_read.update(**fields):
        return False
    for name, value in fields.items():
        setattr(orphan, name, value)
    return True


def stop(conversation: Conversation) -> Message | None:
    """Ends the conversation's live reply where it is, whoever runs it; None when nothing was live."""
    live = conversation.messages.live()
    reply = live.first()
    if reply is None:
        return None
    stopped = {"state": State.STOPPED, "rev": F("rev") + 1, "lease": None, "settled": timezone.now()}
    if not live.filter(pk=reply.pk).update(**stopped):
        return None
    reply.refresh_from_db()
    reply.conversation = conversation
    return reply


def _as_time(value: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(value)

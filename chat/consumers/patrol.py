"""Looks after the sockets of this process: ended sessions, mute readers, and messages that the layer lost."""

import asyncio
import logging
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from django.db.models import Max

from chat import database
from chat.accounts import sessions
from chat.consumers.reader import Reader
from chat.models import Message

logger = logging.getLogger(__name__)

PATROL_SECONDS = 2.0
SIGNED_OUT, MUTE = 4401, 4408
MOST_IDS_PER_QUERY = 500


class Newest(NamedTuple):
    """The last message of a conversation as the database has it."""

    pk: int
    rev: int


class Watched(Protocol):
    """What a socket must be able to do so that the patrol can look after it."""

    conversation_id: uuid.UUID
    reader: Reader

    def heal(self, pk: int) -> None: ...

    async def close(self, code: int) -> None: ...


_watched: dict[Watched, sessions.SignedIn] = {}
_patrols: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()


def open_patrol() -> None:
    """Starts the patrol of the running event loop, once."""
    loop = asyncio.get_running_loop()
    if loop not in _patrols:
        _patrols[loop] = loop.create_task(_patrol(), name="patrol")


def watch(socket: Watched, signed_in: sessions.SignedIn) -> None:
    """Looks after a socket that has joined, as long as the session by which it came in lasts."""
    _watched[socket] = signed_in


def leave(socket: Watched) -> None:
    _watched.pop(socket, None)


def close() -> None:
    task = _patrols.pop(asyncio.get_running_loop(), None)
    if task is not None:
        task.cancel()


async def _patrol() -> None:
    while True:
        await asyncio.sleep(PATROL_SECONDS)
        try:
            await walk_round()
        except database.LOST_CONNECTION as error:
            logger.warning("The database could not be asked about the open pages (%s).", type(error).__name__)
        except Exception:
            logger.exception("A round of the patrol failed; the next one follows.")


async def walk_round() -> None:
    """One look at every socket."""
    joined = [(socket, signed_in) for socket, signed_in in _watched.items() if socket.reader.is_live]
    if not joined:
        return
    ended, newest = await database.run(_look, {s for _, s in joined}, {socket.conversation_id for socket, _ in joined})
    for socket, signed_in in joined:
        if signed_in in ended:
            await socket.close(SIGNED_OUT)
        elif socket.reader.is_mute:
            await socket.close(MUTE)
        elif last := newest.get(socket.conversation_id):
            _heal(socket, last)


def _heal(socket: Watched, last: Newest) -> None:
    """Lets a socket read the database when it was sent less than is there and nothing is under way."""
    if missing := socket.reader.compare(last.pk, last.rev):
        socket.heal(missing.pk)


def _look(
    signed_in: set[sessions.SignedIn], conversation_ids: set[uuid.UUID]
) -> tuple[set[sessions.SignedIn], dict[uuid.UUID, Newest]]:
    newest: dict[uuid.UUID, Newest] = {}
    for ids in _portions(conversation_ids):
        last = Message.objects.filter(conversation_id__in=ids, shown=True).values("conversation_id")
        pks = last.annotate(last=Max("pk")).order_by().values_list("last", flat=True)
        for conversation_id, pk, rev in Message.objects.filter(pk__in=list(pks)).values_list(
            "conversation_id", "pk", "rev"
        ):
            newest[conversation_id] = Newest(pk, rev)
    ended: set[sessions.SignedIn] = set()
    for portion in _portions(signed_in):
        ended |= sessions.ended(portion)
    return ended, newest


def _portions(items: Iterable[Any]) -> Iterable[list[Any]]:
    items = list(items)
    return (items[start : start + MOST_IDS_PER_QUERY] for start in range(0, len(items), MOST_IDS_PER_QUERY))

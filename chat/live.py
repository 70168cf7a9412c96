"""Who listens in this process, and the only way by which changes reach them and the other processes.

Sockets register here. A beat hands over all its changes at once: sockets of this process get them directly, other
processes as one message on the channel layer. The layer may lose messages; whoever notices a gap reads the database.
"""

import asyncio
import json
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare, salted_hmac

logger = logging.getLogger(__name__)

GROUP = "beats"
MOST_WAITING_BATCHES = 100
RECONNECT_SECONDS = 1.0
WONDER_SECONDS = 60.0


@dataclass(slots=True)
class Change:
    """One committed change of a message, on its way to the pages that show it.

    `frame` is the same text for everybody and follows upon revision `rev - 1`. A change without it is a whole message:
    `render` makes its frame in the active language, and without `render` the receiver reads the database.
    With `owner_id` it also matters to the list beside all pages of the owner: `row` is what became of the conversation
    there ("live", "settled" or "seen"; "" when the list is to be read anew).
    """

    conversation_id: uuid.UUID
    pk: int
    rev: int
    frame: str | None = None
    owner_id: int | None = None
    row: str = ""
    render: Callable[[], str] | None = None
    _frames: dict[str, str] = field(default_factory=dict)

    def frame_in(self, language: str) -> str | None:
        """The frame for a reader of this language, rendered once per language; None when only the database has it.

        Readers share it, so it is in nobody's time zone, whoever's request makes the change.
        """
        if self.frame is not None or self.render is None:
            return self.frame
        if language not in self._frames:
            with translation.override(language), timezone.override(None):
                self._frames[language] = self.render()
        return self._frames[language]


class Socket(Protocol):
    """What a listener must be able to do; `offer` never raises and never waits for a slow reader."""

    conversation_id: uuid.UUID
    language: str

    async def offer(self, change: Change) -> None: ...

    async def tell(self, frame: str) -> None: ...


_sockets: defaultdict[uuid.UUID, set[Socket]] = defaultdict(set)
_pages: defaultdict[int, set[Socket]] = defaultdict(set)
NOWHERE = uuid.UUID(int=0)


def join(socket: Socket) -> None:
    _sockets[socket.conversation_id].add(socket)


def follow(socket: Socket, owner_id: int) -> None:
    """Lets a socket hear of everything that changes in this user's list."""
    _pages[owner_id].add(socket)


def leave(socket: Socket, owner_id: int | None = None) -> None:
    _forget(_sockets, socket.conversation_id, socket)
    _forget(_pages, owner_id, socket)


def _forget(listening: dict[Any, set[Socket]], name: Any, socket: Socket) -> None:
    listeners = listening.get(name)
    if listeners is not None:
        listeners.discard(socket)
        if not listeners:
            del listening[name]


async def publish(changes: Iterable[Change]) -> None:
    """Sends committed changes to every listener, here and in the other processes."""
    changes = list(changes)
    _bus.send(changes)
    await _deliver(changes)


async def tell(owner_id: int, conversation_id: uuid.UUID = NOWHERE, row: str = "") -> None:
    """Tells all pages of a user what became of a row of the list, or that the list is to be read anew."""
    await publish([Change(conversation_id, 0, 0, owner_id=owner_id, row=row)])


async def _deliver(changes: Iterable[Change]) -> None:
    for change in changes:
        if change.pk:
            for socket in tuple(_sockets.get(change.conversation_id, ())):
                await socket.offer(change)
        if change.owner_id is not None and change.owner_id in _pages:
            frame = json.dumps({"type": "list", "id": str(change.conversation_id), "row": change.row})
            for socket in tuple(_pages[change.owner_id]):
                await socket.tell(frame)


class Bus:
    """The other processes, behind the channel layer; silent when the layer lives in this process only."""

    def __init__(self) -> None:
        self.name = uuid.uuid4().hex
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: asyncio.Queue[list[Change]] = asyncio.Queue(MOST_WAITING_BATCHES)
        self._is_well = True
        self._wondered = -WONDER_SECONDS

    def open(self) -> None:
        """Starts to listen and to send; must be called on the event loop. Does nothing for an in-memory layer."""
        if isinstance(get_channel_layer(), InMemoryChannelLayer | None):
            return
        self._waiting = asyncio.Queue(MOST_WAITING_BATCHES)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    @property
    def is_open(self) -> bool:
        return bool(self._tasks)

    def send(self, changes: list[Change]) -> None:
        """Queues the changes for the other processes; drops them when the layer is too slow, as readers heal."""
        if not self._tasks or not changes:
            return
        try:
            self._waiting.put_nowait(changes)
        except asyncio.QueueFull:
            self._report(is_well=False)

    async def _speak(self) -> None:
        layer = get_channel_layer()
        while True:
            changes = await self._waiting.get()
            batch = [[c.conversation_id.hex, c.pk, c.rev, c.frame, c.owner_id, c.row] for c in changes]
            # As text, which this process need not take apart when it hears itself.
            text = json.dumps(batch, ensure_ascii=False)
            beat = {"type": "beat", "from": self.name, "changes": text, "signature": _signature(text)}
            try:
                await layer.group_send(GROUP, beat)
                self._report(is_well=True)
            except Exception:  # noqa: BLE001 - whatever a layer raises during an outage, the replies go on
                self._report(is_well=False)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                while True:
                    try:
                        message = await layer.receive(channel)
                    except (TypeError, ValueError):  # the bytes are no message
                        message = None
                    await self._hear(message)
            except Exception:  # noqa: BLE001 - as above
                self._report(is_well=False)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self, message: Any) -> None:
        """Delivers what another process has sent: nothing that was not signed with this site's key.

        One of another version may say what is not understood here, and whoever reaches Redis may say anything.
        """
        try:
            if message["from"] == self.name:
                return
            changes = _received(message["changes"], message["signature"])
        except (KeyError, TypeError, ValueError):
            self._wonder()
        else:
            await _deliver(changes)

    def _wonder(self) -> None:
        """Says it once a minute at most, as a stranger decides how often it happens."""
        now = time.monotonic()
        if now - self._wondered > WONDER_SECONDS:
            self._wondered = now
            logger.warning("Another process sent a message that is not understood; is it of another version?")

    def _report(self, *, is_well: bool) -> None:
        """Says once that the layer is gone, and once that it is back: beats come too often for a line each."""
        if is_well and not self._is_well:
            logger.warning("The channel layer is back.")
        elif self._is_well and not is_well:
            logger.warning("The channel layer is slow or gone; pages catch up from the database every few seconds.")
        self._is_well = is_well


def _received(text: str, signature: str) -> list[Change]:
    """The changes of a beat; raises TypeError or ValueError for what no process of this site has sent."""
    if not constant_time_compare(signature, _signature(text)):
        raise ValueError("not signed by this site")
    return [Change(uuid.UUID(digits), *fields) for digits, *fields in json.loads(text)]


def _signature(text: str) -> str:
    return salted_hmac("chat.live", text, algorithm="sha256").hexdigest()


_bus = Bus()


def open_bus() -> None:
    _bus.open()


def close_bus() -> None:
    _bus.close()


def is_shared() -> bool:
    """Whether changes go to other processes, too."""
    return _bus.is_open


async def ping() -> None:
    """Raises what the channel layer raises when it takes no messages; nobody listens, as a channel would stay."""
    await get_channel_layer().group_send("ready", {"type": "ready"})

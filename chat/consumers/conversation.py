"""The WebSocket door: authorise, translate, forward; nothing else."""

import asyncio
import json
import logging
import time
import uuid
from collections import deque
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs

from allauth.account.adapter import get_adapter
from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from chat import conversations, database, inputs, live, refusals, replies
from chat.accounts import sessions
from chat.consumers import frames, patrol, places
from chat.consumers.frames import Acknowledgement, Resend
from chat.consumers.outbox import Outbox
from chat.conversations import actions
from chat.conversations.actions import Command
from chat.messages import changes, stored
from chat.models import User
from chat.refusals import Refused

logger = logging.getLogger(__name__)

OUR_FAULT, NOT_FOUND, TOO_MANY, FLOOD = 1011, 4404, 4409, 4429
MOST_WAITING_COMMANDS = 16
MOST_EARLY_CHANGES = 1000
FRAMES_PER_SECOND = 20
BURST = 60
MOST_REFUSED_FRAMES = 200
CLOSING = {"signed_out": patrol.SIGNED_OUT, "sockets": TOO_MANY}


class ConversationConsumer(AsyncWebsocketConsumer):
    """One page that shows one conversation.

    Handlers only look at a frame and return, so that Daphne's queue is always drained; a task of the socket carries the
    commands out, one after another.
    """

    conversation_id: uuid.UUID
    language: str
    user: User
    signed_in: sessions.SignedIn
    worker: asyncio.Task[None] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """As the base class does, without a task and a hop to another thread for every message.

        What has arrived is looked at in one go, so that a flood is refused as fast as it comes in. There is no channel
        either: sockets register in `chat.live`.
        """
        self.scope, self.base_send = scope, send
        handlers = {"websocket.connect": self.websocket_connect, "websocket.receive": self.websocket_receive}
        try:
            while (message := await receive())["type"] in handlers:
                await handlers[message["type"]](message)
        finally:
            live.leave(self, self.owner_id)
            self.place.give_up()
            if self.worker is not None:
                self.worker.cancel()

    async def connect(self) -> None:
        self.owner_id: int | None = None
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        self.place = places.Place()
        if not self.place.take_for_address(_address(self.scope)):
            await self.close(TOO_MANY)
            return
        self.language = _language(self.scope)
        self.outbox = Outbox()
        self.commands: asyncio.Queue[Command | Resend] = asyncio.Queue(MOST_WAITING_COMMANDS)
        self.allowance, self.counted = float(BURST), time.monotonic()
        self.refused_frames = 0
        self.early: deque[live.Change] | None = deque(maxlen=MOST_EARLY_CHANGES)
        self.seen: tuple[int, int] | None = None
        self.healing: int | None = None
        self.asked_for = parse_qs(self.scope["query_string"].decode("latin1"))
        replies.open_engine()
        patrol.open_patrol()
        await self.accept()
        work = self._work(inputs.key(self.asked_for.get("after", [""])[0]) or 0)
        self.worker = asyncio.create_task(work, name=f"socket {self.conversation_id}")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.refused_frames > MOST_REFUSED_FRAMES:  # closed, but more is on its way
            return
        with translation.override(self.language):
            try:
                self._count_frame()
                frame = frames.from_frame(text_data)
                if isinstance(frame, Acknowledgement):
                    self._acknowledge(frame)
                else:
                    self._enqueue(frame)
            except Refused as refusal:
                await self._refuse(refusal, frames.key_in(text_data))

    def _count_frame(self) -> None:
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.counted) * FRAMES_PER_SECOND) - 1
        self.counted = now
        if self.allowance < 0:
            self.allowance = 0
            raise Refused("rate", _("The page sends too much at once. Please wait a moment."), retry_after=1)

    def _enqueue(self, command: Command | Resend) -> None:
        try:
            self.commands.put_nowait(command)
        except asyncio.QueueFull:
            raise Refused("rate", _("The page sends too much at once. Please wait a moment."), retry_after=1) from None

    def _acknowledge(self, frame: Acknowledgement) -> None:
        if self.outbox.acknowledge(frame.rev, frame.pk):
            self._enqueue(Resend(self.outbox.newest))

    async def _work(self, after: int) -> None:
        with translation.override(self.language):
            try:
                await self._join(after)
                while True:
                    await _to_the_end(self._carry_out(await self.commands.get()))
            except Refused as refusal:
                await self._refuse(refusal, None)
                await self.close(CLOSING.get(refusal.reason, NOT_FOUND))
            except database.LOST_CONNECTION as error:
                logger.warning("A page has to connect again: the database is away (%s).", type(error).__name__)
                await self.close(OUR_FAULT)
            except Exception:
                logger.exception("A page's socket ended by an error of ours; the page will join again.")
                await self.close(OUR_FAULT)

    async def _join(self, after: int) -> None:
        """Subscribes, reads, sends: whatever was committed in between is either read or offered, so none is missed."""
        live.join(self)
        session_key = sessions.key_from(self.scope)
        self.user, joined = await database.run(_authorise, session_key, self.conversation_id, after)
        self.user.signed_in = self.signed_in = sessions.SignedIn(session_key, self.user.pk, self.user.password)
        self.owner_id = self.user.pk
        if not self.place.take_for_person(self.owner_id):
            raise Refused("sockets", _("You have too many pages open at once. Please close some of them."))
        if "list" in self.asked_for:
            live.follow(self, self.owner_id)
        await self._show(joined)
        await self._go_live()

    async def _go_live(self) -> None:
        """Takes what was offered while the database was being read; what that had read already is dropped as old."""
        early, self.early = self.early or deque(), None
        for change in early:
            await self.offer(change)

    async def _carry_out(self, command: Command | Resend) -> None:
        key = str(command.key) if isinstance(command, Command) and command.key else None
        try:
            await self._verb(self.user, command)
        except database.LOST_CONNECTION:
            logger.warning("The database was away while a page asked for something.")
            await self._refuse(_database_away(), key)
        except Refused as refusal:
            await self._refuse(refusal, key)
            if refusal.reason == "signed_out":
                await self.close(patrol.SIGNED_OUT)
            elif refusal.reason == "not_found" and command.pk is None:
                await self.close(NOT_FOUND)

    async def _verb(self, user: User, command: Command | Resend) -> None:
        if isinstance(command, Resend):
            await self._catch_up(user, command.pk)
            return
        asked = await actions.carry_out(user, self.conversation_id, command)
        if asked is not None and not asked.is_new:
            await self._catch_up(user, asked.prompt.pk)

    async def _catch_up(self, user: User, pk: int) -> None:
        self.outbox.forget(pk)
        self.healing, self.early = None, deque(maxlen=MOST_EARLY_CHANGES)
        try:
            await self._show(await database.run(conversations.catch_up, user, self.conversation_id, pk))
        finally:
            await self._go_live()

    async def _show(self, joined: conversations.Joined) -> None:
        for message in joined.gone:
            await self._forward(changes.gone_change(message), whole=True)
        await stored.render(joined.messages)
        for message in joined.messages:
            await self._forward(changes.whole_change(message), whole=True)

    async def offer(self, change: live.Change) -> None:
        """Takes a committed change from `live`: forwards it, or sees to it that the database is read instead."""
        if self.early is not None:
            self.early.append(change)
            return
        try:
            await self._forward(change, whole=change.frame is None)
        except Exception:
            logger.exception("A page could not be sent a change; it will join again.")
            await self.close(OUR_FAULT)

    async def tell(self, frame: str) -> None:
        """Sends a frame about the list of conversations; one that is lost costs a mark there, not a message."""
        try:
            await self.base_send({"type": "websocket.send", "text": frame})
        except Exception:
            logger.exception("A page could not be told of its list.")

    async def _forward(self, change: live.Change, *, whole: bool) -> None:
        verdict = self.outbox.judge(change.pk, change.rev, whole=whole)
        frame = change.frame_in(self.language) if verdict == "send" else None
        if frame is not None:
            self.outbox.note(change.pk, change.rev, len(frame))
            await self.base_send({"type": "websocket.send", "text": frame})
        elif verdict in ("send", "catch up"):
            self.heal(change.pk)

    def heal(self, pk: int) -> None:
        """Sees to it that the state of message `pk` and of all that follow is sent from the database."""
        is_under_way = self.healing is not None and self.healing <= pk
        if not is_under_way and not self.commands.full():
            self.healing = pk
            self.commands.put_nowait(Resend(pk))

    async def _refuse(self, refusal: Refused, key: str | None) -> None:
        self.refused_frames += 1
        if self.refused_frames > MOST_REFUSED_FRAMES:
            await self.close(FLOOD)
            return
        fields: dict[str, Any] = {"type": "refused", "key": key, "reason": refusal.reason, "text": refusal.text}
        if refusal.retry_after is not None:
            fields["retry_after"] = refusal.retry_after
        await self.send(json.dumps(fields, ensure_ascii=False))


_begun: set[asyncio.Task[None]] = set()


async def _to_the_end(command: Coroutine[Any, Any, None]) -> None:
    """Awaits a command that goes on even if the page leaves now: a prompt is stored and begun, or neither."""
    task = asyncio.create_task(command)
    _begun.add(task)
    task.add_done_callback(_begun.discard)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_report)
        raise


def _report(task: asyncio.Task[None]) -> None:
    """Logs an error of ours that no page is there to hear of any more."""
    if not task.cancelled() and (error := task.exception()):
        logger.error("A command failed after its page had left.", exc_info=error)


def _language(scope: dict[str, Any]) -> str:
    """The language that Django chooses for this browser's pages."""
    request = HttpRequest()
    request.COOKIES = sessions.cookies(scope)
    accepted = [value.decode("latin1") for name, value in scope["headers"] if name == b"accept-language"]
    request.META["HTTP_ACCEPT_LANGUAGE"] = ",".join(accepted)
    return translation.get_language_from_request(request)


def _address(scope: dict[str, Any]) -> str:
    """Where a browser is, as for signing in."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = (scope.get("client") or [""])[0]
    forwarded = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    request.META["HTTP_X_FORWARDED_FOR"] = ",".join(forwarded)
    address: str = get_adapter().get_client_ip(request)
    return address


def _database_away() -> Refused:
    return Refused(
        "state", _("The server cannot reach its database. Nothing was changed; try again in a moment."), retry_after=5
    )


def _authorise(session_key: str, conversation_id: uuid.UUID, after: int) -> tuple[User, conversations.Joined]:
    user = sessions.user_of(session_key)
    if user is None:
        raise refusals.signed_out()
    return user, conversations.catch_up(user, conversation_id, after)

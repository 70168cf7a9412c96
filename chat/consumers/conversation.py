"""The WebSocket door: authorise, translate, forward; nothing else."""

import asyncio
import json
import logging
import uuid
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation
from django.utils.translation import gettext as _

from chat import conversations, database, inputs, live, refusals, replies
from chat.accounts import sessions
from chat.consumers import frames, patrol, places, scopes, tasks
from chat.consumers.bucket import Bucket
from chat.consumers.frames import Acknowledgement, Resend
from chat.consumers.reader import Missing, Reader
from chat.conversations import actions
from chat.conversations.actions import Command
from chat.messages import changes, stored
from chat.models import User
from chat.refusals import Refused

logger = logging.getLogger(__name__)

OUR_FAULT, NOT_FOUND, TOO_MANY, FLOOD = 1011, 4404, 4409, 4429
MOST_WAITING_COMMANDS = 16
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = places.Place()
        self.reader = Reader()
        self.bucket = Bucket(FRAMES_PER_SECOND, BURST)
        self.commands: asyncio.Queue[Command | Resend] = asyncio.Queue(MOST_WAITING_COMMANDS)
        self.refused_frames = 0
        self.owner_id: int | None = None
        self.worker: asyncio.Task[None] | None = None

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
            self.leave()

    def leave(self) -> None:
        """Nobody sends anything to this page any more."""
        live.leave(self, self.owner_id)
        patrol.leave(self)
        self.place.give_up()
        if self.worker is not None:
            self.worker.cancel()

    async def connect(self) -> None:
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        if not self.place.take_for_address(scopes.address(self.scope)):
            await self.close(TOO_MANY)
            return
        self.language = scopes.language(self.scope)
        replies.open_engine()
        patrol.open_patrol()
        await self.accept()
        work = self._work(parse_qs(self.scope["query_string"].decode("latin1")))
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
        if not self.bucket.take():
            raise _too_fast()

    def _enqueue(self, command: Command | Resend) -> None:
        try:
            self.commands.put_nowait(command)
        except asyncio.QueueFull:
            raise _too_fast() from None

    def _acknowledge(self, frame: Acknowledgement) -> None:
        if missing := self.reader.acknowledge(frame.rev, frame.pk):
            self._enqueue(Resend(missing.pk))

    async def _work(self, asked_for: dict[str, list[str]]) -> None:
        with translation.override(self.language):
            try:
                user = await self._join(inputs.key(asked_for.get("after", [""])[0]) or 0, "list" in asked_for)
                while True:
                    await tasks.to_the_end(self._carry_out(user, await self.commands.get()))
            except Refused as refusal:
                await self._refuse(refusal, None)
                await self.close(CLOSING.get(refusal.reason, NOT_FOUND))
            except database.LOST_CONNECTION as error:
                logger.warning("A page has to connect again: the database is away (%s).", type(error).__name__)
                await self.close(OUR_FAULT)
            except Exception:
                logger.exception("A page's socket ended by an error of ours; the page will join again.")
                await self.close(OUR_FAULT)

    async def _join(self, after: int, follows_list: bool) -> User:
        """Subscribes, reads, sends: whatever was committed in between is either read or offered, so none is missed."""
        live.join(self)
        session_key = sessions.key_from(self.scope)
        user, joined = await database.run(_authorise, session_key, self.conversation_id, after)
        user.signed_in = signed_in = sessions.SignedIn(session_key, user.pk, user.password)
        self.owner_id = user.pk
        if not self.place.take_for_person(user.pk):
            raise Refused("sockets", _("You have too many pages open at once. Please close some of them."))
        if follows_list:
            live.follow(self, user.pk)
        await self._show(joined)
        await self._go_live()
        patrol.watch(self, signed_in)
        return user

    async def _go_live(self) -> None:
        for change in self.reader.go_live():
            await self.offer(change)

    async def _carry_out(self, user: User, command: Command | Resend) -> None:
        key = str(command.key) if isinstance(command, Command) and command.key else None
        try:
            await self._verb(user, command)
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
        self.reader.read_from(pk)
        try:
            await self._show(await database.run(conversations.catch_up, user, self.conversation_id, pk))
        finally:
            await self._go_live()

    async def _show(self, joined: conversations.Joined) -> None:
        for message in joined.gone:
            await self._forward(self.reader.show(changes.gone_change(message), self.language))
        await stored.render(joined.messages)
        for message in joined.messages:
            await self._forward(self.reader.show(changes.whole_change(message), self.language))

    async def offer(self, change: live.Change) -> None:
        """Takes a committed change from `live`: forwards it, or sees to it that the database is read instead."""
        try:
            await self._forward(self.reader.take(change, self.language))
        except Exception:
            logger.exception("A page could not be sent a change; it will join again.")
            await self.close(OUR_FAULT)

    async def tell(self, frame: str) -> None:
        """Sends a frame about the list of conversations; one that is lost costs a mark there, not a message."""
        try:
            await self.base_send({"type": "websocket.send", "text": frame})
        except Exception:
            logger.exception("A page could not be told of its list.")

    async def _forward(self, frame: str | Missing | None) -> None:
        if isinstance(frame, str):
            await self.base_send({"type": "websocket.send", "text": frame})
        elif frame is not None:
            self.heal(frame.pk)

    def heal(self, pk: int) -> None:
        """Sees to it that the state of message `pk` and of all that follow is sent from the database."""
        if not self.commands.full() and self.reader.begin_healing(pk):
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


def _too_fast() -> Refused:
    return Refused("rate", _("The page sends too much at once. Please wait a moment."), retry_after=1)


def _database_away() -> Refused:
    return Refused(
        "state", _("The server cannot reach its database. Nothing was changed; try again in a moment."), retry_after=5
    )


def _authorise(session_key: str, conversation_id: uuid.UUID, after: int) -> tuple[User, conversations.Joined]:
    user = sessions.user_of(session_key)
    if user is None:
        raise refusals.signed_out()
    return user, conversations.catch_up(user, conversation_id, after)

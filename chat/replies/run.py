"""One live reply in this process: reads its provider, hands over what has arrived, and knows how it ended."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from chat import markdown
from chat.messages import fragments
from chat.models import Message, State
from chat.providers import EmptyAnswer, ProviderError
from chat.providers.base import CONTINUE
from chat.providers.base import Message as Turn
from chat.voices import offers

logger = logging.getLogger(__name__)


class Run:
    """A reply being written.

    After each piece the reader waits until a beat has collected it, so that what arrives meanwhile gathers in the
    transport's buffer and is read at once: fewer wake-ups, and a slow database slows the upstream down.
    """

    def __init__(self, reply: Message, history: list[Turn], owner_id: int, arrived: Callable[["Run"], None]) -> None:
        self.reply = reply
        self.owner_id = owner_id
        self.rev = reply.rev
        self.growing = markdown.Growing(reply.text)
        self.has_spoken = False
        self.state: State | None = None
        self.error = ""
        self.html = ""
        self._turns = history if not reply.text else [*history, *_continuation(reply.text)]
        self._pieces: list[str] = []
        self._outcome = State.COMPLETE
        self._arrived = arrived
        self._gate: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._read(), name=f"reply {self.reply.pk}")

    def cancel(self) -> None:
        """Ends the reader and closes its upstream connection; nothing more is collected."""
        if self._task is not None:
            self._task.cancel()

    @property
    def is_parked(self) -> bool:
        return self._gate is not None and not self._gate.done()

    def release(self) -> None:
        """Lets a parked reader go on."""
        if self._gate is not None and not self._gate.done():
            self._gate.set_result(None)

    def collect(self) -> str:
        """Takes what has arrived since the last call; "" when nothing has."""
        added = "".join(self._pieces)
        self._pieces.clear()
        return added

    @property
    def has_news(self) -> bool:
        return bool(self._pieces) or self.state is not None

    async def _read(self) -> None:
        try:
            await self._stream()
        except ProviderError as error:
            blame = f"fault: {error.blame}, {'passing' if error.retryable else 'lasting'}"
            logger.info("Reply %s: %s (%s %s)", self.reply.pk, error.code, error, blame)
            self._fail(error.code, error.retry_after)
        except Exception:
            logger.exception("Reply %s ended by an error of ours.", self.reply.pk)
            self._fail("internal", None)
        self.html = await fragments.settled_body_beside(self.reply.dom_id, self._text)
        self.state = self._outcome
        self._arrived(self)

    async def _stream(self) -> None:
        pieces = offers.provider(self.reply.provider).create_async_generator(
            self.reply.model,
            self._turns,
            max_prompt_chars=settings.CHAT_MAX_HISTORY_CHARS,
            max_reply_chars=settings.CHAT_MAX_REPLY_CHARS,
        )
        async with aclosing(pieces):
            async for piece in pieces:
                if not piece:
                    continue
                self._pieces.append(piece.replace("\x00", "\ufffd"))
                self._gate = asyncio.get_running_loop().create_future()
                self._arrived(self)
                await self._gate
        if not self._text:
            raise EmptyAnswer(f"{self.reply.provider} sent an empty answer.")

    def _fail(self, code: str, retry_after: float | None) -> None:
        self._outcome = State.FAILED
        self.error = code
        if retry_after is not None:
            self.reply.retry_at = timezone.now() + timedelta(seconds=retry_after)

    @property
    def _text(self) -> str:
        return self.growing.text + "".join(self._pieces)


def _continuation(kept: str) -> list[Turn]:
    return [Turn(role="assistant", content=kept), Turn(role="user", content=CONTINUE)]

"""A page without a browser: a WebSocket that goes through the real application, and the frames that come back."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any, Self

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from chat.models import Message, User
from magickpen_site.asgi import application

LONGEST_SECONDS = 10.0


def session_of(user: User) -> str:
    """Signs a user in and returns the session's key."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


class Page:
    """`async with Page(user, conversation_id) as page`: sends frames and collects what comes back."""

    def __init__(
        self,
        user: User | None,
        conversation_id: uuid.UUID | str,
        *,
        after: int = 0,
        asks_for: str = "&list=1",
        origin: str | None = "http://localhost:8000",
        language: str = "en",
    ) -> None:
        self.user = user
        self.path = f"/ws/c/{conversation_id}/?after={after}{asks_for}"
        self.headers = [(b"host", b"localhost:8000"), (b"accept-language", language.encode())]
        if origin is not None:
            self.headers.append((b"origin", origin.encode()))
        self.frames: list[dict[str, Any]] = []
        self.session_key = ""

    async def __aenter__(self) -> Self:
        if self.user is not None:
            self.session_key = await database_sync_to_async(session_of)(self.user)
            self.headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={self.session_key}".encode()))
        self.socket = WebsocketCommunicator(application, self.path, headers=self.headers)
        self.is_open, self.close_code = await self.socket.connect(timeout=LONGEST_SECONDS)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.socket.disconnect(timeout=LONGEST_SECONDS)

    async def say(self, **fields: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(fields))

    async def ask(self, text: str, key: uuid.UUID | None = None) -> uuid.UUID:
        key = key or uuid.uuid4()
        await self.say(type="ask", key=str(key), text=text)
        return key

    async def frame(self) -> dict[str, Any]:
        """The next frame; a frame that closes the socket is `{"type": "closed", "code": …}`."""
        event = await self.socket.receive_output(timeout=LONGEST_SECONDS)
        frame = json.loads(event["text"]) if event["type"] == "websocket.send" else {**event, "type": "closed"}
        self.frames.append(frame)
        return frame

    async def until(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Reads frames until one is as wanted, and returns that one."""
        while True:
            frame = await self.frame()
            if is_it(frame):
                return frame

    async def refusal(self) -> dict[str, Any]:
        return await self.until(lambda frame: frame["type"] == "refused")

    async def settled(self) -> Message:
        """Waits until a reply has settled on the page, and returns it as the database has it."""
        frame = await self.until(lambda frame: bool(re.search(SETTLED_REPLY, html_of(frame))))
        return await Message.objects.aget(pk=frame["pk"])


SETTLED_REPLY = r'data-author="assistant" data-state="(complete|stopped|failed|interrupted)"'


def html_of(frame: dict[str, Any]) -> str:
    """All HTML that a frame brings."""
    return "".join(fragment.get("html", "") for fragment in frame.get("fragments", []))

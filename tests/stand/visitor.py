"""A signed-in person's browser: pages and forms by HTTP, and sockets that keep a document up to date."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp

from tests.stand.dom import Document, Element
from tests.stand.lines import Line
from tests.stand.site import NAME, PASSWORD, Web
from tests.stand.waiting import PATIENCE, until, within

ACK_BYTES = 32 * 1024
LIVE = ("queued", "streaming")


class Visitor:
    """One browser. Cookies are the same for every web process, as they are behind one address."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    @classmethod
    @asynccontextmanager
    async def signed_in(cls, web: Web, name: str = NAME, password: str = PASSWORD) -> AsyncIterator[Self]:
        jar = aiohttp.CookieJar(unsafe=True)  # "unsafe" accepts cookies from an address without a name
        async with aiohttp.ClientSession(cookie_jar=jar, connector=aiohttp.TCPConnector(limit=0)) as http:
            visitor = cls(http)
            await visitor.sign_in(web, name, password)
            yield visitor

    async def sign_in(self, web: Web, name: str = NAME, password: str = PASSWORD) -> None:
        answer = await self.post(web, "/accounts/login/", username=name, login=name, password=password)
        assert answer == "/", f"signing in led to {answer}"

    async def get(self, web: Web, path: str) -> str:
        async with self.http.get(web.url + path) as response:
            assert response.status == 200, f"GET {path}: {response.status}"
            return await response.text()

    async def post(self, web: Web, path: str, **fields: str) -> str:
        """Send a form; returns where it leads."""
        status, where, _ = await self.submit(web, path, **fields)
        assert status in (302, 303), f"POST {path}: {status}"
        return where

    async def submit(self, web: Web, path: str, **fields: str) -> tuple[int, str, str]:
        """Send a form; returns the status, where it leads, and the page."""
        fields |= {"csrfmiddlewaretoken": await self.token(web)}
        async with self.http.post(web.url + path, data=fields, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()

    async def token(self, web: Web) -> str:
        """What forms of this browser have to carry."""
        async with self.http.get(web.url + "/accounts/login/") as response:  # any page has it
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', await response.text())
        return token[1] if token else ""

    async def begin(self, web: Web, text: str, key: uuid.UUID | None = None) -> uuid.UUID:
        """Begin a conversation with a prompt; returns its id."""
        location = await self.post(web, "/", text=text, key=str(key or uuid.uuid4()))
        return uuid.UUID(location.split("/")[2])

    async def page(self, web: Web, conversation: uuid.UUID) -> Document:
        """The conversation as a reload shows it."""
        return Document(await self.get(web, f"/c/{conversation}/"))

    async def source(self, web: Web, conversation: uuid.UUID, pk: int) -> str:
        """The text of a message as it was written."""
        return await self.get(web, f"/c/{conversation}/{pk}.md")

    @asynccontextmanager
    async def watching(
        self, web: Web | Line, conversation: uuid.UUID, page: Document | None = None
    ) -> AsyncIterator["Socket"]:
        """The socket of a page (an empty one by default), which follows until the end of the block."""
        page = page or Document()
        done = [message for message in page.messages if message.attributes["data-state"] not in LIVE]
        after = int(done[-1].attributes["data-pk"]) if done else 0
        socket = Socket(await self.raw(web, conversation, after), page)
        try:
            yield socket
        finally:
            await socket.close()

    async def raw(self, web: Web | Line, conversation: uuid.UUID, after: int = 0) -> aiohttp.ClientWebSocketResponse:
        """A socket that nobody reads or answers."""
        return await self.http.ws_connect(
            f"{web.url}/ws/c/{conversation}/?after={after}", headers={"Origin": web.url}, max_msg_size=0
        )


class Socket:
    """Applies every frame to a document, acknowledges as the page does, and tells when something has changed."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, document: Document) -> None:
        self.document = document
        self.frames: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.resends = 0
        self.bytes = 0
        self.on_frame: Callable[[dict[str, Any]], None] = lambda frame: None
        self._socket = socket
        self._unacknowledged = 0
        self._missed: set[int] = set()
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def send(self, **frame: Any) -> None:
        await self._socket.send_str(json.dumps(frame))

    async def send_raw(self, data: str | bytes) -> None:
        await (self._socket.send_str(data) if isinstance(data, str) else self._socket.send_bytes(data))

    async def ask(self, text: str, key: uuid.UUID | None = None) -> uuid.UUID:
        key = key or uuid.uuid4()
        await self.send(type="ask", key=str(key), text=text)
        return key

    @property
    def closed(self) -> int | None:
        """The code with which the socket was closed; None while it is open."""
        return self._socket.close_code if self._reader.done() else None

    @property
    def reply(self) -> Element | None:
        """The last message, if it is a reply."""
        messages = self.document.messages
        return messages[-1] if messages and messages[-1].attributes["data-author"] == "assistant" else None

    @property
    def shown(self) -> str:
        """All messages, in a spelling that is the same for equal ones."""
        return self.document.shown

    @property
    def state(self) -> str:
        """The state of the last reply; "" when there is none."""
        return self.reply.attributes["data-state"] if self.reply is not None else ""

    @property
    def pk(self) -> int:
        assert self.reply is not None
        return int(self.reply.attributes["data-pk"])

    @property
    def rev(self) -> int:
        """The revision up to which the last reply is shown."""
        return max((frame["rev"] for frame in self.frames if frame["pk"] == self.pk), default=0)

    @property
    def text(self) -> str:
        """What a person has seen of the last reply."""
        body = self.document.get(f"{self.reply.attributes['id']}-body") if self.reply is not None else None
        return body.text if body is not None else ""

    async def until(self, is_so: Callable[[], Any], what: str, seconds: float = PATIENCE) -> None:
        """Wait until a condition on what the page shows holds."""

        async def waiting() -> None:
            while not is_so():
                assert self.closed is None, f"{what}: the socket was closed with {self.closed}"
                self._changed.clear()
                await self._changed.wait()

        await within(seconds, waiting(), what)

    async def until_state(self, *states: str, seconds: float = PATIENCE) -> None:
        await self.until(lambda: self.state in states, f"the reply is {' or '.join(states)}", seconds)

    async def until_messages(self, count: int, seconds: float = PATIENCE) -> None:
        await self.until(lambda: len(self.document.messages) == count, f"{count} messages are shown", seconds)

    async def until_chars(self, chars: int, seconds: float = PATIENCE) -> None:
        await self.until(lambda: len(self.text) >= chars, f"{chars} characters are shown", seconds)

    async def until_refused(self, reason: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """Wait for a refusal with this reason, and take it off the list."""
        await self.until(lambda: any(r["reason"] == reason for r in self.refused), f"a refusal: {reason}", seconds)
        found = next(refusal for refusal in self.refused if refusal["reason"] == reason)
        self.refused.remove(found)
        return found

    async def until_closed(self, seconds: float = PATIENCE) -> int | None:
        """Wait for the server to close the socket; returns the code."""
        await within(seconds, asyncio.shield(self._reader), "the socket is closed")
        return self._socket.close_code

    async def close(self) -> None:
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type == aiohttp.WSMsgType.TEXT:
                    await self._take(message.data)
        except (aiohttp.ClientError, ConnectionError):
            pass  # the server died: as a browser, we only see that the socket is closed
        finally:
            self._changed.set()

    async def _take(self, data: str) -> None:
        frame = json.loads(data)
        if frame["type"] == "refused":
            self.refused.append(frame)
        elif frame["type"] == "fragments":
            await self._apply(frame, len(data))
        self._changed.set()

    async def _apply(self, frame: dict[str, Any], size: int) -> None:
        self.frames.append(frame)
        self.bytes += size
        fits = [self.document.place(fragment) for fragment in frame["fragments"]]
        if any("html" in fragment for fragment, fit in zip(frame["fragments"], fits, strict=True) if fit):
            self._missed.discard(frame["pk"])
        if not all(fits) and frame["pk"] not in self._missed:
            self._missed.add(frame["pk"])
            self.resends += 1
            await self._tell(type="resend", pk=frame["pk"])
        self.on_frame(frame)
        self._unacknowledged += size
        if self._unacknowledged >= ACK_BYTES or self.state not in LIVE:
            self._unacknowledged = 0
            await self._tell(type="ack", rev=frame["rev"], pk=frame["pk"])

    async def _tell(self, **frame: Any) -> None:
        if not self._socket.closed:
            await self.send(**frame)


async def settled(visitor: Visitor, web: Web, conversation: uuid.UUID, seconds: float = PATIENCE) -> Element:
    """The last message of a conversation as soon as a reload shows it settled."""

    async def look() -> Element | None:
        last = (await visitor.page(web, conversation)).messages[-1]
        return last if last.attributes["data-state"] not in LIVE else None

    return await until(look, "the reply is settled", seconds)

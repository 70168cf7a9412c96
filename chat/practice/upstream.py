"""The practice upstream as an aiohttp application: the page, its scripts, and the endpoint that streams answers."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from chat.practice import answers, completions, faults, history, wishes
from chat.practice.gate import Gate
from chat.practice.history import Question
from chat.practice.site import Site
from chat.practice.streaming import Manner
from chat.practice.wishes import Wishes

SALT = "TGDBU9zCgM"
_MAX_BODY = 32 * 1024 * 1024


class Upstream:
    """One practice upstream. Times are in milliseconds; `url` and `api_endpoint` are set once it is being served.

    For tests and benchmarks, `asked` holds the latest prompts, `live` counts the answers being written, and `given` has
    the answers to prompts that the library shall not answer.
    """

    def __init__(
        self,
        *,
        pace: float = 35.0,
        delay: float = 350.0,
        chunk: int | None = None,
        salt: str = SALT,
        api_secret: str | None = None,
        secret: str | None = None,
        api_key: str | None = None,
    ) -> None:
        self.manner = Manner(pace, delay if pace else 0.0, chunk, asyncio.Event())
        self.site = Site(api_secret, secret)
        self.api_key = api_key
        self.asked: deque[str] = deque(maxlen=256)
        self.given: dict[str, str] = {}
        self.live = 0
        self.url = ""
        self.page_reads = 0
        self.posts = 0
        self.redirected: list[dict[str, str]] = []
        self._gate = Gate(salt)
        self._rotated_for: set[str] = set()
        self._changed = asyncio.Event()

    @property
    def api_endpoint(self) -> str:
        """Where prompts are posted."""
        return f"{self.url}/ask"

    @property
    def base_url(self) -> str:
        """Where the same answers are given in OpenAI's protocol; it wants `api_key` if there is one."""
        return f"{self.url}/v1"

    def rotate(self) -> None:
        """Change the secrets and the names of the scripts, as the real site did every few weeks."""
        self.site = Site()

    def hurry(self) -> None:
        """Let the answers that are being written now come to their end soon, whatever pace was wished."""
        self.manner.hurried.set()
        self.manner = self.manner._replace(hurried=asyncio.Event())

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until a condition on `live`, `posts` or `asked` holds."""
        while not is_so():
            await self._changed.wait()

    def application(self) -> web.Application:
        """Return the application to serve."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_get("/", self._page)
        app.router.add_get("/_nuxt/{name}", self._script)
        app.router.add_post("/ask", self._ask)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._complete)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        self.page_reads += 1
        return web.Response(text=self.site.page(), content_type="text/html")

    async def _script(self, request: web.Request) -> web.Response:
        if request.path not in self.site.scripts:
            raise web.HTTPNotFound
        return web.Response(text=self.site.scripts[request.path], content_type="application/javascript")

    async def _elsewhere(self, request: web.Request) -> web.Response:
        self.redirected.append(dict(request.headers))
        return web.Response(text="You were not meant to come here.")

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        with self._counted():
            query = await _query(request)
            question = history.question(history.turns(query))
            wished = wishes.read(question.asked)
            self._rotate_once(query, wished)
            objection = self._gate.objection(request.headers, request.host, self.site)
            if objection or "refuse" in wished.faults:
                return web.json_response({"message": objection or "refused on request"}, status=403)
            self.asked.append(query)
            return await faults.respond(request, wished, self._answer(question), self.manner)

    async def _models(self, request: web.Request) -> web.Response:
        if completions.is_refused(request, self.api_key):
            return completions.refused()
        return web.json_response({"object": "list", "data": [{"id": completions.MODEL, "object": "model"}]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        with self._counted():
            said = await completions.turns(request)
            question = history.question(said)
            wished = wishes.read(question.asked)
            if completions.is_refused(request, self.api_key) or "refuse" in wished.faults:
                return completions.refused()
            self.asked.append(question.asked)
            return await completions.respond(request, wished, self._answer(question), self.manner)

    def _answer(self, question: Question) -> str:
        return self.given.get(question.asked) or answers.answer(question)

    def _rotate_once(self, query: str, wished: Wishes) -> None:
        """Rotate when a prompt first wishes it, not when it comes again with the new credentials."""
        if "rotate" not in wished.faults:
            return
        if query in self._rotated_for:
            self._rotated_for.discard(query)
        else:
            self._rotated_for.add(query)
            self.rotate()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.posts += 1
        self.live += 1
        self._tell()
        try:
            yield
        finally:
            self.live -= 1
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


async def _query(request: web.Request) -> str:
    """Return the prompt of a request whose body is as MagickPen's, else answer 400."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or body.get("action") != "verify" or body.get("turnstileResponse") != "":
        raise web.HTTPBadRequest(text="The body is not what MagickPen takes.")
    query = body.get("query")
    if not isinstance(query, str) or not query or request.content_type != "application/json":
        raise web.HTTPBadRequest(text="The body has no query.")
    return query

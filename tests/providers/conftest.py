"""Real upstreams on loopback for the provider tests: the practice upstream, and ones made of a few handlers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, aclosing

import pytest
from aiohttp import web

from chat import practice
from chat.providers import MagickPen, OpenAI, ProviderError, credentials

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Mapping[str, Handler]], Awaitable[str]]


class Told:
    """What a provider said: the chunks, and the error they ended in."""

    def __init__(self) -> None:
        self.chunks: list[str] = []
        self.error: ProviderError | None = None

    @property
    def text(self) -> str:
        return "".join(self.chunks)


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    """Keys are kept by address, and a port that another test has used may come again."""
    credentials._known.clear()


@pytest.fixture
async def upstream() -> AsyncIterator[practice.Upstream]:
    async with practice.serving(port=0, pace=0) as serving:
        yield serving


@pytest.fixture
def pen_at() -> Callable[[str], type[MagickPen]]:
    def make(url: str) -> type[MagickPen]:
        return type("Pen", (MagickPen,), {"url": url, "api_endpoint": f"{url}/ask", "proxy": None})

    return make


@pytest.fixture
def pen(upstream: practice.Upstream, pen_at: Callable[[str], type[MagickPen]]) -> type[MagickPen]:
    return pen_at(upstream.url)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves handlers by path (GET and POST alike) and returns the address."""
    async with AsyncExitStack() as stack:

        async def start(handlers: Mapping[str, Handler]) -> str:
            app = web.Application()
            for path, handler in handlers.items():
                app.router.add_route("*", path, handler)
            runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}"

        yield start


@pytest.fixture
def ask() -> Callable[..., Awaitable[Told]]:
    async def asked(provider: type[MagickPen | OpenAI], prompt: str, **options: object) -> Told:
        told = Told()
        messages = [{"role": "user", "content": prompt}]
        stream = provider.create_async_generator("gpt-4o-mini", messages, **options)
        try:
            async with asyncio.timeout(60), aclosing(stream):
                async for chunk in stream:
                    told.chunks.append(chunk)
        except ProviderError as error:
            told.error = error
        return told

    return asked


def openai_at(url: str, **attributes: object) -> type[OpenAI]:
    """A provider for the OpenAI-compatible server at this address."""
    own = {"url": url, "api_key": "sk-mykey", "models": ("small",), "proxy": None}
    return type("Server", (OpenAI,), own | attributes)


@pytest.fixture
def said(serve: Serve, ask: Callable[..., Awaitable[Told]]) -> Callable[..., Awaitable[Told]]:
    """Asks an OpenAI-compatible server that answers with these bytes."""

    async def answered(
        *parts: bytes, status: int = 200, content_type: str = "text/event-stream", model: str = "small"
    ) -> Told:
        async def complete(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(status=status, headers={"Content-Type": content_type})
            await response.prepare(request)
            for part in parts:
                await response.write(part)
            return response

        server = openai_at(await serve({"/chat/completions": complete}), models=(model,))
        return await ask(server, "Hello", max_reply_chars=1000)

    return answered


@pytest.fixture
def bundle_site() -> Callable[[Handler], dict[str, Handler]]:
    """A site with valid credentials around an endpoint that the test writes."""

    def around(endpoint: Handler) -> dict[str, Handler]:
        async def page(request: web.Request) -> web.Response:
            return web.Response(text='<script src="/_nuxt/1a.js"></script>', content_type="text/html")

        async def script(request: web.Request) -> web.Response:
            return web.Response(text='a={"X-API-Secret":"apisecret"},b={secret:"pensecret"}')

        return {"/": page, "/_nuxt/1a.js": script, "/ask": endpoint}

    return around

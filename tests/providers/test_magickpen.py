import asyncio
import contextlib
import json
import os
import pty
import select
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from aiohttp import web

from chat.providers import AsyncGeneratorProvider, MagickPen, ProviderModelMixin, errors

ROOT = Path(__file__).parents[2]
HELLO = [{"role": "user", "content": "Hello"}]
SEED_EXAMPLES = """\
from chat.providers import MagickPen
X_API_SECRET, signature, timestamp, nonce, secret = await MagickPen.fetch_api_credentials()
print(f"X_API_SECRET: {X_API_SECRET}, signature: {signature}, timestamp: {timestamp}, nonce: {nonce}, secret: {secret}")
messages = [{"role": "user", "content": "Hello, how are you?"}]
async for chunk in MagickPen.create_async_generator(model="gpt-4o-mini", messages=messages):
    print(chunk, end="")

"""


def test_magickpen_is_what_the_seed_describes():
    assert issubclass(MagickPen, AsyncGeneratorProvider)
    assert issubclass(MagickPen, ProviderModelMixin)
    assert MagickPen.default_model in MagickPen.models
    assert all(
        getattr(MagickPen, claim) is True
        for claim in ("working", "supports_stream", "supports_system_message", "supports_message_history")
    )


@pytest.mark.parametrize("model", [None, "", "gpt-4o-mini", "unknown"])
def test_any_model_becomes_one_that_there_is(model):
    assert MagickPen.get_model(model) == "gpt-4o-mini"


def test_an_alias_is_resolved():
    class Aliased(MagickPen):
        models = ["big", "small"]
        model_aliases = {"tiny": "small"}

    assert Aliased.get_model("tiny") == "small"


async def test_the_seed_examples_run_verbatim_from_a_python_prompt(upstream):
    environment = {"MAGICKPEN_URL": upstream.url, "MAGICKPEN_API_ENDPOINT": upstream.api_endpoint}
    shown = await asyncio.to_thread(typed_at_a_prompt, SEED_EXAMPLES + "exit()\n", environment)
    assert f"X_API_SECRET: {upstream.site.api_secret}, signature: " in shown
    assert "I am the **practice upstream**" in shown
    assert "Traceback" not in shown
    assert "Error" not in shown
    assert "Unclosed" not in shown


def typed_at_a_prompt(text, environment):
    """What a terminal shows when somebody types this at Python's prompt for asynchronous code.

    A pipe would not do: without a terminal, the prompt of Python 3.13 and later takes no block of several lines
    (python/cpython#140013).
    """
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "PYTHON_HISTORY": os.devnull, **environment}
    command = [sys.executable, "-W", "error", "-m", "asyncio"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        os.write(ours, text.encode())
        shown = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end is closed
            while select.select([ours], [], [], 60)[0]:
                shown += os.read(ours, 65536)
        process.kill()
    os.close(ours)
    return shown.decode()


async def test_a_request_is_what_the_public_clients_sent(serve, bundle_site, pen_at, ask):
    seen = {}

    async def endpoint(request):
        seen.update(request.headers)
        seen["body"] = json.loads(await request.text())
        return web.Response(text="Yes.")

    url = await serve(bundle_site(endpoint))
    await ask(pen_at(url), "Привет \ud800 \U0001f642")
    assert seen.pop("body") == {"query": "Привет ? \U0001f642", "turnstileResponse": "", "action": "verify"}
    assert seen["Accept"] == "application/json, text/plain, */*"
    assert seen["Content-Type"] == "application/json"
    assert (seen["Origin"], seen["Referer"]) == (url, f"{url}/")
    assert (seen["X-API-Secret"], seen["secret"]) == ("apisecret", "pensecret")
    assert seen["Accept-Encoding"] == "identity"
    assert {"nonce", "signature", "timestamp"} <= set(seen)


async def test_the_history_arrives_as_one_prompt(pen, upstream):
    history = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "list"},
    ]
    text = "".join([chunk async for chunk in pen.create_async_generator("gpt-4o-mini", history)])
    assert upstream.asked[-1] == "System: Be brief.\nUser: Hi\nAssistant: Hello!\nUser: list\nAssistant:"
    assert "mountains" in text
    async with aclosing(pen.create_async_generator("gpt-4o-mini", history, max_prompt_chars=60)) as stream:
        await anext(stream)
    assert upstream.asked[-1] == "System: Be brief.\nUser: list\nAssistant:"


async def test_text_arrives_while_the_line_is_still_open(serve, bundle_site, pen_at):
    read = asyncio.Event()

    async def endpoint(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"no line end")
        await read.wait()
        await response.write(b" here")
        return response

    stream = pen_at(await serve(bundle_site(endpoint))).create_async_generator("", HELLO)
    async with asyncio.timeout(10), aclosing(stream):
        assert await anext(stream) == "no line end"
        read.set()
        assert await anext(stream) == " here"


async def test_a_character_split_between_two_chunks_arrives_whole(serve, bundle_site, pen_at):
    data = "Aé—你🙂".encode()
    for at in range(1, len(data)):
        read = asyncio.Event()

        async def endpoint(request, at=at, read=read):
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(data[:at])
            await read.wait()
            await response.write(data[at:])
            return response

        stream = pen_at(await serve(bundle_site(endpoint))).create_async_generator("", HELLO)
        async with asyncio.timeout(10), aclosing(stream):
            text = await anext(stream)
            assert text == data[:at].decode(errors="ignore")
            read.set()
            assert text + "".join([chunk async for chunk in stream]) == data.decode()


async def test_an_answer_that_ends_within_a_character_says_so(serve, bundle_site, pen_at, ask):
    async def endpoint(request):
        return web.Response(body="Yes 🙂".encode()[:-1])

    assert (await ask(pen_at(await serve(bundle_site(endpoint))), "Hello")).text == "Yes \ufffd"


async def test_an_answer_may_be_html_when_html_was_asked_for(serve, bundle_site, pen_at, ask):
    async def endpoint(request):
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        await response.write(b"<!DOCTYPE html><p>As you wished.")
        return response

    pen = pen_at(await serve(bundle_site(endpoint)))
    assert (await ask(pen, "Write a small HTML page, nothing else.")).text.endswith("As you wished.")
    assert type((await ask(pen, "Hello")).error) is errors.UnexpectedContent


@pytest.mark.parametrize(
    ("text", "content_type"),
    [("Checking your browser", "text/html"), ("x", "application/xhtml+xml"), ("<!doctype html>", "text/plain")],
)
async def test_a_page_is_no_answer_even_when_html_was_asked_for(serve, bundle_site, pen_at, ask, text, content_type):
    async def endpoint(request):
        return web.Response(text=text, content_type=content_type)

    told = await ask(pen_at(await serve(bundle_site(endpoint))), "Write a small HTML page.")
    assert (told.text, type(told.error)) == ("", errors.UnexpectedContent)


async def test_a_byte_order_mark_is_no_text(serve, bundle_site, pen_at, ask):
    async def endpoint(request):
        return web.Response(body=b"\xef\xbb\xbfHello")

    assert (await ask(pen_at(await serve(bundle_site(endpoint))), "Hello")).text == "Hello"


async def test_150_streams_do_not_wait_for_each_other(serve, bundle_site, pen_at):
    everybody_reads = asyncio.Event()

    async def endpoint(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await everybody_reads.wait()
        await response.write(b"last")
        return response

    pen = pen_at(await serve(bundle_site(endpoint)))
    streams = [pen.create_async_generator("", HELLO) for _ in range(150)]
    async with asyncio.timeout(30):
        assert await asyncio.gather(*map(anext, streams)) == ["first"] * 150
        everybody_reads.set()
        assert await asyncio.gather(*map(anext, streams)) == ["last"] * 150
        await asyncio.gather(*(stream.aclose() for stream in streams))


async def test_a_connection_serves_again(serve, bundle_site, pen_at, ask):
    peers = set()

    async def endpoint(request):
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response(text="Yes.")

    pen = pen_at(await serve(bundle_site(endpoint)))
    for _ in range(5):
        assert (await ask(pen, "Hello")).text == "Yes."
    assert len(peers) == 1


async def test_closing_the_generator_closes_the_connection(pen, upstream):
    stream = pen.create_async_generator("", [{"role": "user", "content": "!stall code"}])
    await anext(stream)
    assert upstream.live == 1
    await stream.aclose()
    async with asyncio.timeout(10):
        await upstream.until(lambda: upstream.live == 0)


@pytest.mark.parametrize("fault", ["!stall", "!silent"])
async def test_cancelling_a_reader_of_a_silent_upstream_closes_the_connection(pen, upstream, ask, fault):
    reader = asyncio.create_task(ask(pen, fault))
    async with asyncio.timeout(10):
        await upstream.until(lambda: upstream.live == 1)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        await upstream.until(lambda: upstream.live == 0)


async def test_stopping_one_stream_leaves_the_others_alone(pen, upstream, ask):
    stopped = pen.create_async_generator("", [{"role": "user", "content": "!stall code"}])
    await anext(stopped)
    other = asyncio.create_task(ask(pen, "code !pace=4000"))
    async with asyncio.timeout(10):
        await upstream.until(lambda: upstream.live == 2)
        await stopped.aclose()
        await upstream.until(lambda: upstream.live == 1)
        upstream.hurry()
        assert (await other).error is None


async def test_a_slow_reader_holds_the_upstream_back(serve, bundle_site, pen_at):
    """What is not read stays with the upstream: no buffer of ours grows with a long answer."""
    blocked = asyncio.get_running_loop().create_future()

    async def endpoint(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for sent in range(10_000):
            try:
                await asyncio.wait_for(response.write(bytes(65536)), 1)
            except TimeoutError:
                blocked.set_result(sent * 65536)
                break
        return response

    stream = pen_at(await serve(bundle_site(endpoint))).create_async_generator("", HELLO, max_reply_chars=10**9)
    async with asyncio.timeout(60), aclosing(stream):
        await anext(stream)
        assert await blocked < 32 * 1024 * 1024  # mostly what the kernel holds for both ends


def port(server):
    return server.sockets[0].getsockname()[1]


async def proxy_server(asked):
    """A proxy as small as one can be: forwards one request for a whole address per connection."""

    async def forward(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        first, _, rest = head.partition(b"\r\n")
        method, target, _ = first.decode().split()
        asked.append((method, target, rest.decode()))
        lines = [line for line in rest.decode().split("\r\n") if not line.lower().startswith("proxy-")]
        length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
        host, _, path = target.removeprefix("http://").partition("/")
        there = await asyncio.open_connection(*host.split(":"))
        there[1].write(f"{method} /{path} HTTP/1.1\r\nConnection: close\r\n".encode() + "\r\n".join(lines).encode())
        there[1].write(await reader.readexactly(length))
        while data := await there[0].read(65536):
            writer.write(data)
        there[1].close()
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_server(forward, "127.0.0.1", 0)


@pytest.mark.parametrize("way", ["argument", "attribute"])
async def test_everything_goes_through_the_proxy(pen, upstream, ask, way):
    asked = []
    async with await proxy_server(asked) as server:
        proxy = f"http://alice:pass@127.0.0.1:{port(server)}"
        if way == "attribute":
            pen.proxy = proxy
        told = await ask(pen, "Hello", **({"proxy": proxy} if way == "argument" else {}))
    assert told.error is None
    assert told.text.startswith("Hello!")
    assert asked[0][:2] == ("GET", f"{upstream.url}/")
    assert asked[-1][:2] == ("POST", upstream.api_endpoint)
    assert all("proxy-authorization: basic" in headers.lower() for _, _, headers in asked)
    assert len(asked) == 1 + len(upstream.site.scripts) + 1  # the page, its scripts, the prompt


async def test_a_proxy_of_the_environment_is_not_used(pen, ask, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert (await ask(pen, "Hello")).error is None


@pytest.mark.parametrize(
    ("proxy", "kind"),
    [
        ("http://127.0.0.1:1", errors.ProxyUnreachable),
        ("socks5://127.0.0.1:1", errors.ProxyUnreachable),
        ("nonsense", errors.UnusableAddress),
        ("http://", errors.UnusableAddress),
    ],
)
async def test_an_unusable_proxy_is_the_sites_fault(pen, ask, proxy, kind):
    told = await ask(pen, "Hello", proxy=proxy)
    assert type(told.error) is kind
    assert told.error.blame == "site"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_wants_a_password_is_the_sites_fault(pen, ask, scheme):
    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        pen.url = f"{scheme}://pen.example"
        told = await ask(pen, "Hello", proxy=f"http://127.0.0.1:{port(server)}")
    assert type(told.error) is errors.ProxyRefused
    assert (told.error.blame, told.error.status) == ("site", 407)


async def test_no_message_is_a_mistake_of_the_caller(pen):
    with pytest.raises(ValueError, match="no message"):
        await anext(pen.create_async_generator("", []))

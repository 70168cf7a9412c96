"""Every fault of the practice upstream, through the real HTTP stack, and that no error tells a secret."""

import asyncio
import gc
import logging
import traceback
import tracemalloc

import pytest
from aiohttp import web

from chat.providers import errors

OUTCOMES = {
    "!cut": (errors.CutOff, "network", True),
    "!cut=0": (errors.CutOff, "network", True),
    "!reset": (errors.HungUp, "upstream", True),
    "!garbage": (errors.UnexpectedContent, "upstream", False),
    "!stall": (errors.Stalled, "upstream", True),
    "!silent": (errors.Stalled, "upstream", True),
    "!429": (errors.RateLimited, "upstream", True),
    "!500": (errors.HTTPError, "upstream", True),
    "!503": (errors.HTTPError, "upstream", True),
    "!404": (errors.WrongAddress, "site", False),
    "!refuse": (errors.Refused, "upstream", False),
    "!html": (errors.UnexpectedContent, "upstream", False),
    "!portal": (errors.UnexpectedContent, "upstream", False),
    "!redirect": (errors.WrongAddress, "site", False),
    "!empty": (errors.EmptyAnswer, "upstream", True),
    "!gzip": (errors.UnexpectedContent, "upstream", False),
    "!endless": (errors.ReplyTooLong, "site", False),
}


@pytest.mark.parametrize("fault", OUTCOMES)
async def test_each_fault_ends_in_its_error(pen, ask, fault):
    pen.silence_seconds = 0.2 if OUTCOMES[fault][0] is errors.Stalled else 20
    told = await ask(pen, f"{fault} code", max_reply_chars=50_000)
    assert (type(told.error), told.error.blame, told.error.retryable) == OUTCOMES[fault]


@pytest.mark.parametrize("fault", ["!rotate", "!utf8", "!line", "!slow=0.05", "!binary", "!pace=1 !chunk=50"])
async def test_what_is_no_fault_is_answered(pen, ask, fault):
    told = await ask(pen, f"{fault} code")
    assert told.error is None
    assert told.text


async def test_the_text_before_a_fault_is_kept(pen, ask):
    pen.silence_seconds = 0.2
    whole = (await ask(pen, "code")).text
    for fault in ("!cut=300", "!stall=300"):
        assert (await ask(pen, f"code {fault}")).text == whole[:300]


async def test_text_that_arrived_with_the_cut_is_not_lost(serve, bundle_site, pen_at, ask):
    """The reader is busy elsewhere while text and cut arrive: aiohttp then raises before it hands the text over."""
    may_go_on, is_cut = asyncio.Event(), asyncio.Event()

    async def endpoint(request):
        if "ping" in await request.text():
            return web.Response(text="pong")
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first ")
        await may_go_on.wait()
        for word in (b"second ", b"third"):
            await response.write(word)
        request.transport.close()
        is_cut.set()
        return response

    pen = pen_at(await serve(bundle_site(endpoint)))
    stream = pen.create_async_generator("", [{"role": "user", "content": "Hello"}])
    chunks = [await anext(stream)]
    may_go_on.set()
    await is_cut.wait()
    for _ in range(3):  # what was sent before has arrived when a later request is answered
        assert (await ask(pen, "ping")).text == "pong"
    with pytest.raises(errors.CutOff):
        await _collect(stream, chunks)
    assert "".join(chunks) == "first second third"


async def _collect(stream, chunks):
    async for chunk in stream:
        chunks.append(chunk)


async def test_a_reply_that_never_ends_is_ended(pen, ask):
    pen.reply_seconds = 0.3
    told = await ask(pen, "!pace=20 !size=1m")
    assert type(told.error) is errors.Stalled
    assert told.text


async def test_headers_that_never_end_are_a_stall(pen, monkeypatch):
    hung_up = asyncio.Event()

    async def trickle(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)
        writer.close()
        hung_up.set()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    monkeypatch.setattr("chat.providers.client.CONNECT_SECONDS", 0.2)
    pen.silence_seconds = 0.2
    async with server:
        pen.api_endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ask"
        with pytest.raises(errors.Stalled):
            await anext(pen.create_async_generator("", [{"role": "user", "content": "Hello"}]))
        await hung_up.wait()


async def test_a_limited_upstream_says_when_to_come_back(pen, ask):
    told = await ask(pen, "!429=17")
    assert (told.error.status, told.error.retry_after) == (429, 17)


async def test_the_text_up_to_the_limit_is_kept(pen, ask):
    told = await ask(pen, "!endless", max_reply_chars=12_345)
    assert len(told.text) == 12_345
    assert "12,345" in str(told.error)


async def test_one_long_line_streams_like_any_text(pen, ask):
    told = await ask(pen, "!line=3m", max_reply_chars=4_000_000)
    assert told.error is None
    assert len(told.text) == 3_000_000


async def test_a_gzip_bomb_is_never_unpacked(pen, ask):
    await ask(pen, "!gzip")  # the server makes its bomb once
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    try:
        told = await ask(pen, "!gzip")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert type(told.error) is errors.UnexpectedContent
    assert peak - before < 4 * 1024 * 1024


async def test_a_redirect_takes_no_header_along(pen, upstream, ask):
    told = await ask(pen, "!redirect")
    assert "redirects" in str(told.error)
    assert upstream.redirected == []


@pytest.mark.parametrize("fault", [*OUTCOMES, "missing", "proxy"])
async def test_no_error_and_no_log_tells_a_secret(pen, upstream, ask, caplog, serve, fault):
    caplog.set_level(logging.DEBUG)
    pen.silence_seconds = 0.2 if fault in ("!stall", "!silent") else 20
    await pen.fetch_api_credentials()
    secrets = [upstream.site.api_secret, upstream.site.secret, pen.salt, "proxypassword", "my private prompt"]
    options = {"max_reply_chars": 50_000}
    if fault == "proxy":
        options["proxy"] = "http://user:proxypassword@127.0.0.1:1"
    if fault == "missing":
        pen.url = await serve({"/": _half_a_bundle})
        secrets.append("halfasecret")
    told = await ask(pen, f"{fault} my private prompt", **options)
    assert told.error is not None
    assert told.error.__context__ is None
    assert told.error.__cause__ is None
    shown = "".join([repr(told.error), repr(told.error.args), repr(vars(told.error)), caplog.text])
    shown += "".join(traceback.format_exception(told.error))
    assert [secret for secret in secrets if secret in shown] == []


async def _half_a_bundle(request):
    return web.Response(text='<script>{"X-API-Secret":"halfasecret"}</script>', content_type="text/html")

import asyncio
import json

import pytest
from aiohttp import web

from chat import practice
from chat.providers import CONTINUE, errors, openai
from tests.providers.conftest import openai_at

HELLO = [{"role": "user", "content": "Hello"}]
OUTCOMES = {
    "!cut": (errors.CutOff, "network", True),
    "!nodone": (errors.CutOff, "network", True),
    "!oops": (errors.HTTPError, "upstream", True),
    "!reset": (errors.HungUp, "upstream", True),
    "!garbage": (errors.UnexpectedContent, "upstream", False),
    "!stall": (errors.Stalled, "upstream", True),
    "!silent": (errors.Stalled, "upstream", True),
    "!429": (errors.RateLimited, "upstream", True),
    "!500": (errors.HTTPError, "upstream", True),
    "!404": (errors.WrongAddress, "site", False),
    "!405": (errors.WrongAddress, "site", False),
    "!401": (errors.KeyRefused, "site", False),
    "!refuse": (errors.KeyRefused, "site", False),
    "!html": (errors.WrongAddress, "site", False),
    "!portal": (errors.WrongAddress, "site", False),
    "!redirect": (errors.WrongAddress, "site", False),
    "!empty": (errors.EmptyAnswer, "upstream", True),
    "!binary": (errors.UnexpectedContent, "upstream", False),
    "!gzip": (errors.UnexpectedContent, "upstream", False),
    "!endless": (errors.ReplyTooLong, "site", False),
}


@pytest.fixture
async def upstream():
    async with practice.serving(port=0, pace=0, api_key="sk-mykey") as serving:
        yield serving


@pytest.fixture
def server(upstream):
    return openai_at(upstream.base_url)


def event(text, **more):
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}, **more}]}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize("fault", OUTCOMES)
async def test_each_fault_ends_in_its_error(server, ask, fault):
    server.silence_seconds = 0.2 if OUTCOMES[fault][0] is errors.Stalled else 20
    told = await ask(server, f"{fault} code", max_reply_chars=50_000)
    assert (type(told.error), told.error.blame, told.error.retryable) == OUTCOMES[fault]


async def test_the_text_before_a_fault_is_kept(server, ask):
    whole = (await ask(server, "code")).text
    assert "```python" in whole
    assert (await ask(server, "code !cut=300")).text == whole[:300]
    assert (await ask(server, "code !nodone")).text == whole
    assert (await ask(server, "code !oops")).text == whole


@pytest.mark.parametrize("wish", ["!utf8", "!line=200k", "!slow=0.05"])
async def test_what_is_no_fault_is_answered(server, ask, wish):
    told = await ask(server, f"{wish} напиши код")
    assert told.error is None
    assert told.text


async def test_the_history_arrives_as_it_is(serve):
    seen = {}

    async def complete(request):
        seen.update(json.loads(await request.read()), headers=dict(request.headers))
        return web.Response(body=event("Yes.") + DONE, content_type="text/event-stream")

    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Привет \ud800"},
    ]
    server = openai_at(await serve({"/v1/chat/completions": complete}) + "/v1/")
    assert [chunk async for chunk in server.create_async_generator("small", history)] == ["Yes."]
    assert seen["messages"] == [history[2], history[0], history[1], history[3]]
    assert (seen["model"], seen["stream"]) == ("small", True)
    assert seen["headers"]["Authorization"] == "Bearer sk-mykey"
    assert seen["headers"]["Accept-Encoding"] == "identity"
    _ = [chunk async for chunk in server.create_async_generator("small", history, max_prompt_chars=60)]
    assert seen["messages"] == [history[2], history[3]]


async def test_without_a_key_no_key_is_sent(serve, ask):
    async def complete(request):
        assert "Authorization" not in request.headers
        return web.Response(body=event("Yes.") + DONE, content_type="text/event-stream")

    assert (await ask(openai_at(await serve({"/chat/completions": complete}), api_key=None), "Hello")).text == "Yes."


async def test_a_cut_answer_is_continued_where_it_stopped(server, ask):
    whole = (await ask(server, "poem")).text
    part = (await ask(server, "poem !cut=100")).text
    history = [
        {"role": "user", "content": "poem !cut=100"},
        {"role": "assistant", "content": part},
        {"role": "user", "content": CONTINUE},
    ]
    assert part + "".join([chunk async for chunk in server.create_async_generator("", history)]) == whole


async def test_events_split_anywhere_over_http(serve):
    data = event("aé") + b": ping\r\n\r\n" + event("🙂b") + DONE
    for at in range(1, len(data)):
        arrived = asyncio.Event()

        async def complete(request, at=at, arrived=arrived):
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(data[:at])
            if at >= len(event("aé")):
                await arrived.wait()
            await response.write(data[at:])
            return response

        stream = openai_at(await serve({"/chat/completions": complete})).create_async_generator("", HELLO)
        async with asyncio.timeout(10):
            text = await anext(stream)
            arrived.set()
            assert text + "".join([chunk async for chunk in stream]) == "aé🙂b"


async def test_surrogate_halves_are_joined_and_nul_is_marked(said):
    told = await said(b'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n', event("\ude42\0"), DONE)
    assert told.text == "🙂\ufffd"


async def test_nothing_after_done_is_read(said):
    told = await said(event("Yes."), DONE, event("No."), b"data: {broken\n\n")
    assert (told.text, told.error) == ("Yes.", None)


async def test_a_finish_reason_ends_an_answer_too(said):
    told = await said(event("Yes."), event("", finish_reason="stop"))
    assert (told.text, told.error) == ("Yes.", None)


async def test_nothing_after_an_error_is_read(said):
    oops = b'data: {"error":{"type":"server_error"}}\n\n'
    for parts in ([event("a"), oops, event("b"), DONE], [event("a") + oops + event("b") + DONE]):
        told = await said(*parts)
        assert (told.text, type(told.error)) == ("a", errors.HTTPError)


async def test_done_missing_is_cut_off(said):
    told = await said(event("Half"))
    assert (told.text, type(told.error)) == ("Half", errors.CutOff)


ODD = [
    {},
    {"choices": []},
    {"choices": None},
    {"choices": [7]},
    {"choices": [{"delta": None}]},
    {"choices": [{"delta": {"content": None}}]},
    {"choices": [{"delta": {"content": ["x"]}}]},
    {"usage": {"total_tokens": 1}},
]


@pytest.mark.parametrize("odd", ODD)
async def test_events_without_text_are_passed_over(said, odd):
    told = await said(event("a"), b"data: " + json.dumps(odd).encode() + b"\n\n", event("b"), DONE)
    assert (told.text, told.error) == ("ab", None)


@pytest.mark.parametrize(
    "broken", [b"data: {\n\n", b"data: [1]\n\n", b"data: " + b"[" * 100_000 + b"\n\n", b"data: " + b"x" * 2_000_000]
)
async def test_a_broken_event_ends_the_answer(said, broken):
    told = await said(event("a"), broken)
    assert (told.text, type(told.error)) == ("a", errors.UnexpectedContent)


async def test_an_answer_without_text_is_empty(said):
    told = await said(event(""), DONE)
    assert "empty" in str(told.error)
    assert told.error.retryable


async def test_an_endless_error_is_read_up_to_a_bound(serve, ask):
    async def complete(request):
        response = web.StreamResponse(status=500)
        await response.prepare(request)
        while True:
            await response.write(b" " * 65536)

    assert (await ask(openai_at(await serve({"/chat/completions": complete})), "Hello")).error.status == 500


async def test_a_limited_server_says_when_to_come_back(server, ask):
    assert (await ask(server, "!429=9")).error.retry_after == 9


async def test_closing_the_generator_closes_the_connection(server, upstream):
    stream = server.create_async_generator("", [{"role": "user", "content": "!stall code"}])
    await anext(stream)
    await stream.aclose()
    async with asyncio.timeout(10):
        await upstream.until(lambda: upstream.live == 0)


async def test_a_connection_serves_again_after_the_last_word(serve, monkeypatch):
    monkeypatch.setattr("chat.providers.client.FINISH_SECONDS", 10)
    peers = set()

    async def complete(request):
        peers.add(request.transport.get_extra_info("peername"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(event("Yes.") + DONE)
        await is_told.wait()
        return response

    server = openai_at(await serve({"/chat/completions": complete}))
    for _ in range(3):
        is_told = asyncio.Event()
        stream = server.create_async_generator("", HELLO)
        assert await anext(stream) == "Yes."
        is_told.set()
        assert [chunk async for chunk in stream] == []
    assert len(peers) == 1


async def test_a_server_that_never_hangs_up_does_not_hold_the_answer_up(serve, ask):
    async def complete(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(event("Yes.") + DONE)
        await asyncio.Event().wait()

    told = await ask(openai_at(await serve({"/chat/completions": complete})), "Hello")
    assert (told.text, told.error) == ("Yes.", None)


def test_any_model_goes_where_none_is_configured():
    assert openai_at("", models=()).get_model("llama3.2") == "llama3.2"
    assert openai_at("", models=()).get_model("") == ""


def test_a_configured_model_is_taken_and_the_first_is_the_default():
    server = openai_at("", models=("big", "small"), model_aliases={"tiny": "small"})
    assert [server.get_model(name) for name in ("small", "tiny", "", None, "unknown")] == [
        "small",
        "small",
        "big",
        "big",
        "big",
    ]


async def test_the_servers_list_names_the_model_where_none_is_configured(upstream):
    server = openai_at(upstream.base_url, models=())
    assert await server.fetch_models() == ["practice"]
    assert (await anext(server.create_async_generator("", HELLO))).startswith("Hello!")


async def test_the_list_is_asked_for_once(serve):
    reads = 0

    async def models(request):
        nonlocal reads
        reads += 1
        return web.json_response(
            {"data": [{"id": "a"}, {"id": 7}, "x", {"id": ""}, {"id": "b\n"}, {"id": "c" * 999}, {"id": "d"}]}
        )

    server = openai_at(await serve({"/models": models}), models=())
    assert await server.fetch_models() == await server.fetch_models() == ["a", "d"]
    assert reads == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [(body, "wrong_address") for body in (b"", b"[]", b"{}", b"<html>", b" " * 3_000_000)]
    + [(body, "unknown_model") for body in (b'{"data":[]}', b'{"data":{}}', b'{"object":"list","data":null}')],
)
async def test_a_list_without_models_is_the_settings_fault(serve, body, code):
    async def models(request):
        return web.Response(body=body)

    server = openai_at(await serve({"/models": models}), models=())
    with pytest.raises(errors.ProviderError) as raised:
        await anext(server.create_async_generator("", HELLO))
    assert (raised.value.code, raised.value.blame) == (code, "site")


async def test_the_number_of_models_is_bounded(serve):
    async def models(request):
        return web.json_response({"data": [{"id": str(number)} for number in range(5000)]})

    assert (
        len(await openai_at(await serve({"/models": models}), models=()).fetch_models())
        == openai.completions.MAX_MODELS
    )

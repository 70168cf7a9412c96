"""The same answers and faults in OpenAI's protocol: server-sent events at `/v1/chat/completions`."""

import json
from typing import Any

from aiohttp import web

from chat.practice import faults
from chat.practice.history import Turn
from chat.practice.streaming import Manner
from chat.practice.wishes import Wishes

MODEL = "practice"

_OOPS = b'data: {"error":{"message":"an error on request","type":"server_error","code":null}}\n\n'


async def respond(request: web.Request, wished: Wishes, text: str, manner: Manner) -> web.StreamResponse:
    """Answer with `text` as a stream of events, or as the message wishes."""
    ending = _event({}, "stop") + b"data: [DONE]\n\n"
    if "nodone" in wished.faults:
        ending = b""
    if "oops" in wished.faults:
        ending = _OOPS
    return await faults.respond(
        request,
        wished,
        text,
        manner,
        content_type="text/event-stream",
        wrap=lambda piece: _event({"content": piece}),
        ending=ending,
    )


async def turns(request: web.Request) -> list[Turn]:
    """Return the messages of a request for a stream, else answer 400."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        body = None
    messages = body.get("messages") if isinstance(body, dict) and body.get("stream") is True else None
    if not isinstance(messages, list) or not messages or not all(map(_is_message, messages)):
        raise web.HTTPBadRequest(
            text='{"error":{"message":"a stream of messages is wanted","type":"invalid_request_error"}}'
        )
    return [Turn(message["role"], message["content"]) for message in messages]


def is_refused(request: web.Request, api_key: str | None) -> bool:
    """Say whether a request comes without the key it needs."""
    return api_key is not None and request.headers.get("Authorization") != f"Bearer {api_key}"


def refused() -> web.Response:
    """Return the answer to a request with a wrong key."""
    error = {"message": "wrong key", "type": "invalid_request_error", "code": "invalid_api_key"}
    return web.json_response({"error": error}, status=401)


def _event(delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    chunk = {"id": "practice", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}
    return f"data: {json.dumps(chunk, ensure_ascii=False, separators=(',', ':'))}\n\n".encode("utf-8", "replace")


def _is_message(message: Any) -> bool:
    return (
        isinstance(message, dict) and isinstance(message.get("role"), str) and isinstance(message.get("content"), str)
    )

"""Upstreams that speak OpenAI's chat completions: Ollama, vLLM, llama.cpp, LM Studio, OpenAI and many others.

The protocol: POST {base}/chat/completions with `"stream": true` answers with server-sent events whose data are JSON
objects, and at last `[DONE]`; GET {base}/models lists the models (OpenAI's API reference, "Chat" and "Models").
"""

import json
import os
import time
from collections.abc import AsyncGenerator
from typing import ClassVar

from chat.providers import client, completions, prompt
from chat.providers.base import MAX_REPLY_CHARS, Messages, Provider
from chat.providers.completions import Completion
from chat.providers.decoding import PAGE_TYPES
from chat.providers.errors import UnknownModel, WrongAddress

ADDRESS = "https://api.openai.com/v1"
MAX_LIST_BYTES = 1024 * 1024
LIST_SECONDS = 300.0  # how long a list of models is good for

_listed: dict[str, tuple[float, list[str]]] = {}


class OpenAI(Provider):
    """An OpenAI-compatible server. With no `models`, the server's own list is asked for when a reply needs it."""

    name = "The model server"
    url = os.environ.get("OPENAI_BASE_URL") or ADDRESS
    api_key: ClassVar[str | None] = os.environ.get("OPENAI_API_KEY") or None
    models = tuple(filter(None, map(str.strip, os.environ.get("OPENAI_MODELS", "").split(","))))

    @classmethod
    def get_model(cls, model: str | None) -> str:
        """Return the server's name for `model`, or the default; any name passes while no models are configured."""
        resolved = cls.model_aliases.get(model or "", model or "")
        if resolved and (resolved in cls.models or not cls.models):
            return resolved
        return cls.default_model or next(iter(cls.models), "")

    @classmethod
    async def fetch_models(cls, proxy: str | None = None) -> list[str]:
        """Return the models that the server lists, asked for at most every five minutes. Raises ProviderError."""
        at, listed = _listed.get(cls.url, (0.0, []))
        if not listed or time.monotonic() - at > LIST_SECONDS:
            listed = await cls._list(proxy or cls.proxy)
            _listed[cls.url] = time.monotonic(), listed
        return listed

    @classmethod
    async def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        *,
        max_prompt_chars: int | None = None,
        max_reply_chars: int = MAX_REPLY_CHARS,
        **kwargs: object,
    ) -> AsyncGenerator[str, None]:
        """Yield the reply's text as it arrives; see `AsyncGeneratorProvider`."""
        turns = prompt.fitted(messages, max_prompt_chars)
        chosen = cls.get_model(model) or (await cls.fetch_models(proxy))[0]
        body = json.dumps({"model": chosen, "messages": turns, "stream": True}).encode()
        stream = await cls._opened("POST", "chat/completions", proxy or cls.proxy, body, chosen)
        try:
            if stream.content_type in PAGE_TYPES:
                raise WrongAddress(f"{cls.name} sent a web page instead of an answer.", status=200)
            completion = Completion(max_reply_chars, chosen)
            while not completion.is_over and (chunk := await stream.read()):
                if added := completion.feed(chunk):
                    yield added
            if added := completion.end():
                yield added
            if failure := completion.failure(cls.name):
                raise failure
            await stream.finish()
        finally:
            stream.close()

    @classmethod
    async def _list(cls, proxy: str | None) -> list[str]:
        stream = await cls._opened("GET", "models", proxy)
        try:
            listed = completions.models(await stream.read_all(MAX_LIST_BYTES))
        finally:
            stream.close()
        if listed is None:
            raise WrongAddress(f"{cls.name} sent something that is no list of models.", status=200)
        if not listed:
            raise UnknownModel(f"{cls.name} lists no model; the settings may name one.", status=200)
        return listed

    @classmethod
    async def _opened(
        cls, method: str, path: str, proxy: str | None, body: bytes | None = None, model: str = ""
    ) -> client.Stream:
        """Return the stream of a successful response. Raises the error that another one explains."""
        headers = {"Accept": "application/json" if body is None else "text/event-stream"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if cls.api_key:
            headers["Authorization"] = f"Bearer {cls.api_key}"
        stream = await client.opened(
            cls.name,
            method,
            f"{cls.url.rstrip('/')}/{path}",
            headers=headers,
            body=body,
            proxy=proxy,
            takes_errors=True,
            silence=cls.silence_seconds,
            seconds=cls.reply_seconds if body else 30,
        )
        if stream.status == 200:
            return stream
        try:
            problem = completions.problem(await stream.read_all(completions.MAX_ERROR_BYTES))
        finally:
            stream.close()
        raise completions.explained(cls.name, stream.status, stream.headers, problem, model)

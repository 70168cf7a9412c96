"""MagickPen: a site whose page holds the credentials, and an endpoint that streams an answer as plain text.

The protocol is what public clients of 2024 spoke; docs/providers.md tells it in full.
"""

import json
import os
from collections.abc import AsyncGenerator
from typing import ClassVar

from yarl import URL

from chat.providers import client, credentials, prompt
from chat.providers.base import MAX_REPLY_CHARS, Messages, Provider
from chat.providers.credentials import Credentials, Pair
from chat.providers.decoding import PAGE_TYPES, Text, is_page
from chat.providers.errors import EmptyAnswer, Refused, ReplyTooLong, UnexpectedContent
from chat.providers.visits import Site

ADDRESS = "https://magickpen.com"
API_ENDPOINT = "https://api.magickpen.com/ask"
SALT = "TGDBU9zCgM"


class MagickPen(Provider):
    """The MagickPen service, or the practice upstream, which speaks the same protocol."""

    name = "MagickPen"
    url = os.environ.get("MAGICKPEN_URL") or ADDRESS
    api_endpoint: ClassVar[str] = os.environ.get("MAGICKPEN_API_ENDPOINT") or API_ENDPOINT
    proxy = os.environ.get("MAGICKPEN_PROXY") or None
    salt: ClassVar[str] = os.environ.get("MAGICKPEN_SALT") or SALT
    working = True
    supports_stream = True
    supports_system_message = True
    supports_message_history = True
    default_model = "gpt-4o-mini"
    models: ClassVar[list[str]] = ["gpt-4o-mini"]

    @classmethod
    async def fetch_api_credentials(cls) -> Credentials:
        """Return `(X_API_SECRET, signature, timestamp, nonce, secret)`, freshly signed. Raises ProviderError."""
        return credentials.signed(await credentials.known(cls._site(cls.proxy), cls.url), cls.salt)

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
        """Yield the reply's text as it arrives; see `AsyncGeneratorProvider`. The protocol has no field for `model`."""
        query = prompt.mapped(messages, max_prompt_chars)
        stream = await cls._ask(query, proxy or cls.proxy)
        try:
            cls._refuse_page(stream.content_type in PAGE_TYPES)
            text = Text(max_reply_chars)
            opening = await cls._opening(stream, text, may_be_page=stream.is_chunked and "html" in query.lower())
            yield opening.removeprefix("\ufeff")
            read, feed = stream.read, text.feed
            while not text.is_full and (chunk := await read()):
                if added := feed(chunk):
                    yield added
            if added := text.end():
                yield added
            if text.is_full:
                raise ReplyTooLong(f"The answer is longer than the {max_reply_chars:,} characters this site accepts.")
        finally:
            stream.close()

    @classmethod
    def _site(cls, proxy: str | None) -> Site:
        return Site.of(cls.name, cls.url, cls.api_endpoint, proxy=proxy)

    @classmethod
    async def _ask(cls, query: str, proxy: str | None) -> client.Stream:
        """Post the prompt; with credentials read anew when the known ones are refused."""
        pair = await credentials.known(cls._site(proxy), cls.url)
        try:
            return await cls._post(query, pair, proxy)
        except Refused:
            pass  # raised anew below, outside this block, if the new credentials are refused as well
        return await cls._post(query, await credentials.renewed(cls._site(proxy), cls.url, pair), proxy)

    @classmethod
    async def _post(cls, query: str, pair: Pair, proxy: str | None) -> client.Stream:
        signed = credentials.signed(pair, cls.salt)
        site = str(URL(cls.url).origin())
        headers = {
            "Accept": "application/json, text/plain, */*",
            "Content-Type": "application/json",
            "Origin": site,
            "Referer": f"{site}/",
            "nonce": signed.nonce,
            "secret": signed.secret,
            "signature": signed.signature,
            "timestamp": signed.timestamp,
            "X-API-Secret": signed.api_secret,
        }
        body = json.dumps({"query": query, "turnstileResponse": "", "action": "verify"}, ensure_ascii=False)
        return await client.opened(
            cls.name,
            "POST",
            cls.api_endpoint,
            headers=headers,
            body=body.encode("utf-8", "replace"),
            proxy=proxy,
            silence=cls.silence_seconds,
            seconds=cls.reply_seconds,
        )

    @classmethod
    async def _opening(cls, stream: client.Stream, text: Text, *, may_be_page: bool) -> str:
        """Return the beginning of the text, read until it is plain that it is not a web page's.

        Someone who asks for HTML may get an answer that begins like a page (`may_be_page`): then it must be a
        chunked stream, as this protocol's answers are, and not declared to be a page.
        """
        opening = ""
        while chunk := await stream.read():
            opening += text.feed(chunk)
            looks_like_page = is_page(opening)
            cls._refuse_page(looks_like_page is True and not may_be_page)
            if looks_like_page is not None or text.is_full:
                return opening
        opening += text.end()
        if not opening.strip():
            raise EmptyAnswer(f"{cls.name} sent an empty answer.", status=200)
        return opening

    @classmethod
    def _refuse_page(cls, is_a_page: bool) -> None:
        if is_a_page:
            raise UnexpectedContent(f"{cls.name} sent a web page instead of an answer.", status=200)

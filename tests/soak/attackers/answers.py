"""A user who asks for hostile answers, and reads them as a page does."""

import asyncio
import itertools
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from functools import partial

import aiohttp

from tests.soak.attackers.target import ANSWERS, FAILURES, Target, again_and_again
from tests.soak.attackers.texts import AT_ONCE, GROWING

SETTLED = re.compile(r'data-author="assistant" data-state="(complete|stopped|failed|interrupted)"')
PATIENCE = 45.0


def attacks(target: Target) -> Iterator[asyncio.Task[None]]:
    """One hostile answer in large pieces every five seconds, and one in small pieces every ten."""
    yield _one_after_the_other("hostile answers at once", 5, target, AT_ONCE)
    yield _one_after_the_other("hostile answers that grow", 10, target, GROWING)


def _one_after_the_other(what: str, seconds: float, target: Target, prompts: Iterable[str]) -> asyncio.Task[None]:
    turns = itertools.cycle(prompts)
    return asyncio.create_task(again_and_again(what, seconds, partial(_next, target, turns)))


async def _next(target: Target, turns: Iterator[str]) -> str:
    prompt = next(turns)
    try:
        return f"{prompt.partition(' !')[0]}: {await read(target, prompt)}"
    except FAILURES as error:
        return f"{prompt.partition(' !')[0]}: {type(error).__name__}"


async def read(target: Target, prompt: str) -> str:
    """Asks in a new conversation and reads until the answer has settled; returns its state."""
    account = target.accounts[ANSWERS]
    url = f"http://127.0.0.1:{target.port}"
    headers = {"Cookie": account.cookies, "X-Forwarded-For": "198.18.255.9", "Origin": url}
    connector = aiohttp.TCPConnector(local_addr=("127.0.1.250", 0))
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession(url, headers=headers, cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as http,
    ):
        fields = {"text": prompt, "key": str(uuid.uuid4()), "csrfmiddlewaretoken": account.token}
        async with http.post("/", data=fields, allow_redirects=False) as response:
            if response.status != 303:
                return f"not asked: {response.status}"
        async with http.ws_connect(f"/ws{response.headers['Location'].partition('#')[0]}", max_msg_size=0) as socket:
            return await _until_settled(socket)


async def _until_settled(socket: aiohttp.ClientWebSocketResponse) -> str:
    async for message in socket:
        if message.type != aiohttp.WSMsgType.TEXT:
            continue
        frame = json.loads(message.data)
        if frame["type"] == "fragments":
            await socket.send_json({"type": "ack", "rev": frame["rev"], "pk": frame["pk"]})
            if found := SETTLED.search("".join(fragment.get("html", "") for fragment in frame["fragments"])):
                return found[1]
    return f"closed with {socket.close_code}"

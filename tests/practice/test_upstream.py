"""The protocol as a stranger's client sees it, without this project's provider."""

import asyncio
import random
import re
import time
import zlib

import aiohttp
import pytest

from chat import practice
from chat.providers.base import CONTINUE
from chat.providers.credentials import signature


@pytest.fixture
async def upstream():
    async with practice.serving(port=0, pace=0) as serving:
        yield serving


@pytest.fixture
async def client():
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


def headers(upstream, **changes):
    timestamp, nonce = (
        changes.pop("timestamp", str(int(time.time() * 1000))),
        changes.pop("nonce", str(random.random())),
    )
    return {
        "Accept": "application/json, text/plain, */*",
        "Content-Type": "application/json",
        "Origin": upstream.url,
        "Referer": f"{upstream.url}/",
        "nonce": nonce,
        "secret": upstream.site.secret,
        "signature": signature("TGDBU9zCgM", timestamp, nonce),
        "timestamp": timestamp,
        "X-API-Secret": upstream.site.api_secret,
        **changes,
    }


def body(prompt):
    return {"query": prompt, "turnstileResponse": "", "action": "verify"}


async def test_the_page_refers_to_hashed_scripts_that_hold_the_values(upstream, client):
    page = await (await client.get(upstream.url)).text()
    paths = re.findall(r'<script src="(/_nuxt/[0-9a-f]{20}\.js)"', page)
    texts = [await (await client.get(upstream.url + path)).text() for path in paths]
    assert len(texts) > 2
    assert sum(f'"X-API-Secret":"{upstream.site.api_secret}"' in text for text in texts) == 1
    assert sum(f'secret:"{upstream.site.secret}"' in text for text in texts) == 1


async def test_the_secrets_differ_from_start_to_start(upstream):
    async with practice.serving(port=0) as other:
        assert other.site.secret != upstream.site.secret
        assert set(other.site.scripts).isdisjoint(upstream.site.scripts)


async def test_the_secrets_can_be_chosen():
    async with practice.serving(port=0, api_secret="a", secret="b") as upstream:
        assert (upstream.site.api_secret, upstream.site.secret) == ("a", "b")


async def test_a_rotated_site_has_other_scripts(upstream, client):
    old = next(iter(upstream.site.scripts))
    upstream.rotate()
    assert (await client.get(upstream.url + old)).status == 404


async def test_a_proper_request_is_answered_in_chunks(upstream, client):
    response = await client.post(upstream.api_endpoint, json=body("code"), headers=headers(upstream))
    assert response.status == 200
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.content_type == "text/plain"
    assert "```python" in await response.text()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Origin": "https://elsewhere.example"}, "origin"),
        ({"Referer": "https://elsewhere.example/"}, "referer"),
        ({"Accept": "text/html"}, "accept"),
        ({"secret": "wrong"}, "secrets"),
        ({"X-API-Secret": ""}, "secrets"),
        ({"signature": "0" * 32}, "signature"),
        ({"timestamp": "1700000000000"}, "timestamp"),
        ({"timestamp": str(int(time.time()))}, "timestamp"),
        ({"timestamp": "now"}, "timestamp"),
        ({"nonce": "1.5"}, "nonce"),
        ({"nonce": "nan"}, "nonce"),
        ({"nonce": "x"}, "nonce"),
    ],
)
async def test_an_improper_request_is_refused_with_a_reason(upstream, client, change, reason):
    response = await client.post(upstream.api_endpoint, json=body("code"), headers=headers(upstream, **change))
    assert response.status == 403
    assert reason in (await response.json())["message"]


async def test_a_nonce_is_good_for_one_request(upstream, client):
    same = headers(upstream)
    assert (await client.post(upstream.api_endpoint, json=body("code"), headers=same)).status == 200
    assert (await client.post(upstream.api_endpoint, json=body("code"), headers=same)).status == 403


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"[" * 100_000, b'{"query":"x"}', b'{"query":1,"turnstileResponse":"","action":"verify"}'],
)
async def test_a_strange_body_is_a_bad_request(upstream, client, content):
    response = await client.post(upstream.api_endpoint, data=content, headers=headers(upstream))
    assert response.status == 400


async def test_a_lone_surrogate_is_no_trouble(upstream, client):
    content = b'{"query":"\\ud800 why?","turnstileResponse":"","action":"verify"}'
    response = await client.post(upstream.api_endpoint, data=content, headers=headers(upstream))
    assert "practice upstream" in await response.text()


async def test_only_the_last_user_turn_chooses_a_fault(upstream, client):
    prompt = "User: !500\nAssistant: !429\nUser: poem\nAssistant:"
    response = await client.post(upstream.api_endpoint, json=body(prompt), headers=headers(upstream))
    assert (await response.text()).startswith("### The lamp")


async def test_a_cut_answer_is_continued_where_it_stopped(upstream, client):
    response = await client.post(upstream.api_endpoint, json=body("poem !cut=100"), headers=headers(upstream))
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    whole = await (await client.post(upstream.api_endpoint, json=body("poem"), headers=headers(upstream))).text()
    prompt = f"User: poem !cut=100\nAssistant: {whole[:100]}\nUser: {CONTINUE}\nAssistant:"
    rest = await client.post(upstream.api_endpoint, json=body(prompt), headers=headers(upstream))
    assert whole[:100] + await rest.text() == whole


async def test_pieces_come_at_the_pace_that_is_asked_for(upstream, client):
    began = time.monotonic()
    response = await client.post(upstream.api_endpoint, json=body("!chunks=11 !pace=20"), headers=headers(upstream))
    assert len(await response.text()) == 55
    assert time.monotonic() - began >= 0.2


async def test_an_answer_that_is_hurried_comes_to_its_end_and_the_next_one_takes_its_time(upstream, client):
    slow = await client.post(upstream.api_endpoint, json=body("!chunks=1001 !pace=60000"), headers=headers(upstream))
    await slow.content.readany()
    upstream.hurry()
    async with asyncio.timeout(60):
        await slow.read()
    await test_pieces_come_at_the_pace_that_is_asked_for(upstream, client)


async def test_an_answer_may_be_given_to_a_prompt(upstream, client):
    upstream.given["Who are you? !chunk=1"] = "# Nobody\n\n<b>\n"
    for prompt, told in (("Who are you? !chunk=1", "# Nobody\n\n<b>\n"), ("poem", "### The lamp")):
        response = await client.post(upstream.api_endpoint, json=body(prompt), headers=headers(upstream))
        assert (await response.text()).startswith(told)


async def test_a_client_that_leaves_is_noticed(upstream, client):
    response = await client.post(upstream.api_endpoint, json=body("!stall code"), headers=headers(upstream))
    assert upstream.live == 1
    response.close()
    async with asyncio.timeout(10):
        await upstream.until(lambda: upstream.live == 0)


@pytest.mark.parametrize("wish", ["!endless", "!pace=1 !size=1m", "!stall"])
async def test_clients_that_leave_are_nothing_to_report(upstream, client, caplog, wish):
    async def leave():
        response = await client.post(upstream.api_endpoint, json=body(wish), headers=headers(upstream))
        await response.content.readany()
        response.close()

    async with asyncio.timeout(60):
        await asyncio.gather(*(leave() for _ in range(50)))
        await upstream.until(lambda: upstream.live == 0)
    assert caplog.text == ""


async def test_the_packed_answer_is_small_and_unpacks_to_much(upstream, client):
    response = await client.post(upstream.api_endpoint, json=body("!gzip"), headers=headers(upstream))
    packed = await response.read()
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(packed) < 200_000
    assert len(zlib.decompress(packed, 31)) == 64 * 1024 * 1024

import asyncio
import time

import pytest
from aiohttp import web

from chat.providers import credentials, errors


def test_the_signature_is_the_md5_of_the_sorted_parts():
    assert credentials.signature("TGDBU9zCgM", "1700000000000", "0.5") == "62022d720be5d716824d7005b3f23ffc"


async def test_the_five_values_are_found_and_signed(pen, upstream):
    api_secret, signature, timestamp, nonce, secret = await pen.fetch_api_credentials()
    assert (api_secret, secret) == (upstream.site.api_secret, upstream.site.secret)
    assert signature == credentials.signature(pen.salt, timestamp, nonce)
    assert abs(time.time() * 1000 - int(timestamp)) < 5000
    assert 0 <= float(nonce) < 1


async def test_every_request_is_signed_anew_but_the_site_is_read_once(pen, upstream):
    first, second = await pen.fetch_api_credentials(), await pen.fetch_api_credentials()
    assert first.nonce != second.nonce
    assert first.signature != second.signature
    assert upstream.page_reads == 1


async def test_requests_at_the_same_time_share_one_reading(pen, upstream):
    await asyncio.gather(*(pen.fetch_api_credentials() for _ in range(50)))
    assert upstream.page_reads == 1


async def test_one_who_gives_up_does_not_take_the_reading_from_the_others(serve, bundle_site, pen_at):
    asked, may_answer = asyncio.Event(), asyncio.Event()
    reads = 0

    async def slow_page(request):
        nonlocal reads
        reads += 1
        asked.set()
        await may_answer.wait()
        return web.Response(text='<script src="/_nuxt/1a.js"></script>', content_type="text/html")

    pen = pen_at(await serve({**bundle_site(slow_page), "/": slow_page}))
    leaves, stays = asyncio.create_task(pen.fetch_api_credentials()), asyncio.create_task(pen.fetch_api_credentials())
    await asked.wait()
    leaves.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaves
    may_answer.set()
    assert (await stays).secret == "pensecret"
    assert reads == 1


async def test_a_failed_reading_fails_everyone_who_waited_and_is_forgotten(serve, pen_at):
    reads = 0

    async def broken(request):
        nonlocal reads
        reads += 1
        return web.Response(status=502)

    pen = pen_at(await serve({"/": broken}))
    results = await asyncio.gather(*(pen.fetch_api_credentials() for _ in range(5)), return_exceptions=True)
    assert {type(result) for result in results} == {errors.HTTPError}
    assert len({id(result) for result in results}) == 5
    assert reads == 1
    with pytest.raises(errors.HTTPError):
        await pen.fetch_api_credentials()
    assert reads == 2


async def test_a_rotated_bundle_is_read_again_once(pen, upstream, ask):
    await ask(pen, "Hello")
    upstream.rotate()
    told = await ask(pen, "Hello")
    assert told.error is None
    assert "practice upstream" in told.text
    assert (upstream.page_reads, upstream.posts) == (2, 3)


async def test_a_bundle_may_rotate_again_and_again(pen, upstream, ask):
    for reads in (2, 3, 4):
        assert (await ask(pen, "!rotate code")).error is None
        assert upstream.page_reads == reads


async def test_many_refused_at_once_read_the_site_once(pen, upstream, ask):
    await ask(pen, "Hello")
    upstream.rotate()
    told = await asyncio.gather(*(ask(pen, "Hello") for _ in range(20)))
    assert [each.error for each in told] == [None] * 20
    assert upstream.page_reads == 2


async def test_refused_with_fresh_credentials_is_refused(pen, upstream, ask):
    told = await ask(pen, "!refuse")
    assert type(told.error) is errors.Refused
    assert told.error.status == 403
    assert (upstream.page_reads, upstream.posts) == (2, 2)


@pytest.mark.parametrize("status", [401, 403])
async def test_both_refusals_lead_to_fresh_credentials(serve, bundle_site, pen_at, ask, status):
    posts = []

    async def endpoint(request):
        posts.append((request.headers["nonce"], request.headers["signature"]))
        return web.Response(status=status) if len(posts) == 1 else web.Response(text="Welcome back.")

    told = await ask(pen_at(await serve(bundle_site(endpoint))), "Hello")
    assert told.text == "Welcome back."
    assert len(set(posts)) == 2


@pytest.mark.parametrize(
    ("script", "missing"),
    [
        ('e={"X-API-Secret":"abc"}', ("secret",)),
        ('e={secret:"abc"}', ("X-API-Secret",)),
        ("nothing", ("X-API-Secret", "secret")),
    ],
)
async def test_a_missing_value_is_named(serve, pen_at, script, missing):
    async def page(request):
        return web.Response(text='<script src="/a.js"></script>', content_type="text/html")

    async def bundle(request):
        return web.Response(text=script)

    with pytest.raises(errors.CredentialsNotFound) as raised:
        await pen_at(await serve({"/": page, "/a.js": bundle})).fetch_api_credentials()
    assert raised.value.missing == missing
    assert all(name in str(raised.value) for name in missing)


async def test_a_script_with_both_values_wins_over_halves_found_before(serve, pen_at):
    async def page(request):
        scripts = '<script>window.x={secret:"stray"}</script><script src="/a.js"></script><script src="/b.js"></script>'
        return web.Response(text=scripts, content_type="text/html")

    async def stray(request):
        return web.Response(text='{secret:"another"}')

    async def both(request):
        return web.Response(text='{"X-API-Secret":"abc",secret:"def"}')

    found = await pen_at(await serve({"/": page, "/a.js": stray, "/b.js": both})).fetch_api_credentials()
    assert (found.api_secret, found.secret) == ("abc", "def")


async def test_a_script_that_fails_does_not_hide_the_others(serve, bundle_site, pen_at):
    async def page(request):
        missing = '<script src="/gone.js"></script><script src="http://127.0.0.1:1/dead.js"></script>'
        return web.Response(text=missing + '<script src="/_nuxt/1a.js"></script>', content_type="text/html")

    found = await pen_at(await serve({**bundle_site(page), "/": page})).fetch_api_credentials()
    assert found.secret == "pensecret"


async def test_the_page_may_redirect_and_scripts_are_looked_for_where_it_arrived(serve, bundle_site, pen_at):
    async def start(request):
        raise web.HTTPFound("/app/")

    async def page(request):
        return web.Response(text='<script src="bundle.js"></script>', content_type="text/html")

    site = bundle_site(page)
    site = {"/": start, "/app/": page, "/app/bundle.js": site["/_nuxt/1a.js"]}
    assert (await pen_at(await serve(site)).fetch_api_credentials()).secret == "pensecret"


async def test_a_page_that_redirects_forever_is_refused(serve, pen_at):
    async def around(request):
        raise web.HTTPFound("/")

    with pytest.raises(errors.UnexpectedContent, match="redirects"):
        await pen_at(await serve({"/": around})).fetch_api_credentials()


@pytest.mark.parametrize("huge", ["/", "/_nuxt/1a.js"])
async def test_a_page_or_script_without_end_is_read_up_to_a_bound(serve, bundle_site, pen_at, huge):
    sent = 0

    async def endless(request):
        nonlocal sent
        kind = "text/html" if request.path == "/" else "text/javascript"
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        while True:
            await response.write(b" " * 65536)
            sent += 65536

    with pytest.raises(errors.CredentialsNotFound):
        await pen_at(await serve({**bundle_site(endless), huge: endless})).fetch_api_credentials()
    assert sent < credentials.MAX_SCRIPT_BYTES + 16 * 1024 * 1024  # what the kernel's buffers hold comes on top


async def test_packed_pages_are_refused(serve, pen_at):
    async def packed(request):
        assert request.headers["Accept-Encoding"] == "identity"
        return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})

    with pytest.raises(errors.UnexpectedContent, match="packed"):
        await pen_at(await serve({"/": packed})).fetch_api_credentials()


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://pen.example", "http://[::1", "http://x:99999"])
async def test_an_address_that_is_none_is_the_sites_fault(pen_at, url):
    with pytest.raises(errors.Unreachable) as raised:
        await pen_at(url).fetch_api_credentials()
    assert raised.value.blame == "site"


async def test_a_closed_port_is_the_networks_fault(pen_at):
    with pytest.raises(errors.Unreachable) as raised:
        await pen_at("http://127.0.0.1:1").fetch_api_credentials()
    assert (raised.value.blame, raised.value.retryable) == ("network", True)


async def test_credentials_do_not_show_themselves(pen, upstream):
    shown = repr(await pen.fetch_api_credentials())
    assert upstream.site.secret not in shown
    assert upstream.site.api_secret not in shown


async def test_scripts_elsewhere_get_no_headers_of_ours(serve, pen_at):
    received = {}

    async def foreign(request):
        received.update(request.headers)
        return web.Response(text='{"X-API-Secret":"abc",secret:"def"}', content_type="text/javascript")

    elsewhere = await serve({"/cdn.js": foreign})

    async def page(request):
        return web.Response(text=f'<script src="{elsewhere}/cdn.js"></script>', content_type="text/html")

    pen = pen_at(await serve({"/": page}))
    pen.api_endpoint = f"{elsewhere}/ask"  # the only other place here that an operator may name
    await pen.fetch_api_credentials()
    assert set(received) == {"Host", "Accept", "Accept-Encoding", "User-Agent"}

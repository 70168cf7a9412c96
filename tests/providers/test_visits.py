"""A site that has been taken over leads the provider to nobody else's secrets."""

import socket

import pytest
from aiohttp import web
from yarl import URL

from chat.providers import errors, openai, visits
from tests.providers.conftest import openai_at

BAIT = '{"X-API-Secret":"internal-key",secret:"internal-db-password-1"}'
PAIR = '{"X-API-Secret":"abc",secret:"def"}'


@pytest.fixture
async def neighbour(serve):
    """A service behind the firewall that answers everybody, and what it was asked for."""
    asked = []

    async def metadata(request):
        asked.append(request.path)
        return web.Response(text=BAIT, content_type=request.query.get("type", "text/javascript"))

    address = await serve({"/latest/meta-data/": metadata})
    return f"{address}/latest/meta-data/", asked


def redirecting(target):
    async def redirect(request):
        raise web.HTTPFound(target)

    return redirect


def page_with(*scripts):
    async def page(request):
        return web.Response(
            text="".join(f'<script src="{each}"></script>' for each in scripts), content_type="text/html"
        )

    return page


def script_with(text, content_type="text/javascript", **headers):
    async def script(request):
        return web.Response(text=text, content_type=content_type, headers=headers)

    return script


async def test_a_scripts_redirect_to_a_neighbour_is_not_followed(serve, pen_at, ask, neighbour):
    address, asked = neighbour
    posts = []

    async def endpoint(request):
        posts.append(request.headers)
        return web.Response(text="Thank you.")

    site = await serve({"/": page_with("/go.js"), "/go.js": redirecting(address), "/ask": endpoint})
    told = await ask(pen_at(site), "Hello")
    assert type(told.error) is errors.OffLimits
    assert address.removesuffix("/latest/meta-data/") in str(told.error)
    assert (told.error.blame, told.error.retryable) == ("upstream", False)
    assert (asked, posts) == ([], [])


@pytest.mark.parametrize("spell", ["127.0.0.1", "localhost", "127.1", "0", "[::ffff:127.0.0.1]", "2130706433"])
async def test_no_script_of_a_neighbour_is_read(serve, pen_at, neighbour, spell):
    address, asked = neighbour
    there = address.replace("127.0.0.1", spell)
    with pytest.raises((errors.OffLimits, errors.CredentialsNotFound)):  # the latter where aiohttp refuses the spelling
        await pen_at(await serve({"/": page_with(there)})).fetch_api_credentials()
    assert asked == []


async def test_the_page_itself_may_not_redirect_to_a_neighbour_either(serve, pen_at, neighbour):
    address, asked = neighbour
    with pytest.raises(errors.OffLimits, match="leads to"):
        await pen_at(await serve({"/": redirecting(address)})).fetch_api_credentials()
    assert asked == []


async def test_a_name_that_changes_its_mind_after_a_check_leads_nowhere(serve, pen_at, neighbour, monkeypatch):
    """What counts is the address of the connection, so there is no look-up in between that could be answered anew."""
    address, asked = neighbour
    answers = iter(["93.184.215.14", *["127.0.0.1"] * 9])
    looked_up = []

    def rebinding(host, port, *_more, **_options):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    site = await serve({"/": page_with(address.replace("127.0.0.1", "rebinding.example"))})
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert socket.getaddrinfo("rebinding.example", 1)[0][4][0] == "93.184.215.14"
    with pytest.raises(errors.OffLimits):
        await pen_at(site).fetch_api_credentials()
    assert "rebinding.example" in looked_up
    assert asked == []


async def test_a_neighbour_in_a_page_does_not_hide_the_sites_own_script(serve, pen_at, neighbour):
    site = await serve({"/": page_with(neighbour[0], "/own.js"), "/own.js": script_with(PAIR)})
    assert (await pen_at(site).fetch_api_credentials()).secret == "def"
    assert neighbour[1] == []


async def test_the_site_of_the_settings_may_be_a_neighbour_and_redirect_within_itself(serve, pen_at):
    site = {"/": redirecting("/app/"), "/app/": page_with("/a.js"), "/a.js": redirecting("/b.js")}
    assert (await pen_at(await serve({**site, "/b.js": script_with(PAIR)})).fetch_api_credentials()).secret == "def"


async def test_so_may_the_endpoint_of_the_settings(serve, pen_at):
    api = await serve({"/keys.js": script_with(PAIR)})
    pen = pen_at(await serve({"/": page_with(f"{api}/keys.js")}))
    pen.api_endpoint = f"{api}/ask"
    assert (await pen.fetch_api_credentials()).secret == "def"


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/html", "text/csv", "application/octet-stream", "image/png"]
)
async def test_only_scripts_are_read_as_scripts(serve, pen_at, content_type):
    site = await serve({"/": page_with("/a.js"), "/a.js": script_with(BAIT, content_type)})
    with pytest.raises(errors.CredentialsNotFound):
        await pen_at(site).fetch_api_credentials()


async def test_plain_text_is_a_script_only_where_the_page_is(serve, pen_at):
    text = script_with(PAIR, "text/plain")
    api = await serve({"/a.js": text})
    near = pen_at(await serve({"/": page_with("/a.js"), "/a.js": text}))
    assert (await near.fetch_api_credentials()).secret == "def"
    for site in (
        {"/": page_with("/a.js"), "/a.js": redirecting("/b.js"), "/b.js": text},
        {"/": page_with(f"{api}/a.js")},
    ):
        pen = pen_at(await serve(site))
        pen.api_endpoint = f"{api}/ask"
        with pytest.raises(errors.CredentialsNotFound):
            await pen.fetch_api_credentials()


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/javascript"])
async def test_only_pages_are_read_as_pages(serve, pen_at, content_type):
    with pytest.raises(errors.UnexpectedContent, match="something else"):
        await pen_at(await serve({"/": script_with(PAIR, content_type)})).fetch_api_credentials()


@pytest.mark.parametrize(
    ("here", "target", "is_followed"),
    [
        ("https://pen.example/a", "/b", True),
        ("https://pen.example/a", "https://cdn.example/b", True),
        ("https://pen.example/a", "http://pen.example/a", False),
        ("https://pen.example/a", "http://cdn.example/b", False),
        ("https://pen.example/a", "//cdn.example/b", True),
        ("http://pen.example/a", "https://pen.example/a", True),
        ("http://pen.example/a", "http://pen.example/b", True),
        ("http://pen.example/a", "http://pen.example:8080/b", False),
        ("http://pen.example/a", "http://cdn.example/b", False),
        ("https://pen.example/a", "https://user:word@cdn.example/b", False),
        ("https://pen.example/a", "ftp://pen.example/b", False),
        ("https://pen.example/a", "javascript:alert(1)", False),
        ("https://pen.example/a", "http://[::1", False),
    ],
)
def test_a_redirect_stays_at_its_origin_or_is_secure(here, target, is_followed):
    site = visits.Site.of("Pen", "https://pen.example")
    try:
        followed = visits.target(site, URL(here), target)
    except (errors.OffLimits, errors.UnexpectedContent):
        followed = None
    assert bool(followed) is is_followed


async def test_with_a_proxy_what_is_plainly_private_is_refused_before_it_is_asked(serve, pen_at):
    asked = []

    async def page(request):
        asked.append(request.url.host)
        text = "".join(f'<script src="http://{host}/a.js"></script>' for host in ("169.254.169.254", "redis", "127.1"))
        return web.Response(text=text, content_type="text/html")

    proxy = await serve({"/": page, "/a.js": script_with(BAIT)})
    pen = pen_at("http://pen.example")
    pen.proxy = proxy
    with pytest.raises(errors.OffLimits):
        await pen.fetch_api_credentials()
    assert len(asked) == 1


@pytest.mark.parametrize("url", ["nonsense", "http://[::1", "http://x:99999"])
async def test_with_a_proxy_an_address_that_is_none_is_still_the_settings_fault(serve, pen_at, url):
    pen = pen_at(url)
    pen.proxy = await serve({})
    with pytest.raises(errors.Unreachable) as raised:
        await pen.fetch_api_credentials()
    assert raised.value.blame == "site"


async def test_the_log_tells_the_operator_which_address_was_refused(serve, pen_at, neighbour, caplog):
    there = URL(neighbour[0]).origin()
    for site in ({"/": redirecting(neighbour[0])}, {"/": page_with(neighbour[0])}):
        caplog.clear()
        with pytest.raises(errors.OffLimits):
            await pen_at(await serve(site)).fetch_api_credentials()
        told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert len(told) == 1
        assert f"{there.host}:{there.port}" in told[0]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_key_travels_with_a_redirect(serve, ask, status):
    received = []

    async def elsewhere(request):
        received.append(request.headers)
        return web.Response()

    other = await serve({"/chat/completions": elsewhere, "/models": elsewhere, "/ask": elsewhere})

    async def away(request):
        return web.Response(status=status, headers={"Location": other + request.path})

    server = openai_at(await serve({"/chat/completions": away, "/models": away}), models=())
    openai._listed.clear()
    assert isinstance((await ask(server, "Hello")).error, errors.WrongAddress)
    server.models = ("small",)
    assert isinstance((await ask(server, "Hello")).error, errors.WrongAddress)
    assert received == []

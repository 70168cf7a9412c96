"""Reads a site's page and scripts, and goes nowhere that the site has no business to send us to.

An address of the settings is the operator's word: whatever machine is there is meant. Anything else, a script or the
target of a redirect, must be on the open Internet, which is checked when the connection is made.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from yarl import URL

from chat.providers import addresses, client
from chat.providers.errors import OffLimits, UnexpectedContent

MOST_REDIRECTS = 5
PAGES = {"text/html", "application/xhtml+xml"}
SCRIPTS = {
    f"{kind}/{name}" for kind in ("application", "text") for name in ("javascript", "x-javascript", "ecmascript")
}


class Site(NamedTuple):
    """Whose site it is for people, what the settings name, and by what way one gets there."""

    name: str
    named: frozenset[URL]
    proxy: str | None = None

    @classmethod
    def of(cls, name: str, *urls: str, proxy: str | None = None) -> "Site":
        """Addresses that are none name nothing; whoever opens them says so."""
        return cls(name, frozenset(filter(None, map(_origin, urls))), proxy)


async def page(site: Site, url: str, limit: int) -> tuple[str, URL]:
    """Return a page's text, at most its first `limit` bytes, and the address it came from. Raises ProviderError."""
    return await _read(site, url, limit, PAGES)


async def script(site: Site, url: URL, limit: int, *, page: URL) -> str:
    """Return a script's text, at most its first `limit` bytes. Raises ProviderError.

    As browsers do, plain text passes for a script, but only straight from where the page is: nobody gains by it there.
    """
    own = {"text/plain"} if url.origin() == page.origin() else set()
    text, _ = await _read(site, str(url), limit, SCRIPTS, own)
    return text


async def _read(
    site: Site, url: str, limit: int, types: Collection[str], types_at_once: Collection[str] = ()
) -> tuple[str, URL]:
    for hop in range(MOST_REDIRECTS + 1):
        async with _opened(site, url) as stream:
            if stream.status in client.REDIRECTS:
                url = str(target(site, stream.url, stream.headers.get("Location", "")))
                continue
            if stream.content_type not in types and (hop or stream.content_type not in types_at_once):
                raise UnexpectedContent(f"{site.name}'s site sent something else than was asked for.", status=200)
            return (await stream.read_all(limit))[:limit].decode("utf-8", "replace"), stream.url
    raise UnexpectedContent(f"{site.name} redirects without arriving anywhere.")


@asynccontextmanager
async def _opened(site: Site, url: str) -> AsyncIterator[client.Stream]:
    """With a proxy, that one looks names up and connects: then only what can be seen in the address is refused."""
    origin = _origin(url)
    is_checked = origin not in site.named
    if is_checked and origin and site.proxy and addresses.is_written_off_limits(origin):
        raise _off_limits(site.name, origin)
    async with AsyncExitStack() as stack:
        through = None
        if is_checked and not site.proxy:
            through = await stack.enter_async_context(client.new_session(is_open_only=True))
        stream = await client.opened(
            site.name,
            "GET",
            url,
            headers={"Accept": "*/*"},
            proxy=site.proxy,
            through=through,
            takes_redirects=True,
            silence=10,
            seconds=30,
        )
        stack.callback(stream.close)
        yield stream


def target(site: Site, here: URL, location: str) -> URL:
    """Return where a redirect leads: on within its origin, or to where a certificate says whose it is.

    Raises OffLimits for another place, UnexpectedContent for none."""
    try:
        there = here.join(URL(location))
        is_within = there.origin() == here.origin()
    except ValueError:
        there, is_within = None, False
    if there is None:
        raise UnexpectedContent(f"{site.name} redirects without arriving anywhere.")
    if there.user or not (is_within or there.scheme == "https"):
        raise _off_limits(site.name, there)
    return there


def _off_limits(name: str, url: URL) -> OffLimits:
    return OffLimits(f"{name}'s site leads to {url.origin()}, where this server does not go.")


def _origin(url: str) -> URL | None:
    try:
        return URL(url).origin()
    except ValueError:
        return None

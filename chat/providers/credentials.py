"""The two values of MagickPen's bundle: found on its site, kept, found anew when refused; and what signs a request."""

import asyncio
import copy
import hashlib
import logging
import random
import time
from typing import NamedTuple

from chat.providers import bundle, visits
from chat.providers.errors import CredentialsNotFound, CredentialsUnread, OffLimits, ProviderError, Stalled
from chat.providers.visits import Site

MAX_PAGE_BYTES = 2 * 1024 * 1024
MAX_SCRIPT_BYTES = 4 * 1024 * 1024
FIND_SECONDS = 90.0

_Fetch = tuple[asyncio.AbstractEventLoop, str, Site]


class Pair(NamedTuple):
    """What the bundle holds: `X-API-Secret` and `secret`."""

    api_secret: str
    secret: str

    def __repr__(self) -> str:
        return "Pair(…)"


class Credentials(NamedTuple):
    """What one request carries: the 5-tuple of the public clients of 2024. Its repr shows no value."""

    api_secret: str
    signature: str
    timestamp: str
    nonce: str
    secret: str

    def __repr__(self) -> str:
        return "Credentials(…)"


_log = logging.getLogger(__name__)
_known: dict[str, Pair] = {}
_fetches: dict[_Fetch, asyncio.Task[Pair | ProviderError]] = {}


def signed(pair: Pair, salt: str) -> Credentials:
    """Return fresh credentials: milliseconds since the epoch, a random number in [0, 1), and their signature."""
    timestamp = str(time.time_ns() // 1_000_000)
    nonce = f"{random.SystemRandom().random():.16f}"
    return Credentials(pair.api_secret, signature(salt, timestamp, nonce), timestamp, nonce, pair.secret)


def signature(salt: str, timestamp: str, nonce: str) -> str:
    """Return the MD5 hex digest of the three texts, sorted and joined (public clients of 2024)."""
    joined = "".join(sorted([salt, timestamp, nonce]))
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()


async def known(site: Site, url: str) -> Pair:
    """Return the values of the site whose page is at `url`, read from there only if they are not known yet.

    Callers at the same time share one reading, which a caller that gives up does not cancel.
    """
    if url in _known:
        return _known[url]
    key = (asyncio.get_running_loop(), url, site)
    if key not in _fetches:
        _fetches[key] = asyncio.create_task(_fetch(site, url))
        _fetches[key].add_done_callback(lambda _: _fetches.pop(key, None))
    found = await asyncio.shield(_fetches[key])
    if isinstance(found, ProviderError):
        raise copy.copy(found)
    return found


async def renewed(site: Site, url: str, refused: Pair) -> Pair:
    """Return values read after `refused` was: those another request already found, or new ones."""
    if _known.get(url) == refused:
        del _known[url]
    return await known(site, url)


async def _fetch(site: Site, url: str) -> Pair | ProviderError:
    try:
        async with asyncio.timeout(FIND_SECONDS):
            _known[url] = await _find(site, url)
            return _known[url]
    except ProviderError as error:
        if isinstance(error, OffLimits):
            _log.warning("%s", error)
        return error
    except TimeoutError:
        return Stalled(f"Reading {site.name}'s site took too long.")


async def _find(site: Site, url: str) -> Pair:
    """Read the page, then each script it refers to until both values are found; a script with both wins."""
    page, address = await visits.page(site, url, MAX_PAGE_BYTES)
    found = bundle.values(page)
    unread: list[ProviderError] = []
    for script in bundle.scripts(page, address):
        if not found.missing:
            break
        try:
            text = await visits.script(site, script, MAX_SCRIPT_BYTES, page=address)
        except ProviderError as error:
            unread.append(error)
            continue
        here = bundle.values(text)
        both = bundle.Values(found.api_secret or here.api_secret, found.secret or here.secret)
        found = both if here.missing else here
    if found.api_secret is None or found.secret is None:
        raise _explained(site, found, unread)
    return Pair(found.api_secret, found.secret)


def _explained(site: Site, found: bundle.Values, unread: list[ProviderError]) -> ProviderError:
    """Why a value was not found: the first script that led to where we do not go, or else that none has it."""
    if off_limits := [error for error in unread if isinstance(error, OffLimits)]:
        return off_limits[0]
    wanted = " and ".join(found.missing)
    sentence = f"{site.name}'s site no longer contains what a request needs ({wanted})."
    kind = CredentialsUnread if unread else CredentialsNotFound
    return kind(sentence, missing=found.missing)

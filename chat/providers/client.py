"""The HTTP client all providers share: one session per event loop, every wait and every size bounded."""

import asyncio
import atexit
import contextlib
import logging
from collections.abc import AsyncGenerator, Mapping

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from chat.providers import addresses, errors

CONNECTIONS = 4096  # aiohttp's own default of 100 would queue the 101st stream
CONNECT_SECONDS = 10.0
FINISH_SECONDS = 0.1
REDIRECTS = {301, 302, 303, 307, 308}

_FAULTS = (aiohttp.ClientError, HttpProcessingError, OSError, TimeoutError, ValueError)
_held: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, AsyncGenerator[aiohttp.ClientSession, None]]] = {}
_log = logging.getLogger(__name__)


class Stream:
    """A response whose body is read as it arrives."""

    def __init__(self, response: aiohttp.ClientResponse, name: str, deadline: float) -> None:
        self.name = name
        self.content_type = response.content_type if "Content-Type" in response.headers else ""
        self.is_chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        self.url = response.url
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._readany = response.content.readany
        self._time = asyncio.get_running_loop().time
        self._deadline = deadline

    async def read(self) -> bytes:
        """Return what has arrived, waiting for at least one byte; b"" at the end. Raises Stalled or CutOff."""
        if self._time() > self._deadline:
            raise errors.Stalled(f"{self.name} did not come to an end in time.")
        self._listen()
        try:
            return await self._readany()
        except (*_FAULTS, RuntimeError) as error:
            failure = _failure_in_the_middle(self.name, error)
        finally:
            self._rest()
        if rest := self._take_rest():
            return rest
        raise failure

    def _listen(self) -> None:
        if transport := self._transport():
            transport.resume_reading()

    def _rest(self) -> None:
        """Let what comes until the next `read` wait in the socket: taking it in one go costs a third of the time."""
        if transport := self._transport():
            transport.pause_reading()

    def _transport(self) -> asyncio.Transport | None:
        """The connection's transport; None once the response has ended, and the connection serves the next one."""
        connection = self._response.connection
        return None if connection is None else connection.transport

    async def read_all(self, limit: int) -> bytes:
        """Return the whole body, or its first `limit` bytes or a little more."""
        body = bytearray()
        while len(body) < limit and (chunk := await self.read()):
            body += chunk
        return bytes(body)

    async def finish(self) -> None:
        """Give an upstream that said its last word a moment to end the response: then the connection serves again."""
        with contextlib.suppress(errors.ProviderError, TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                while await self.read():
                    pass

    def close(self) -> None:
        """Close the connection at once, in the middle of the body too; after its end, leave it to the next request."""
        self._response.close()

    def _take_rest(self) -> bytes:
        """Return the bytes that arrived before the fault: aiohttp raises without handing them over."""
        content = self._response.content
        return content._read_nowait(-1) if content._buffer else b""


async def opened(
    name: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    proxy: str | None = None,
    through: aiohttp.ClientSession | None = None,
    takes_errors: bool = False,
    takes_redirects: bool = False,
    silence: float,
    seconds: float,
) -> Stream:
    """Send a request to the upstream called `name` and return its response as a stream to be closed.

    Redirects are never followed, as secrets would go along; a caller that `takes_redirects` looks where they lead.
    `through` is another session than the one that all share.
    `silence` bounds each wait for bytes and `seconds` all of the response, both in seconds.
    Raises Unreachable, OffLimits, Stalled, UnexpectedContent, or the error of a status that the caller does not take.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        async with asyncio.timeout(min(seconds, CONNECT_SECONDS + silence)):
            response = await (through or await session()).request(
                method,
                _address(url),
                data=body,
                headers={"Accept-Encoding": "identity", **headers},
                proxy=_proxy(proxy),
                allow_redirects=False,
                timeout=_timeout(silence),
            )
    except _FAULTS as error:
        failure = _failure_at_the_start(name, error)
    else:
        refusal = _refusal(name, response, takes_errors, takes_redirects)
        if refusal is None:
            return Stream(response, name, deadline)
        response.close()
        raise refusal
    raise failure


async def session() -> aiohttp.ClientSession:
    """Return the running loop's session: closed by `close`, when `asyncio.run` ends the loop, or else at exit."""
    loop = asyncio.get_running_loop()
    if loop in _held and not _held[loop][0].closed:
        return _held[loop][0]
    _forget_closed_loops()
    lifetime = _lifetime(loop)
    _held[loop] = (await anext(lifetime), lifetime)
    return _held[loop][0]


async def close() -> None:
    """Close the running loop's session and its connections; the next request opens a new one."""
    held = _held.get(asyncio.get_running_loop())
    if held:
        await held[1].aclose()


async def _lifetime(loop: asyncio.AbstractEventLoop) -> AsyncGenerator[aiohttp.ClientSession, None]:
    """Own one session, and close it with this generator: `shutdown_asyncgens` does, before a loop ends."""
    opened_session = new_session()
    try:
        yield opened_session
    finally:
        _held.pop(loop, None)
        await opened_session.close()


def new_session(*, is_open_only: bool = False) -> aiohttp.ClientSession:
    """Return a session to be closed; one that `is_open_only` connects to the open Internet and nowhere else."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=CONNECTIONS,
            limit_per_host=0,
            ttl_dns_cache=60,
            socket_factory=addresses.checked_socket if is_open_only else None,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),  # one person's cookie must not travel with the next one's prompt
        headers={"User-Agent": "Mozilla/5.0 (compatible; MagickPenChat)"},
        auto_decompress=False,  # 200 KB of gzip can unpack to 200 MB
        trust_env=False,
    )


def _forget_closed_loops() -> None:
    """Drop the sessions of loops that were closed without `shutdown_asyncgens`: nothing can be awaited on them."""
    for loop, (left_over, _) in list(_held.items()):
        if loop.is_closed():
            left_over.detach()
            del _held[loop]


@atexit.register
def _close_at_exit() -> None:
    """Close the sessions of loops that were stopped but never closed, as under Twisted's reactor."""
    _forget_closed_loops()
    for loop, (left_over, lifetime) in list(_held.items()):
        if loop.is_running():  # in a thread that dies with the interpreter
            left_over.detach()
        else:
            with contextlib.suppress(RuntimeError, TimeoutError):
                loop.run_until_complete(asyncio.wait_for(lifetime.aclose(), 1))


def _address(url: str) -> URL:
    """Return an address that names a path: a proxy may refuse one without."""
    address = URL(url)
    return address.with_path("/", keep_query=True) if address.raw_path == "/" else address


def _proxy(address: str | None) -> URL | None:
    """Return a proxy's address. Raises ValueError for one without a host: aiohttp would silently go without a proxy."""
    proxy = URL(address) if address else None
    if proxy is not None and not proxy.host:
        raise ValueError("no host")
    return proxy


def _timeout(silence: float) -> aiohttp.ClientTimeout:
    """Return aiohttp's limits; `connect` covers what `sock_connect` does not: name look-up, proxy and queue."""
    return aiohttp.ClientTimeout(
        total=None, connect=2 * CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=silence
    )


def _refusal(
    name: str, response: aiohttp.ClientResponse, takes_errors: bool, takes_redirects: bool
) -> errors.ProviderError | None:
    if takes_redirects and response.status in REDIRECTS:
        return None
    if response.status != 200 and not (takes_errors and response.status >= 400):
        return errors.for_status(name, response.status, response.headers)
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        return errors.UnexpectedContent(f"{name} sent packed content although it was asked not to.", status=200)
    return None


def _failure_at_the_start(name: str, error: Exception) -> errors.ProviderError:
    """Return what an exception before the response's headers means; its own words stay out: they may name secrets."""
    _log.info("No response from %s: %s", name, type(error).__name__)
    match error:
        case aiohttp.ClientProxyConnectionError():
            return errors.ProxyUnreachable("The configured proxy cannot be reached.")
        case aiohttp.ClientHttpProxyError(status=407):
            return errors.for_status(name, 407, {})
        case aiohttp.ClientHttpProxyError():
            sentence = f"The configured proxy refused to connect (HTTP {error.status})."
            return errors.ProxyUnreachable(sentence, status=error.status)
        case aiohttp.ClientConnectorError(os_error=addresses.NotOpen()):
            return errors.OffLimits(f"{name}'s site leads to {error.host}:{error.port}, where this server does not go.")
        case aiohttp.ClientConnectorDNSError():
            return errors.Unreachable(f"{name} cannot be reached: no server has its name.")
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return errors.Insecure(f"{name} cannot be reached over a secure connection.")
        case aiohttp.ConnectionTimeoutError():
            return errors.Unreachable(f"{name} did not accept a connection in time.")
        case TimeoutError():
            return errors.Stalled(f"{name} did not begin to answer in time.")
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return errors.UnexpectedContent(f"{name} sent something that is not HTTP.")
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientConnectionResetError():
            return errors.HungUp(f"{name} closed the connection without an answer.")
        case ValueError() | aiohttp.NonHttpUrlClientError():
            sentence = f"{name} has no usable address, or no usable proxy, in the settings."
            return errors.UnusableAddress(sentence)
        case _:
            return errors.Unreachable(f"{name} cannot be reached.")


def _failure_in_the_middle(name: str, error: Exception) -> errors.ProviderError:
    _log.info("The reply of %s broke off: %s", name, type(error).__name__)
    if isinstance(error, TimeoutError):
        return errors.Stalled(f"{name} stopped sending in the middle of the answer.")
    return errors.CutOff(f"{name} was cut off in the middle of the answer.")

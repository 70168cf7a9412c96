"""Answers a request as its message wishes: properly, or with one of the faults an upstream may show."""

import asyncio
import contextlib
import itertools
import zlib
from collections.abc import Callable, Iterator
from functools import cache

from aiohttp import web

from chat.practice import streaming
from chat.practice.streaming import Manner
from chat.practice.wishes import Wishes

Wrap = Callable[[str], bytes]

_PLAIN = "text/plain; charset=utf-8"
_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>"
    "<body><h1>Checking your browser</h1><p>This is a practice page.</p></body></html>"
)
_AFTER_CHARS = 200
_UNPACKED = 64 * 1024 * 1024


async def respond(
    request: web.Request,
    wished: Wishes,
    text: str,
    manner: Manner,
    *,
    content_type: str = _PLAIN,
    wrap: Wrap = lambda piece: piece.encode("utf-8", "replace"),
    ending: bytes = b"",
) -> web.StreamResponse:
    """Answer with `text`. `wrap` makes a piece of text into the protocol's bytes; `ending` tells that all was said."""
    instead = await _something_else(request, wished)
    if instead is not None:
        return instead
    manner = manner.wished(wished)
    await asyncio.sleep(manner.delay / 1000)
    response = web.StreamResponse(headers={"Content-Type": content_type, "Cache-Control": "no-cache"})
    response.enable_chunked_encoding()
    with contextlib.suppress(ConnectionResetError):  # the client left: nothing to report
        await response.prepare(request)
        parts = _parts(wished, text, manner, wrap)
        pace = manner.pace / 6 if "utf8" in wished.faults else manner.pace  # a word has about six bytes
        await streaming.write(response, parts, pace, manner.hurried)
        await _end(request, response, wished, ending)
    return response


async def _something_else(request: web.Request, wished: Wishes) -> web.StreamResponse | None:
    """Return what is answered instead of a stream of text, if that is wished."""
    if wished.status is not None:
        return _error(wished)
    for fault in wished.faults:
        match fault:
            case "silent":
                await asyncio.Event().wait()
            case "html":
                return web.Response(text=_PAGE, content_type="text/html")
            case "portal":
                return web.Response(text=_PAGE, content_type="text/plain")
            case "redirect":
                return web.Response(status=302, headers={"Location": "/elsewhere"})
            case "empty":
                return web.Response(text="", content_type="text/plain")
            case "gzip":
                headers = {"Content-Encoding": "gzip", "Content-Type": _PLAIN}
                return web.Response(body=await asyncio.to_thread(_bomb), headers=headers)
            case "binary":
                return web.Response(body=bytes(range(256)) * 16, content_type="application/octet-stream")
            case "garbage" | "reset":
                return _without_http(request, b"\x16\x03\x01 not HTTP\r\n\r\n" if fault == "garbage" else b"")
    return None


def _error(wished: Wishes) -> web.Response:
    status = wished.status or 500
    wait = wished.value(str(status), 30)
    headers = {"Retry-After": f"{wait:.0f}"} if status in (429, 503) else {}
    return web.json_response({"message": "an error on request"}, status=status, headers=headers)


def _parts(wished: Wishes, text: str, manner: Manner, wrap: Wrap) -> Iterator[bytes]:
    """Yield what is written to the connection, piece by piece."""
    if "endless" in wished.faults:
        text_pieces: Iterator[str] = itertools.cycle(streaming.pieces(text, manner.chunk or 1000))
    elif "line" in wished.faults:
        text_pieces = streaming.pieces(text, 64 * 1024)
    else:
        after = next((wished.value(fault, _AFTER_CHARS) for fault in ("cut", "stall") if fault in wished.faults), None)
        text_pieces = streaming.pieces(text if after is None else text[: int(after)], manner.chunk)
    if "utf8" not in wished.faults:
        return map(wrap, text_pieces)
    return (bytes([byte]) for piece in text_pieces for byte in wrap(piece))


async def _end(request: web.Request, response: web.StreamResponse, wished: Wishes, ending: bytes) -> None:
    """End the answer properly, or hang up without its last chunk, or not at all."""
    if "cut" in wished.faults and request.transport is not None:
        request.transport.close()
        return
    if "stall" in wished.faults:
        await asyncio.Event().wait()
    if ending:
        await response.write(ending)
    await response.write_eof()


def _without_http(request: web.Request, sent: bytes) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.write(sent)
        request.transport.close()
    return web.Response()


@cache
def _bomb() -> bytes:
    """Return a little gzip that unpacks to a lot."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1024 * 1024)
    return b"".join(packer.compress(block) for _ in range(_UNPACKED // len(block))) + packer.flush()

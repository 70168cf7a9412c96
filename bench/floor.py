"""The floor: a bare aiohttp relay. A prompt comes in by WebSocket, each chunk of its answer goes out as a frame.

Nothing is saved, rendered or checked. Runs by itself: `python -m bench.floor PORT UPSTREAM`.
"""

import sys
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

SESSION = web.AppKey("session", aiohttp.ClientSession)
UPSTREAM = web.AppKey("upstream", str)


async def relay(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for frame in socket:
        await answer(request.app, socket, frame.data)
    return socket


async def answer(app: web.Application, socket: web.WebSocketResponse, prompt: str) -> None:
    async with app[SESSION].post(app[UPSTREAM], json={"query": prompt}) as response:
        async for chunk in response.content.iter_any():
            await socket.send_str(chunk.decode())


async def session(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as app[SESSION]:
        yield


def application(upstream: str) -> web.Application:
    app = web.Application()
    app[UPSTREAM] = f"{upstream}/ask"
    app.cleanup_ctx.append(session)
    app.router.add_get("/", relay)
    return app


if __name__ == "__main__":
    web.run_app(application(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)

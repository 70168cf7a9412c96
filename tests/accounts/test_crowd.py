"""A crowd at the door waits on the event loop: few are let in, few more wait, and the others hear so at once."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from chat.accounts import crowd
from chat.accounts.hashing import MOST_WAITING, Busy


class Room:
    """What lies behind the door: people stay until they are let out."""

    def __init__(self) -> None:
        self.inside = self.most = self.served = 0
        self.opened = asyncio.Event()

    async def enter(self, request: HttpRequest) -> HttpResponse:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.opened.wait()
        self.inside -= 1
        self.served += 1
        return HttpResponse("in")


def form(path: str = "/accounts/login/", method: str = "POST") -> HttpRequest:
    request = HttpRequest()
    request.method, request.path = method, path
    return request


async def test_few_are_let_in_at_once_and_all_who_may_wait_are_served() -> None:
    room = Room()
    door: Any = crowd.middleware(room.enter)
    served = [asyncio.create_task(door(form())) for _ in range(crowd.MOST_AT_ONCE + MOST_WAITING)]
    while room.inside < crowd.MOST_AT_ONCE:
        await asyncio.sleep(0)
    room.opened.set()
    assert {answer.status_code for answer in await asyncio.gather(*served)} == {200}
    assert (room.most, room.served) == (crowd.MOST_AT_ONCE, crowd.MOST_AT_ONCE + MOST_WAITING)


async def test_one_too_many_is_told_when_to_come_again(caplog: pytest.LogCaptureFixture) -> None:
    room = Room()
    door: Any = crowd.middleware(room.enter)
    served = [asyncio.create_task(door(form())) for _ in range(crowd.MOST_AT_ONCE + MOST_WAITING)]
    while room.inside < crowd.MOST_AT_ONCE:
        await asyncio.sleep(0)
    answer = await door(form())
    assert (answer.status_code, answer["Retry-After"]) == (503, str(crowd.RETRY_SECONDS))
    assert "Many people are signing in" in answer.content.decode()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    room.opened.set()
    await asyncio.gather(*served)


@pytest.mark.parametrize(("path", "method"), [("/accounts/login/", "GET"), ("/", "POST"), ("/c/x/", "POST")])
async def test_who_only_looks_or_talks_does_not_wait_there(path: str, method: str) -> None:
    room = Room()
    door: Any = crowd.middleware(room.enter)
    served = [asyncio.create_task(door(form(path, method))) for _ in range(3 * crowd.MOST_AT_ONCE)]
    while room.inside < len(served):
        await asyncio.sleep(0)
    room.opened.set()
    await asyncio.gather(*served)
    assert room.most == 3 * crowd.MOST_AT_ONCE


async def test_who_has_waited_for_too_long_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "LONGEST_WAIT_SECONDS", 0.01)
    queue = crowd.Queue()
    async with AsyncExitStack() as everybody:
        for _ in range(crowd.MOST_AT_ONCE):
            await everybody.enter_async_context(queue.turn())
        with pytest.raises(Busy):
            await queue.turn().__aenter__()
    async with queue.turn():
        pass  # a place that was left is free again

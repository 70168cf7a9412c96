"""Somebody else writes to Redis: nothing of it is run, believed, or in anybody's way."""

import json
import pickle
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
import redis
from django.core.cache import cache
from django.test import Client

from chat import limits
from chat.models import User
from chat.refusals import Refused
from magickpen_site.programs import Missing, Redis
from tests.people import PASSWORD, is_in, sign_in
from tests.stand.site import Site
from tests.stand.visitor import Visitor

EXPORTED = "magickpen:1:chat.export.{}.{}"


class Evil:
    """A pickle of it makes a file where it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    try:
        server = Redis()
    except Missing as error:
        pytest.skip(str(error))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def outsider(server: Redis, load: Any, settings: Any) -> Iterator[redis.Redis]:
    """Whoever reaches Redis past the site, whose cache is there."""
    settings.CACHES = load(REDIS_URL=server.url)["CACHES"]
    with redis.Redis.from_url(server.url) as outsider:
        outsider.flushall()
        yield outsider
    cache.close()


@pytest.fixture
def alice(db: None) -> User:
    """An account of this process, not of a site beside it."""
    return User.objects.create_user("alice", password=PASSWORD)


def overwritten(outsider: redis.Redis, value: Any) -> int:
    """Writes the value under every key that is there; returns how many."""
    keys = list(outsider.scan_iter("*"))
    for key in keys:
        outsider.set(key, value)
    return len(keys)


def test_a_pickle_in_redis_runs_nothing_and_stands_in_nobodys_way(
    outsider: redis.Redis, alice: User, tmp_path: Path
) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        bait = pickle.dumps(Evil(tmp_path / "ran"), protocol)
        outsider.flushall()
        sign_in(Client(), password="wrong")
        assert overwritten(outsider, bait)
        outsider.set(EXPORTED.format(alice.pk, 0), bait)
        browser = Client()
        assert sign_in(browser).status_code == 302
        assert browser.get("/settings/export/").status_code == 200
        assert cache.get("anything", "nothing") == "nothing"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"\xff\xfe", b"5", b"-1e999", b"null", b"true", b'"text"', b'{"a": 1}', b'["x"]', b"[" * 100_000,
     b"0" * 64 + b"[]", b"9" * 5000, "ж".encode() * 100],
)  # fmt: skip
def test_nonsense_reads_as_nothing(outsider: redis.Redis, alice: User, nonsense: bytes) -> None:
    sign_in(Client(), password="wrong")
    assert overwritten(outsider, nonsense)
    browser = Client(raise_request_exception=False)
    assert sign_in(browser).status_code == 302
    assert is_in(browser)


@pytest.mark.parametrize("make", ["rpush", "sadd", "hset", "zadd"])
def test_so_does_what_is_no_text(outsider: redis.Redis, alice: User, make: str) -> None:
    sign_in(Client(), password="wrong")
    for key in list(outsider.scan_iter("*")):
        outsider.delete(key)
        values = {"hset": ("a", "b"), "zadd": ({"a": 1},)}.get(make, ("a",))
        getattr(outsider, make)(key, *values)
    assert sign_in(Client(raise_request_exception=False)).status_code == 302


def test_an_entry_that_was_moved_to_another_key_reads_as_nothing(outsider: redis.Redis) -> None:
    cache.set("mine", [1.5])
    outsider.copy("magickpen:1:mine", "magickpen:1:another")  # type: ignore[no-untyped-call]
    assert cache.get("mine") == [1.5]
    assert cache.get("another") is None


@pytest.mark.usefixtures("outsider")
def test_limits_are_still_counted(alice: User) -> None:
    for _ in range(5):
        limits.take_export(alice)
    with pytest.raises(Refused) as refused:
        limits.take_export(alice)
    assert 3500 < (refused.value.retry_after or 0) <= 3601
    answers = [sign_in(Client(), password="wrong").content for _ in range(6)]
    assert answers[-1].count(b"Too many") == 1


@pytest.mark.usefixtures("outsider")
@pytest.mark.parametrize("value", [None, True, 0, -(2**70), 1.25, "ж\0", [], [1.5, "a", [True]], {"a": {"b": []}}])
def test_what_the_site_keeps_comes_back_as_it_was(value: Any) -> None:
    cache.set("one", value)
    cache.set_many({"two": value, "three": value})
    found = [cache.get("one", "gone"), *cache.get_many(["two", "three", "four"]).values()]
    assert found == [value] * 3
    assert {type(each) for each in found} == {type(value)}


@pytest.mark.usefixtures("outsider")
@pytest.mark.parametrize("value", [b"a", (1, 2), {1: 2}, {1, 2}, uuid.UUID(int=0), object(), [b"a"], float("nan")])
def test_what_would_come_back_as_something_else_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        cache.set("one", value)
    assert cache.get("one") is None


HOSTILE: list[bytes] = [
    b"",
    b"\xc1",
    b"\xff" * 1000,
    b"\x91" * 5000,
    pickle.dumps({"from": "x"}),
    *map(
        msgpack.packb,
        [
            None,
            [],
            5,
            "beat",
            {},
            {"type": "websocket.receive"},
            {"from": "x"},
            {"from": "x", "changes": 5},
            {"from": "x", "changes": "[]", "signature": None},
            {"from": "x", "changes": "[" * 100_000, "signature": "0" * 64},
            {"from": "x", "changes": b"\xff", "signature": "ж"},
        ],
    ),
]


async def test_pages_show_nothing_that_another_has_put_into_the_channel(pair: Site) -> None:
    writing, reading = pair.webs
    assert pair.redis is not None
    async with Visitor.signed_in(writing) as alice:
        conversation = await alice.begin(writing, "A long one !pace=20 !size=6k")
        async with alice.watching(reading, conversation) as far:
            await far.until_chars(100)
            forged = _forged(conversation, far.pk, far.rev)
            with redis.Redis.from_url(pair.redis.url) as outsider:
                for bait in [*HOSTILE, *forged]:
                    assert outsider.publish("magickpen__group__beats", bait) == len(pair.webs)
            before = len(far.frames)
            await far.until(lambda: len(far.frames) > before + 10, "changes flow as before", 10)
            await far.until_state("complete")
            assert not any("forged" in json.dumps(frame) for frame in far.frames)
            assert far.shown == (await alice.page(writing, conversation)).shown
    assert 1 <= reading.said().count("a message that is not understood") <= 2
    assert "The channel layer is slow or gone" not in reading.said()
    assert "Traceback" not in reading.said()


def _forged(conversation: Any, pk: int, rev: int) -> list[bytes]:
    """What would put words into a page, if it were believed."""
    words = {"type": "fragments", "pk": pk, "rev": rev + 1, "fragments": [{"id": f"m-{pk}", "html": "forged"}]}
    batch = json.dumps([[uuid.UUID(str(conversation)).hex, pk, rev + 1, json.dumps(words), None, ""]])
    return [
        msgpack.packb({"type": "beat", "from": "x", "changes": batch, **more})
        for more in ({}, {"signature": ""}, {"signature": "0" * 64})
    ]

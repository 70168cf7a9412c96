"""A rate limit: so many at once, so many a second."""

import pytest

from chat.consumers import bucket
from chat.consumers.bucket import Bucket


class Clock:
    """Stands still unless it is moved."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(bucket, "time", clock)
    return clock


@pytest.mark.usefixtures("clock")
def test_so_many_at_once_and_not_one_more() -> None:
    limit = Bucket(rate=2, burst=3)
    assert [limit.take() for _ in range(5)] == [True, True, True, False, False]


def test_time_gives_back_at_the_rate_and_no_more_than_the_burst(clock: Clock) -> None:
    limit = Bucket(rate=2, burst=3)
    assert limit.take(3)
    clock.now += 1
    assert [limit.take() for _ in range(3)] == [True, True, False]
    clock.now += 1000
    assert [limit.take() for _ in range(4)] == [True, True, True, False]


def test_what_was_refused_is_no_debt(clock: Clock) -> None:
    limit = Bucket(rate=1, burst=1)
    assert limit.take()
    assert not any(limit.take() for _ in range(100))
    clock.now += 1
    assert limit.take()


@pytest.mark.usefixtures("clock")
def test_a_large_one_takes_many() -> None:
    limit = Bucket(rate=1, burst=10)
    assert limit.take(8)
    assert not limit.take(3)

"""A provider's day is shared out by the number of people who ask, and they are counted seldom, to the same end."""

import random

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from chat.limits import fairness, standing
from chat.limits.standing import DAY_MS, MINUTE_MS
from chat.models import Spent, User
from chat.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)

NOW = 1_800_000_000_000


class Day:
    """A day with a provider of which `most` answers may be had, at a time that the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        self.now, self.most = NOW, most
        monkeypatch.setattr(standing, "now_ms", lambda: self.now)
        monkeypatch.setattr(fairness, "_counted", {})

    def may(self, user: User) -> bool:
        """Whether the user may have one more answer; who may, has it."""
        spent = Spent.objects.create(user=user, at_ms=self.now, provider="pen")
        try:
            fairness.check(user.pk, "pen", standing.read(user.pk, "pen").of_provider, self.most)
        except Refused:
            spent.delete()
            return False
        return True

    def should(self, user: User) -> bool:
        """The same, as a person would reckon it who counts everything every time."""
        rows = Spent.objects.filter(provider="pen", at_ms__gt=self.now - DAY_MS)
        total = rows.count() + 1
        own = rows.filter(user=user).count() + 1
        people = rows.exclude(user=user).aggregate(count=Count("user", distinct=True))["count"] + 1
        return total <= self.most and (total <= self.most // 2 or own <= max(1, self.most // people))


@pytest.mark.parametrize("seed", range(4))
def test_who_may_ask_is_the_same_as_if_all_were_counted_every_time(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(fairness, "WORTH_REMEMBERING", 0)
    chance = random.Random(seed)
    people = User.objects.bulk_create(User(username=f"u{n}", lookalike=f"u{n}") for n in range(12))
    day, outcomes = Day(monkeypatch, 40), []
    with CaptureQueriesContext(connection) as queries:
        for _ask in range(400):
            day.now += chance.choice([1, MINUTE_MS // 2, 5 * MINUTE_MS, 40 * MINUTE_MS])
            user = people[int(chance.triangular(0, len(people), 0))]
            outcomes.append((day.should(user), day.may(user)))
    assert {(True, True), (False, False)} == set(outcomes)
    counted = sum("SELECT DISTINCT user_id" in query["sql"] for query in queries)
    asked = sum("user_id = " in query["sql"] and "provider = 'pen'" in query["sql"] for query in queries)
    assert 0 < counted < asked


def test_a_crowd_is_not_counted_with_every_answer(monkeypatch: pytest.MonkeyPatch, alice: User, bob: User) -> None:
    crowd = User.objects.bulk_create(User(username=f"u{n}", lookalike=f"u{n}") for n in range(1000))
    rows = [Spent(user=crowd[n % 1000], at_ms=NOW - n * 1000, provider="pen") for n in range(11_000)]
    Spent.objects.bulk_create(rows, 2000)
    day = Day(monkeypatch, 20_000)
    with CaptureQueriesContext(connection) as queries:
        assert [day.may(alice) for _answer in range(20)] == [True] * 19 + [False]
        assert [day.may(bob) for _answer in range(18)] == [True] * 18
    # Once to begin with, and once each for who stands where the crowd's last minute decides.
    assert 0 < sum("SELECT DISTINCT user_id" in query["sql"] for query in queries) <= 8

"""The database thread: in order, together, and each job's failure is its own."""

import asyncio
import threading

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.utils import translation
from psycopg.errors import DeadlockDetected

from chat import database
from chat.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def _closed() -> object:
    yield
    await asyncio.to_thread(database.close)


def make(name: str) -> int:
    return User.objects.create(username=name).pk


async def test_waiting_jobs_share_a_transaction_and_fail_alone() -> None:
    jobs = [database.submit(make, name) for name in ("one", "two", "one", "three")]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, int, IntegrityError, int]
    assert await User.objects.acount() == 3


async def test_a_single_job_that_fails_leaves_nothing() -> None:
    def half() -> None:
        make("one")
        raise ValueError

    with pytest.raises(ValueError):
        await database.run(half)
    assert await User.objects.acount() == 0


async def test_a_result_is_committed_when_it_arrives() -> None:
    pk = await database.run(make, "one")
    assert await User.objects.filter(pk=pk).aexists()


async def test_a_lost_connection_is_told_and_the_next_job_gets_a_new_one() -> None:
    def lose() -> None:
        connection.close()
        raise OperationalError

    with pytest.raises(OperationalError):
        await database.run(lose)
    assert await database.run(make, "one")


async def test_work_speaks_the_language_of_its_caller() -> None:
    with translation.override("ru"):
        assert await database.run(translation.get_language) == "ru"
    assert await database.run(translation.get_language) == "en"


async def test_a_caller_who_leaves_does_not_stop_the_others() -> None:
    leaving, staying = database.submit(make, "one"), database.submit(make, "two")
    leaving.cancel()
    assert await staying


@pytest.mark.parametrize("times", [1, 3])
async def test_a_deadlock_costs_nobody_their_work(times: int) -> None:
    """PostgreSQL ends one of two transactions that wait for each other; alone, each job then goes through, at last."""
    tries = []

    def collide() -> int:
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError from DeadlockDetected()
        return make("two")

    gate = threading.Event()
    database.submit(gate.wait)  # so that both others are waiting when their turn comes
    one, two = database.submit(make, "one"), database.submit(collide)
    gate.set()
    assert await one
    assert await two
    assert await User.objects.acount() == 2

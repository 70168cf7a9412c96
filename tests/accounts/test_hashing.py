"""Hashing of passwords: few at once, a short queue, little memory, and the same work for every name."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import argon2
import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.hashers import Argon2PasswordHasher as DjangosOwn
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from chat.accounts import first_administrator, hashing
from chat.accounts.hashing import Busy, Gate
from chat.models import User
from tests.people import NEW, PASSWORD, SIGNUP, is_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 30.0
NEW_PASSWORD = {"password1": "new-ink-77", "password2": "new-ink-77"}


# The gate


def in_thread(work: Callable[[], Any]) -> Any:
    """What the work returns, or raises, in a thread of its own."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Busy as busy:
            found.append(busy)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(SOON)
    return found[0]


@contextmanager
def somebody_inside(gate: Gate) -> Iterator[None]:
    """Another thread has its turn until the end of the block."""
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with gate.turn():
            entered.set()
            leave.wait(SOON)

    thread = threading.Thread(target=stay)
    thread.start()
    assert entered.wait(SOON)
    try:
        yield
    finally:
        leave.set()
        thread.join(SOON)


def knock(gate: Gate) -> bool:
    with gate.turn():
        return True


def until_waiting(gate: Gate, count: int) -> None:
    deadline = time.monotonic() + SOON
    while gate._waiting != count:
        assert time.monotonic() < deadline, f"{count} threads wait"
        time.sleep(0.001)


def test_a_crowd_comes_in_a_few_at_a_time_and_everybody_in_turn() -> None:
    gate, inside, most, order = Gate(1, 12, SOON), [0], [0], []

    def come(number: int) -> None:
        with gate.turn():
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            order.append(number)
            inside[0] -= 1

    threads = [threading.Thread(target=come, args=(number,)) for number in range(12)]
    with somebody_inside(gate):
        for count, thread in enumerate(threads, 1):
            thread.start()
            until_waiting(gate, count)
    for thread in threads:
        thread.join(SOON)
    assert most == [1]
    assert order == list(range(12))


def test_two_are_inside_at_once_and_the_third_waits() -> None:
    gate = Gate(2, 0, SOON)
    with somebody_inside(gate):
        assert in_thread(lambda: knock(gate)) is True
        with somebody_inside(gate):
            assert isinstance(in_thread(lambda: knock(gate)), Busy)
    assert knock(gate)


def test_nobody_waits_for_long() -> None:
    gate = Gate(1, 5, 0.01)
    with somebody_inside(gate):
        assert isinstance(in_thread(lambda: knock(gate)), Busy)
        assert gate._waiting == 0
    assert knock(gate)


def test_whoever_is_inside_needs_no_second_turn() -> None:
    gate = Gate(1, 0, 0)
    with gate.turn(), gate.turn():
        pass
    assert in_thread(lambda: knock(gate)) is True


def test_a_turn_ends_with_an_error_too() -> None:
    gate = Gate(1, 0, 0)
    with pytest.raises(ZeroDivisionError), gate.turn():
        _nothing = 1 / 0
    assert in_thread(lambda: knock(gate)) is True


def test_nobody_waits_within_a_transaction_as_all_who_write_would_wait_too() -> None:
    gate = Gate(1, 5, SOON)
    with somebody_inside(gate), transaction.atomic(), pytest.raises(Busy), gate.turn():
        pytest.fail("nobody may come in")


# What one hash takes


@pytest.fixture
def hashed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[int, int, int]]:
    """The hashes that are really made: kibibytes, passes and threads of each."""
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.Argon2PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    found: Counter[tuple[int, int, int]] = Counter()
    make, look = argon2.low_level.hash_secret, argon2.PasswordHasher.verify

    def counted_make(*args: Any, **costs: Any) -> bytes:
        found[costs["memory_cost"], costs["time_cost"], costs["parallelism"]] += 1
        return make(*args, **costs)

    def counted_look(self: Any, encoded: str, password: str) -> Any:
        costs = argon2.extract_parameters(encoded)
        found[costs.memory_cost, costs.time_cost, costs.parallelism] += 1
        return look(self, encoded, password)

    monkeypatch.setattr(argon2.low_level, "hash_secret", counted_make)
    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted_look)
    return found


OWASP = (46 * 1024, 1, 1)
DJANGOS = (102_400, 2, 8)


def add_old(name: str) -> User:
    """Somebody whose password was kept before, with what Django has in mind."""
    user = User.objects.create(username=name, password=DjangosOwn().encode(PASSWORD, "a-salt-that-is-long-enough"))
    cache.clear()
    return user


def cost(hashed: Counter[Any], work: Callable[[], Any]) -> Counter[Any]:
    hashed.clear()
    work()
    return hashed.copy()


def test_a_sign_in_takes_the_memory_that_a_small_server_has(hashed: Counter[Any], client: Client) -> None:
    User.objects.create_user("alice", password=PASSWORD)
    assert cost(hashed, lambda: sign_in(client)) == {OWASP: 1}
    assert is_in(client)


def test_an_old_password_is_kept_in_the_new_way_from_the_next_sign_in_on(hashed: Counter[Any], client: Client) -> None:
    user = add_old("alice")
    assert cost(hashed, lambda: sign_in(client)) == {DJANGOS: 1, OWASP: 1}
    assert is_in(client)
    user.refresh_from_db()
    assert f"m={OWASP[0]},t={OWASP[1]},p={OWASP[2]}" in user.password
    assert cost(hashed, lambda: sign_in(Client())) == {OWASP: 1}


def test_old_new_and_unknown_names_and_those_without_password_take_as_long(hashed: Counter[Any]) -> None:
    User.objects.create_user("newer", password=PASSWORD)
    User.objects.create_user("nameless").set_unusable_password()
    names = ["newer", "nameless", "nobody"]
    assert [cost(hashed, lambda name=name: sign_in(Client(), name, "wrong")) for name in names] == [{OWASP: 1}] * 3
    add_old("older")
    costs = [cost(hashed, lambda name=name: sign_in(Client(), name, "wrong")) for name in [*names, "older"]]
    assert costs == [{OWASP: 1, DJANGOS: 1}] * 4


@pytest.mark.usefixtures("hashed")
def test_asking_for_an_old_password_again_keeps_the_session_that_asks() -> None:
    user, browser = add_old("alice"), Client()
    browser.force_login(user)
    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    user.refresh_from_db()
    assert not user.password.startswith(hashing.OLD_WAY)
    assert is_in(browser)


# What people are told when it is full


@pytest.fixture
def full(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Nobody gets a turn until the change is undone."""
    with monkeypatch.context() as change:
        change.setattr(hashing, "GATE", Gate(0, 0, 0))
        yield change


def is_calm(answer: Any) -> bool:
    return (answer.status_code, answer["Retry-After"], "Many people" in answer.content.decode()) == (503, "5", True)


def test_who_comes_when_it_is_full_is_told_so_and_has_not_guessed(
    client: Client, alice: User, full: pytest.MonkeyPatch
) -> None:
    for _again in range(12):
        assert is_calm(sign_in(client))
        assert is_calm(sign_in(client, "nobody"))
    full.undo()
    assert sign_in(client).status_code == 302


@pytest.mark.usefixtures("full")
def test_no_door_hashes_past_the_gate(client: Client, alice: User, settings: Any) -> None:
    settings.SIGNUP = "open"
    client.force_login(alice)
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.Argon2PasswordHasher"]
    User.objects.filter(pk=alice.pk).update(password=DjangosOwn().encode(PASSWORD, "a-salt-that-is-long-enough"))
    browser = Client()
    browser.force_login(User.objects.get(pk=alice.pk))
    key = f"{user_pk_to_url_str(alice)}-{default_token_generator.make_token(User.objects.get(pk=alice.pk))}"
    stranger = Client()
    form = stranger.get(f"/accounts/password/reset/key/{key}/")["Location"]
    assert form.endswith("-set-password/")
    assert is_calm(stranger.post(form, NEW_PASSWORD))
    assert is_calm(browser.post("/accounts/reauthenticate/", {"password": PASSWORD}))
    assert is_calm(browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, **NEW_PASSWORD}))
    assert is_calm(Client().post(SIGNUP, NEW))
    assert is_calm(Client().post(f"/setup/{first_administrator.token()}/", NEW | {"username": "boss"}))
    assert not User.objects.exclude(pk=alice.pk).exists()

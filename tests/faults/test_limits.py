"""Limits hold across processes: nobody passes one by asking two of them in the same moment, on PostgreSQL."""

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest

from magickpen_site.programs import PostgreSQL
from tests.stand.site import PASSWORD, Site
from tests.stand.visitor import Visitor
from tests.stand.waiting import until

INLINE = {"limits-TOTAL_FORMS": "0", "limits-INITIAL_FORMS": "0"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Iterator[Site]:
    """Two processes; the provider allows ten messages a day."""
    limits = {"MAGICKPEN_DAILY_MESSAGES": "10", "CHAT_CONCURRENT_REPLIES": "100"}
    with Site(tmp_path_factory.mktemp("limits"), webs=2, postgresql=postgresql, **limits) as site:
        yield site


async def add_person(admin: Visitor, site: Site, name: str) -> None:
    form = {"username": name, "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    await admin.post(site.webs[0], "/admin/chat/user/add/", **form, **INLINE)


async def ask_at_once(site: Site, *people: Visitor, times: int) -> list[Counter[int]]:
    """Everybody asks so often in the same moment, of every process in turn; what each was answered, by status."""
    answers = await asyncio.gather(*(status(visitor, site, number) for number in range(times) for visitor in people))
    return [Counter(answers[place :: len(people)]) for place in range(len(people))]


async def status(visitor: Visitor, site: Site, number: int) -> int:
    web = site.webs[number % len(site.webs)]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', await visitor.get(web, "/"))
    assert token
    form = {"text": "Hello", "key": str(uuid.uuid4()), "csrfmiddlewaretoken": token[1]}
    async with visitor.http.post(f"{web.url}/", data=form, allow_redirects=False) as response:
        return response.status


async def test_the_day_of_a_provider_is_not_passed_and_shared_fairly(site: Site) -> None:
    async with Visitor.signed_in(site.webs[0]) as alice:
        await add_person(alice, site, "bob")
        async with Visitor.signed_in(site.webs[1], "bob") as bob:
            assert await ask_at_once(site, alice, bob, times=1) == [{303: 1}, {303: 1}]
            assert await ask_at_once(site, alice, bob, times=8) == [{303: 4, 429: 4}] * 2
    assert site.query("SELECT COUNT(*) FROM chat_spent") == [(10,)]


async def test_two_tabs_on_two_processes_do_not_pass_a_persons_day(site: Site) -> None:
    site.query("DELETE FROM chat_spent")
    async with Visitor.signed_in(site.webs[0]) as alice:
        await add_person(alice, site, "dora")
        site.query(
            "INSERT INTO chat_limits (user_id, per_day, only_models) SELECT id, 3, '' FROM chat_user"
            " WHERE username = 'dora'"
        )
        async with Visitor.signed_in(site.webs[1], "dora") as dora:
            assert await ask_at_once(site, dora, times=10) == [{303: 3, 429: 7}]
    assert site.query("SELECT COUNT(*) FROM chat_spent") == [(3,)]


async def asked_while_held(site: Site, visitor: Visitor, *statements: str) -> int:
    """The answer to a prompt that meets another process in the middle of spending: it must wait for that to end."""
    assert site.postgresql is not None
    with psycopg.connect(site.postgresql.address(site.database)) as another:
        for statement in statements:
            another.execute(statement)  # type: ignore[call-overload]
        asking = asyncio.create_task(status(visitor, site, 0))

        async def is_held_up() -> bool:
            return asking.done() or bool(site.query(WAITING))

        await until(is_held_up, "the process waits for the other one")
        assert not asking.done(), "nobody waited for the other process"
    return await asking


WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
ID = "(SELECT id FROM chat_user WHERE username = 'dora')"
SPENT = "INSERT INTO chat_spent (user_id, at_ms, provider) SELECT {}, (extract(epoch FROM now()) * 1000)::bigint, '{}'"


async def test_a_process_waits_for_one_that_is_just_spending(site: Site) -> None:
    site.query("DELETE FROM chat_spent")
    async with Visitor.signed_in(site.webs[0], "dora") as dora:
        rest_of_her_day = SPENT.format(ID, "openai") + " FROM generate_series(1, 3)"
        hold = f"SELECT 1 FROM chat_user WHERE id = {ID} FOR NO KEY UPDATE"
        assert await asked_while_held(site, dora, hold, rest_of_her_day) == 429
        site.query("DELETE FROM chat_spent")
        rest_of_the_site = SPENT.format("NULL", "magickpen") + " FROM generate_series(1, 10)"
        hold = "SELECT pg_advisory_xact_lock(hashtext('chat provider magickpen'))"
        assert await asked_while_held(site, dora, hold, rest_of_the_site) == 429
    assert site.query("SELECT COUNT(*) FROM chat_spent") == [(10,)]

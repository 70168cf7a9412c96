"""Who may listen is looked at again and again, and a quiet page stays connected."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.stand.site import NAME, PASSWORD, Site
from tests.stand.visitor import Visitor, settled

SIGNED_OUT = 4401


async def sign_out(site: Site, visitor: Visitor, name: str) -> None:
    await visitor.post(site.webs[0], "/accounts/logout/")


async def change_password(site: Site, visitor: Visitor, name: str) -> None:
    site.query("UPDATE chat_user SET password = %s WHERE username = %s", hashed("other-pen-10"), name)


async def deactivate(site: Site, visitor: Visitor, name: str) -> None:
    site.query("UPDATE chat_user SET is_active = false WHERE username = %s", name)


@pytest.mark.parametrize("end", [sign_out, change_password, deactivate])
async def test_the_end_of_a_session_closes_its_sockets(
    whole: Site, end: Callable[[Site, Visitor, str], Awaitable[None]]
) -> None:
    name = f"bob-{uuid.uuid4().hex[:8]}"
    add_user(whole, name)
    async with Visitor.signed_in(whole.webs[0], name) as bob:
        conversation = await bob.begin(whole.webs[0], "Hello!")
        await settled(bob, whole.webs[0], conversation)
        async with (
            bob.watching(whole.webs[0], conversation) as here,
            bob.watching(whole.webs[1], conversation) as there,
        ):
            for page in (here, there):
                await page.until_state("complete")
            await end(whole, bob, name)
            codes = await asyncio.gather(here.until_closed(8), there.until_closed(8))
        assert codes == [SIGNED_OUT, SIGNED_OUT]


async def test_a_quiet_socket_stays_open(whole: Site, alice: Visitor) -> None:
    conversation = await alice.begin(whole.webs[0], "Hello!")
    await settled(alice, whole.webs[0], conversation)
    async with (
        alice.watching(whole.webs[0], conversation) as here,
        alice.watching(whole.webs[1], conversation) as there,
    ):
        await asyncio.sleep(15)  # nothing happens, which is the point
        await here.ask("Still there?")
        for page in (here, there):
            await page.until_messages(4)
            assert page.closed is None


def hashed(password: str) -> str:
    """As the site stores it: the suite's own setting is quicker and unknown to the site."""
    return PBKDF2PasswordHasher().encode(password, "salt-salt-salt-salt-22")


def add_user(site: Site, name: str) -> None:
    """A user like Alice, with her password, and no administrator."""
    columns = [row[0] for row in site.query(COLUMNS)]
    mine = {"username": "%s", "lookalike": "%s", "password": "%s", "is_superuser": "false", "is_staff": "false"}
    values = ", ".join(mine.get(column, column) for column in columns)
    given = {"username": name, "lookalike": name, "password": hashed(PASSWORD)}
    site.query(
        f"INSERT INTO chat_user ({', '.join(columns)}) SELECT {values} FROM chat_user WHERE username = %s",
        *(given[column] for column in columns if column in given),
        NAME,
    )


COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'chat_user' AND column_name <> 'id'"

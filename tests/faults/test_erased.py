"""After the deletion of an account, its texts stand in none of the database's files, on a real site."""

import sqlite3
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from tests.stand.site import NAME, PASSWORD, ROOT, Site
from tests.stand.visitor import Visitor
from tests.stand.waiting import until


@pytest_asyncio.fixture
async def dora(single: Site) -> AsyncIterator[Visitor]:
    """Somebody without rights, who has said a secret in every place that keeps words."""
    own = ("id", "username", "lookalike", "is_staff", "is_superuser", "system_prompt")
    same = ", ".join(row[1] for row in single.query("PRAGMA table_info(chat_user)") if row[1] not in own)
    single.query(
        f"INSERT INTO chat_user (username, lookalike, is_staff, is_superuser, system_prompt, {same})"
        f" SELECT 'dora', 'dora', 0, 0, %s, {same} FROM chat_user WHERE username = %s",
        *(SECRET, NAME),
    )
    async with Visitor.signed_in(single.webs[0], "dora") as dora:
        for number in range(5):
            conversation = await dora.begin(single.webs[0], f"{SECRET} number {number} !pace=1")
            async with dora.watching(single.webs[0], conversation) as page:
                await page.until_state("complete")
        yield dora


SECRET = f"sesame-{uuid.uuid4().hex}"


def files(site: Site) -> list[Path]:
    return sorted((site.home / "data").glob("chat.sqlite3*"))


def found(site: Site) -> dict[str, int]:
    """How often the secret stands in which file."""
    counts = {path.name: path.read_bytes().count(SECRET.encode()) for path in files(site)}
    return {name: count for name, count in counts.items() if count}


async def delete_account(site: Site, dora: Visitor) -> None:
    await dora.post(site.webs[0], "/accounts/reauthenticate/", password=PASSWORD)
    status, _, page = await dora.submit(site.webs[0], "/settings/delete/", name="dora")
    assert status == 200, page
    assert not site.query("SELECT 1 FROM chat_user WHERE username = 'dora'")


async def test_nothing_of_a_deleted_account_is_left_in_any_file(single: Site, dora: Visitor) -> None:
    assert found(single)
    await delete_account(single, dora)
    assert found(single) == {}
    single.webs[0].kill()
    assert found(single) == {}


async def test_nothing_of_all_conversations_either(single: Site, dora: Visitor) -> None:
    single.query("UPDATE chat_user SET system_prompt = ''")
    await dora.post(single.webs[0], "/settings/", action="delete-conversations", sure="yes")
    assert not single.query("SELECT 1 FROM chat_message")
    assert found(single) == {}


@pytest.mark.usefixtures("dora")
async def test_what_policy_removes_is_gone_as_well(single: Site) -> None:
    single.query("UPDATE chat_user SET system_prompt = ''")
    single.query("UPDATE chat_conversation SET updated = '2020-01-01 00:00:00'")
    web = single.webs[0]
    environment = {**web.environment, "CHAT_RETENTION_DAYS": "30"}
    subprocess.run([sys.executable, "manage.py", "retain"], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert not single.query("SELECT 1 FROM chat_message")
    assert found(single) == {}


async def test_a_reader_in_the_way_only_delays_it(single: Site, dora: Visitor) -> None:
    path = single.home / "data" / "chat.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM chat_message").fetchone()[0]
        await delete_account(single, dora)
        assert found(single)
        reader.execute("COMMIT")

    async def is_gone() -> bool:
        return not found(single)

    await until(is_gone, "the text is gone from all files")

"""The sites on which faults are tried: real processes, started once where a test leaves them whole."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from magickpen_site.programs import Missing, PostgreSQL, find
from tests.stand.site import Site
from tests.stand.visitor import Visitor


@pytest.fixture
def single(tmp_path: Path) -> Iterator[Site]:
    """One web process on SQLite, to be broken."""
    with Site(tmp_path) as site:
        yield site
        tell(site)


@pytest.fixture
def pair(tmp_path: Path, postgresql: PostgreSQL) -> Iterator[Site]:
    """Two web processes on PostgreSQL and Redis, to be broken; only PostgreSQL is needed by others."""
    with Site(tmp_path, webs=2, postgresql=postgresql) as site:
        yield site
        tell(site)


def tell(site: Site) -> None:
    """Prints what the web processes have said, which pytest shows when the test has failed."""
    for web in site.webs:
        print(web.said())  # noqa: T201


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two web processes whose PostgreSQL may be broken as well, and must be mended by each test."""
    with _server() as postgresql, Site(tmp_path_factory.mktemp("fragile"), webs=2, postgresql=postgresql) as site:
        yield site


@pytest.fixture(scope="session")
def _whole(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("whole")
    with Site(home, webs=2, postgresql=postgresql, CHAT_MAX_REPLY_CHARS="2000000") as site:
        yield site


@pytest.fixture
def whole(_whole: Site) -> Iterator[Site]:
    """Two web processes on PostgreSQL and Redis that many tests share, and that each must leave alive."""
    yield _whole
    assert all(web.process is not None and web.process.poll() is None for web in _whole.webs)


@pytest_asyncio.fixture
async def alice(whole: Site) -> AsyncIterator[Visitor]:
    """Alice's browser at the shared site."""
    async with Visitor.signed_in(whole.webs[0]) as visitor:
        yield visitor


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The PostgreSQL server on which each site gets a database of its own."""
    with _server() as server:
        yield server


@contextmanager
def _server() -> Iterator[PostgreSQL]:
    try:
        find("redis-server", "redis-server")  # without Redis, several processes are no site either
        server = PostgreSQL()
    except Missing as error:
        pytest.skip(str(error))
    try:
        server.start()
        yield server
    finally:
        server.stop()

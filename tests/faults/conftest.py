"""The sites on which faults are tried: real processes, started once where a test leaves them whole."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from magickpen_site.programs import Missing
from tests.stand.site import Site
from tests.stand.visitor import Visitor


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def single(tmp_path: Path) -> Iterator[Site]:
    """One web process on SQLite, to be broken."""
    with Site(tmp_path) as site:
        yield site


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Site]:
    """Two web processes on a PostgreSQL and a Redis of their own, to be broken."""
    with _or_skip(tmp_path) as site:
        yield site


@pytest.fixture(scope="session")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with _or_skip(tmp_path_factory.mktemp("whole"), CHAT_MAX_REPLY_CHARS="2000000") as site:
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


def _or_skip(home: Path, **environment: str) -> Site:
    try:
        return Site(home, webs=2, **environment)
    except Missing as error:
        pytest.skip(str(error))

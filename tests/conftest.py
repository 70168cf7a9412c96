"""For every test: where nothing may be skipped (CHAT_TESTS_NO_SKIP=1, as in .ci/run), a skipped one has failed."""

import asyncio
import os
import runpy
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import connection

from chat import database, practice, providers, replies
from chat.consumers import patrol
from chat.models import User
from chat.providers import MagickPen
from chat.replies.engine import Engine
from tests.stand.quickstart import data, port, prepared, start  # noqa: F401 - fixtures
from tests.strangers import Alices

ROOT = Path(__file__).resolve().parent.parent
KEY = "a-key-for-these-tests-0123456789-abcdefghijklmnopqrstuvwxyz"
NO_SKIP = os.environ.get("CHAT_TESTS_NO_SKIP") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return refuse_skip(report)


def refuse_skip(report: Any) -> Any:
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here, but this was: {report.longrepr[-1]}"
    return report


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Generator[None]:
    """As ever; and PostgreSQL is rid of connections that ended threads have left, as it keeps a database in use."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()"
                " AND datname = current_database()"
            )


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Guesses that another test has made are not this one's."""
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    """Owns the conversations."""
    return User.objects.create_user("alice", password="pen-and-ink-9")


@pytest.fixture
def bob(db: None) -> User:
    """Another user."""
    return User.objects.create_user("bob", password="pen-and-ink-9")


@pytest.fixture
def charlie(db: None) -> User:
    """Reviews."""
    return User.objects.create_superuser("charlie", password="pen-and-ink-9")


@pytest.fixture
def alices(alice: User) -> Alices:
    """What is hers, with a word in all of it that nobody else may read."""
    return Alices(alice)


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Runs settings.py with these variables and no others."""

    def load(**variables: str) -> dict[str, Any]:
        given = {"ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path), "SECRET_KEY": KEY} | variables
        with mock.patch.dict(os.environ, given, clear=True):
            return runpy.run_path(str(ROOT / "magickpen_site" / "settings.py"))

    return load


@pytest.fixture
def mailing(settings: Any) -> None:
    """The settings as EMAIL_URL makes them; mail lands in `mail.outbox`."""
    settings.HAS_MAIL = True
    settings.ACCOUNT_LOGIN_METHODS = {"username", "email"}
    settings.ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture
async def upstream(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[practice.upstream.Upstream, None]:
    """The practice upstream, in a hurry, as the only provider."""
    async with practice.serving(port=0, pace=0.0) as serving:
        monkeypatch.setattr(MagickPen, "url", serving.url)
        monkeypatch.setattr(MagickPen, "api_endpoint", serving.api_endpoint)
        yield serving


@pytest.fixture
async def engine(transactional_db: None, upstream: practice.upstream.Upstream) -> AsyncGenerator[Engine, None]:
    """The reply engine of this test's event loop, ended with everything it opened."""
    yield replies.open_engine()
    replies.close()
    patrol.close()
    await providers.close()
    await asyncio.to_thread(database.close)

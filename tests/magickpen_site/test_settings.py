"""What becomes of what the environment says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from chat import database
from chat.providers import PROVIDERS
from chat.replies.engine import Engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("value", "port", "ssl", "tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://me:p%40ss@mail.example.org", 587, False, True),
        ("smtps://me:p%40ss@mail.example.org:4465", 4465, True, False),
    ],
)
def test_a_mail_server_turns_mail_on(load: Any, value: str, port: int, ssl: bool, tls: bool) -> None:
    found = load(EMAIL_URL=value)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.org", port)
    assert (found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (ssl, tls)
    assert found["EMAIL_HOST_PASSWORD"] == ("p@ss" if "@ss" in value or "%40" in value else "")
    assert found["ACCOUNT_EMAIL_VERIFICATION"] == "mandatory"
    assert found["ACCOUNT_LOGIN_METHODS"] == {"username", "email"}


def test_without_a_mail_server_nobody_is_asked_for_an_address(load: Any) -> None:
    found = load()
    assert (found["HAS_MAIL"], found["ACCOUNT_EMAIL_VERIFICATION"]) == (False, "none")
    assert "email*" not in found["ACCOUNT_SIGNUP_FIELDS"]


def test_forms_may_lead_to_the_identity_provider_and_nowhere_else(load: Any) -> None:
    found = load(OIDC_URL="https://id.example.org/realms/x", OIDC_CLIENT_ID="me", OIDC_CLIENT_SECRET="s")
    assert found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"][1:] == ["https://id.example.org"]
    assert len(load()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]) == 1


def test_with_nothing_set_it_is_for_this_machine_only(load: Any, tmp_path: Path) -> None:
    settings = load()
    assert (settings["DEBUG"], settings["HOST"], settings["PORT"]) == (False, "127.0.0.1", 8000)
    assert settings["SITE_URL"] == "http://127.0.0.1:8000"
    assert set(settings["ALLOWED_HOSTS"]) == {"127.0.0.1", "localhost", "[::1]"}
    assert settings["DATABASES"]["default"]["NAME"] == tmp_path / "chat.sqlite3"
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "channels.layers.InMemoryChannelLayer"
    assert settings["SIGNUP"] == "closed"
    assert not settings["UPSTREAM_IS_CHOSEN"]


def test_data_dir_is_relative_to_the_project(load: Any) -> None:
    assert load(DATA_DIR="data/other", DATABASE_URL="postgresql:///chat")["DATA_DIR"] == ROOT / "data" / "other"


def test_a_data_dir_that_cannot_be_made_is_refused(load: Any) -> None:
    with pytest.raises(SystemExit, match=r"DATA_DIR|DATABASE_URL"):
        load(DATA_DIR="/dev/null/data")
    with pytest.raises(SystemExit, match="^DATA_DIR: .* Set SECRET_KEY, or another DATA_DIR"):
        load(DATA_DIR="/dev/null/data", SECRET_KEY="")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:9000"),
        ("::", "http://[::1]:9000"),
        ("[::1]", "http://[::1]:9000"),
        ("192.168.1.5", "http://192.168.1.5:9000"),
    ],
)
def test_the_address_follows_host_and_port(load: Any, host: str, url: str) -> None:
    settings = load(HOST=host, PORT="9000")
    assert settings["SITE_URL"] == url
    assert settings["ALLOWED_HOSTS"][0] == url.removeprefix("http://").removesuffix(":9000")


def test_the_address_is_written_as_browsers_write_it(load: Any) -> None:
    assert load(SITE_URL="https://Chat.Example.org:443/")["SITE_URL"] == "https://chat.example.org"
    assert load(SITE_URL="http://chat.example.org:80")["SITE_URL"] == "http://chat.example.org"
    assert load(SITE_URL="https://chat.example.org:8443")["SITE_URL"] == "https://chat.example.org:8443"


def test_the_site_answers_to_its_own_address_whatever_allowed_hosts_says(load: Any) -> None:
    settings = load(SITE_URL="https://chat.example.org", ALLOWED_HOSTS="a.example, .b.example,[::1]")
    assert settings["ALLOWED_HOSTS"] == ["chat.example.org", "a.example", ".b.example", "[::1]"]


def test_https_makes_cookies_secure_and_browsers_stay(load: Any) -> None:
    settings = load(SITE_URL="https://chat.example.org")
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://chat.example.org"]


def test_proxy_headers_are_believed_only_behind_a_proxy(load: Any) -> None:
    assert load(SITE_URL="https://chat.example.org")["SECURE_PROXY_SSL_HEADER"] is None
    behind = load(SITE_URL="https://chat.example.org", TRUSTED_PROXIES="1")
    assert behind["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert behind["SECURE_SSL_REDIRECT"]


def test_pages_may_load_from_this_site_only(load: Any) -> None:
    directives = load()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert directives["default-src"] == ["'none'"]
    assert {source for sources in directives.values() for source in sources} == {"'none'", "'self'"}


@pytest.mark.parametrize(
    "name", ["CHAT_PROVIDERS", "MAGICKPEN_URL", "MAGICKPEN_API_ENDPOINT", "MAGICKPEN_PROXY", "OPENAI_BASE_URL"]
)
def test_naming_an_upstream_chooses_it(load: Any, name: str) -> None:
    value = "magickpen" if name == "CHAT_PROVIDERS" else "http://127.0.0.1:9"
    assert load(**{name: value})["UPSTREAM_IS_CHOSEN"]


def test_the_provider_gets_what_the_environment_says(load: Any) -> None:
    settings = load(
        MAGICKPEN_URL="http://pen.example/",
        MAGICKPEN_API_ENDPOINT="http://api.pen.example/ask",
        MAGICKPEN_PROXY="http://me:sesame@127.0.0.1:3128",
        MAGICKPEN_SALT="$salt",
    )
    assert settings["PROVIDER_OPTIONS"]["magickpen"] == {
        "url": "http://pen.example",
        "api_endpoint": "http://api.pen.example/ask",
        "proxy": "http://me:sesame@127.0.0.1:3128",
        "salt": "$salt",
        "silence_seconds": 120,
        "reply_seconds": 1800,
    }


def test_without_an_environment_a_provider_is_as_its_class_is(load: Any) -> None:
    """The classes are used without settings, too: from a Python prompt."""
    alone = "import json; from chat.providers import MagickPen, OpenAI, Provider\n"
    alone += "pen = [MagickPen.url, MagickPen.api_endpoint, MagickPen.proxy, MagickPen.salt]\n"
    alone += "patience = [Provider.silence_seconds, Provider.reply_seconds]\n"
    alone += "print(json.dumps([pen, patience, [OpenAI.url, OpenAI.api_key]]))"
    told = subprocess.run([sys.executable, "-c", alone], cwd=ROOT, env={}, capture_output=True, check=True, timeout=60)
    pen, patience, server = json.loads(told.stdout)
    options = load()["PROVIDER_OPTIONS"]
    assert [options["magickpen"][name] for name in ("url", "api_endpoint", "proxy", "salt")] == pen
    assert [options["openai"][name] for name in ("url", "api_key")] == server
    for name in PROVIDERS:
        assert [options[name]["silence_seconds"], options[name]["reply_seconds"]] == patience


def test_every_provider_can_be_chosen_and_has_options_and_a_day(load: Any) -> None:
    for name in PROVIDERS:
        settings = load(
            CHAT_PROVIDERS=name, OPENAI_BASE_URL="http://127.0.0.1:9", **{f"{name.upper()}_DAILY_MESSAGES": "7"}
        )
        assert settings["CHAT_PROVIDERS"] == [name]
        assert name in settings["PROVIDER_OPTIONS"]
        assert settings["PROVIDER_DAILY_MESSAGES"][name] == 7


def test_the_model_server_gets_what_the_environment_says(load: Any) -> None:
    settings = load(
        OPENAI_BASE_URL="http://127.0.0.1:11434/v1/",
        OPENAI_API_KEY="sesame",
        OPENAI_MODELS="a, b,",
        CHAT_SILENCE_SECONDS="900",
        CHAT_REPLY_SECONDS="7200",
    )
    assert settings["PROVIDER_OPTIONS"]["openai"] == {
        "url": "http://127.0.0.1:11434/v1",
        "api_key": "sesame",
        "models": ("a", "b"),
        "silence_seconds": 900,
        "reply_seconds": 7200,
    }


@pytest.mark.parametrize(
    ("variables", "providers"),
    [
        ({}, ["magickpen"]),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9"}, ["openai"]),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9", "MAGICKPEN_URL": "http://127.0.0.1:9"}, ["magickpen"]),
        ({"OPENAI_API_KEY": "sesame"}, ["magickpen"]),
        ({"OPENAI_API_KEY": "sesame", "CHAT_PROVIDERS": "openai, magickpen"}, ["openai", "magickpen"]),
    ],
)
def test_whoever_is_configured_answers(load: Any, variables: dict[str, str], providers: list[str]) -> None:
    assert load(**variables)["CHAT_PROVIDERS"] == providers


def test_a_model_server_without_address_and_key_is_refused(load: Any) -> None:
    with pytest.raises(SystemExit, match="^OPENAI_BASE_URL is not set, though CHAT_PROVIDERS names openai;"):
        load(CHAT_PROVIDERS="openai")


def test_sqlite_writers_wait_for_their_turn(load: Any) -> None:
    options = load(DATABASE_URL="sqlite:///data/other.sqlite3")["DATABASES"]["default"]
    assert options["NAME"] == ROOT / "data" / "other.sqlite3"
    assert options["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert options["OPTIONS"]["timeout"] >= 10


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the suite runs on another database")
@pytest.mark.django_db(transaction=True)
def test_sqlite_readers_never_wait() -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (1,)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the suite runs on another database")
async def test_what_is_deleted_from_sqlite_is_overwritten_by_every_connection(engine: Engine) -> None:
    """Some systems' SQLite does so by itself, so what was asked for counts as well."""

    def asked() -> tuple[Any, str]:
        with connection.cursor() as cursor:
            found = cursor.execute("PRAGMA secure_delete").fetchone()
        return found, connection.settings_dict["OPTIONS"]["init_command"]

    for found, command in (await sync_to_async(asked)(), await database.run(asked)):
        assert found == (1,)
        assert "PRAGMA secure_delete=ON" in command


def test_postgresql_connections_come_from_a_pool(load: Any) -> None:
    found = load(DATABASE_URL="postgres://chat:p%40ss@db.example:5433/talk?sslmode=require")["DATABASES"]["default"]
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("chat", "p@ss", "db.example", 5433)
    assert found["NAME"] == "talk"
    assert found["CONN_MAX_AGE"] == 0
    assert found["OPTIONS"]["pool"]["max_size"] > found["OPTIONS"]["pool"]["min_size"] > 0
    assert found["OPTIONS"]["sslmode"] == "require"


def test_redis_carries_messages_and_cache(load: Any) -> None:
    settings = load(REDIS_URL="redis://127.0.0.1:6379/1")
    layer = settings["CHANNEL_LAYERS"]["default"]
    assert layer["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"
    assert layer["CONFIG"]["hosts"] == [{"address": "redis://127.0.0.1:6379/1", "socket_timeout": None}]
    assert settings["CACHES"]["default"]["BACKEND"] == "magickpen_site.cache.Cache"


def test_sql_is_never_logged(load: Any) -> None:
    loggers = load(LOG_LEVEL="DEBUG", DEBUG="1")["LOGGING"]["loggers"]
    assert loggers["django.db.backends"]["level"] == "INFO"

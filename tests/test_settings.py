"""What the environment may say, and what is refused at start."""

import os
import re
import runpy
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from magickpen_site import env, secret_key

ROOT = Path(__file__).resolve().parent.parent
KEY = "a-key-for-these-tests-0123456789-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Runs settings.py with these variables and no others."""

    def load(**variables: str) -> dict[str, Any]:
        given = {"ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path), "SECRET_KEY": KEY} | variables
        with mock.patch.dict(os.environ, given, clear=True):
            return runpy.run_path(str(ROOT / "magickpen_site" / "settings.py"))

    return load


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("DEBUG", "maybe", "1, true, yes or on"),
        ("TIME_ZONE", "Moon/Tranquillity", "like UTC or Europe/Berlin"),
        ("TIME_ZONE", "../../etc/passwd", "like UTC or Europe/Berlin"),
        ("PORT", "http", "from 1 to 65535"),
        ("PORT", "0", "from 1 to 65535"),
        ("PORT", "65536", "from 1 to 65535"),
        ("PORT", "-1", "from 1 to 65535"),
        ("PORT", "８０", "from 1 to 65535"),
        ("HOST", "http://0.0.0.0", "like 127.0.0.1"),
        ("HOST", "::g", "like 127.0.0.1"),
        ("SITE_URL", "chat.example.org", "http:// or https://"),
        ("SITE_URL", "ftp://chat.example.org", "http:// or https://"),
        ("SITE_URL", "https://chat.example.org/chat/", "nothing more"),
        ("SITE_URL", "https://chat.example.org:port", "nothing more"),
        ("SITE_URL", "https://chat.example.org:99999", "nothing more"),
        ("ALLOWED_HOSTS", "https://chat.example.org", "without scheme and port"),
        ("ALLOWED_HOSTS", "chat.example.org:8000", "without scheme and port"),
        ("ALLOWED_HOSTS", "chat.example.org other.example.org", "with commas between"),
        ("TRUSTED_PROXIES", "yes", "from 0 to 9"),
        ("TRUSTED_PROXIES", "10", "from 0 to 9"),
        ("SIGNUP", "maybe", "open, approval, invite or closed"),
        ("EMAIL_URL", "mail.example.org", "smtp://host:port"),
        ("EMAIL_URL", "http://mail.example.org", "smtp://host:port"),
        ("EMAIL_URL", "smtp://", "smtp://host:port"),
        ("EMAIL_URL", "smtp://mail.example.org:99999", "smtp://host:port"),
        ("EMAIL_URL", "smtp://mail.example.org/?tls=true", "smtp://host:port"),
        ("EMAIL_FROM", "nobody", "chat@example.org"),
        ("EMAIL_FROM", "a@b@c", "chat@example.org"),
        ("OIDC_URL", "id.example.org", "http:// or https://"),
        ("OIDC_URL", "https://id.example.org", "all three, or none"),
        ("OIDC_SIGNUP", "perhaps", "1, true, yes or on"),
        ("CHAT_RETENTION_DAYS", "-1", "from 0 to"),
        ("CHAT_MINUTE_MESSAGES", "1/s", "from 0 to"),
        ("MAGICKPEN_DAILY_MESSAGES", "ten", "from 0 to"),
        ("CHAT_PROVIDERS", "nobody", "magickpen or openai"),
        ("CHAT_PROVIDERS", "magickpen,magickpen", "each once"),
        ("CHAT_PROVIDERS", ",", "magickpen"),
        ("MAGICKPEN_URL", "magickpen.com", "http:// or https://"),
        ("MAGICKPEN_URL", "https://", "http:// or https://"),
        ("MAGICKPEN_URL", "https://magickpen com", "http:// or https://"),
        ("MAGICKPEN_API_ENDPOINT", "/ask", "http:// or https://"),
        ("MAGICKPEN_PROXY", "socks5://127.0.0.1:1080", "http:// or https://"),
        ("OPENAI_BASE_URL", "127.0.0.1:11434/v1", "http:// or https://"),
        ("DATABASE_URL", "mysql://127.0.0.1/chat", "postgresql://"),
        ("DATABASE_URL", "sqlite://:memory:", "sqlite:///path"),
        ("DATABASE_URL", "sqlite://", "sqlite:///path"),
        ("DATABASE_URL", "sqlite://data/chat.sqlite3", "sqlite:///path"),
        ("DATABASE_URL", "postgresql://127.0.0.1", "/name"),
        ("DATABASE_URL", "sqlite:////dev/null/chat.sqlite3", "can be written"),
        ("REDIS_URL", "127.0.0.1:6379", "redis://"),
        ("REDIS_URL", "http://127.0.0.1:6379", "redis://"),
        ("CHAT_DAILY_MESSAGES", "many", "from 0 to"),
        ("CHAT_DAILY_MESSAGES", "-5", "from 0 to"),
        ("CHAT_CONCURRENT_REPLIES", "0", "from 1 to"),
        ("CHAT_CONCURRENT_REPLIES", "2.5", "from 1 to"),
        ("CHAT_MAX_PROMPT_CHARS", "1e4", "from 1 to"),
        ("CHAT_MAX_PROMPT_CHARS", "9" * 5000, "from 1 to"),
        ("CHAT_MAX_HISTORY_CHARS", "10", "from 1000 to"),
        ("CHAT_MAX_REPLY_CHARS", "10", "from 1000 to"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
        ("SECRET_KEY", "short", "50 random characters"),
        ("SITE_URL", "https://chat.example.org\x1b[2J", "one line of text"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(load: Any, name: str, value: str, allowed: str) -> None:
    with pytest.raises(SystemExit) as refusal:
        load(**{name: value})
    sentence = str(refusal.value)
    assert sentence.startswith(f"{name} ")
    assert allowed in sentence
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 250


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


def test_a_refusal_shows_what_was_held(load: Any) -> None:
    with pytest.raises(SystemExit, match='^PORT is "eighty"; allowed: a whole number from 1 to 65535.$'):
        load(PORT="eighty")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://chat:sesame"),
        ("DATABASE_URL", "mysql://chat:sesame@127.0.0.1/chat"),
        ("REDIS_URL", "redis:///:sesame"),
        ("REDIS_URL", "http://:sesame@127.0.0.1"),
        ("MAGICKPEN_PROXY", "socks5://me:sesame@127.0.0.1"),
        ("MAGICKPEN_URL", "ftp://me:sesame@127.0.0.1"),
        ("SITE_URL", "https://me:sesame@chat.example.org"),
        ("EMAIL_URL", "imap://me:sesame@mail.example.org"),
        ("EMAIL_URL", "smtp://me:sesame@mail.example.org:x"),
        ("EMAIL_FROM", "me:sesame"),
        ("SECRET_KEY", "sesame"),
        ("SECRET_KEY", "sesame\x07"),
    ],
)
def test_a_refusal_never_shows_a_secret(load: Any, name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"^{name} ") as refusal:
        load(**{name: value})
    assert "sesame" not in str(refusal.value)


@pytest.mark.parametrize("name", ["CHAT_DAILY_MESAGES", "MAGICKPEN_API_ENDPOINTS", "CHAT_ADMIN_PASSWORT"])
def test_a_misspelt_name_is_refused(load: Any, name: str) -> None:
    with pytest.raises(SystemExit, match=f"^{name} is not a setting of MagickPen Chat. Is .* meant"):
        load(**{name: "5"})


def test_a_name_that_is_none_of_ours_is_let_be(load: Any) -> None:
    load(CHAT_BOT_TOKEN="x", MAGICKPEN_EXTRA="y", PORTS="z")


def test_a_refusal_ends_any_command_without_a_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"PORT": "eighty", "DJANGO_SETTINGS_MODULE": "magickpen_site.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == 'PORT is "eighty"; allowed: a whole number from 1 to 65535.\n'


def test_with_nothing_set_it_is_for_this_machine_only(load: Any, tmp_path: Path) -> None:
    settings = load()
    assert (settings["DEBUG"], settings["HOST"], settings["PORT"]) == (False, "127.0.0.1", 8000)
    assert settings["SITE_URL"] == "http://127.0.0.1:8000"
    assert set(settings["ALLOWED_HOSTS"]) == {"127.0.0.1", "localhost", "[::1]"}
    assert settings["DATABASES"]["default"]["NAME"] == tmp_path / "chat.sqlite3"
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "channels.layers.InMemoryChannelLayer"
    assert settings["SIGNUP"] == "closed"
    assert not settings["UPSTREAM_IS_CHOSEN"]


def test_an_empty_variable_counts_as_not_set(load: Any) -> None:
    ours = ("PORT", "SITE_URL", "DATABASE_URL", "REDIS_URL", "CHAT_PROVIDERS", "CHAT_DAILY_MESSAGES", "DEBUG", "SIGNUP")
    assert load(**dict.fromkeys(ours, " "))["PORT"] == 8000


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
    assert settings["CACHES"]["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache"


def test_sql_is_never_logged(load: Any) -> None:
    loggers = load(LOG_LEVEL="DEBUG", DEBUG="1")["LOGGING"]["loggers"]
    assert loggers["django.db.backends"]["level"] == "INFO"


def test_the_example_file_sets_only_known_variables(load: Any, tmp_path: Path) -> None:
    filled = (ROOT / ".env.example").read_text(encoding="utf-8").replace("PORT=", "PORT=9000")
    (tmp_path / "env").write_text(filled, encoding="utf-8")
    assert load(ENV_FILE=str(tmp_path / "env"))["PORT"] == 9000


@pytest.mark.parametrize(
    ("file", "left_out"),
    [
        (".env.example", set()),
        ("docs/configuration.md", set()),
        ("compose.yaml", {"HOST", "PORT", "DATA_DIR", "DEBUG"}),  # what the containers decide
    ],
)
def test_every_variable_stands_where_people_look_for_it(load: Any, file: str, left_out: set[str]) -> None:
    with mock.patch.object(env, "names_read", set()):
        load()
        names = env.names_read | {"CHAT_ADMIN_USERNAME", "CHAT_ADMIN_PASSWORD"}
    found = set(re.findall(r"[A-Z][A-Z_]+", (ROOT / file).read_text(encoding="utf-8")))
    assert names - found == left_out


def test_the_environment_wins_over_the_file(load: Any, tmp_path: Path) -> None:
    (tmp_path / "env").write_text('# a comment\n\nPORT=9000\nexport SIGNUP="open"\nLOG_LEVEL=ERROR\n', encoding="utf-8")
    settings = load(ENV_FILE=str(tmp_path / "env"), PORT="9001")
    assert (settings["PORT"], settings["SIGNUP"], settings["LOG_LEVEL"]) == (9001, "open", "ERROR")


def test_a_wrong_line_in_the_file_is_refused_by_its_number(load: Any, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("PORT=9000\nSECRET_KEY: sesame\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="line 2 is neither NAME=value nor a comment") as refusal:
        load(ENV_FILE=str(tmp_path / "env"))
    assert "sesame" not in str(refusal.value)


def test_a_file_that_is_no_text_is_refused(load: Any, tmp_path: Path) -> None:
    (tmp_path / "env").write_bytes(b"PORT=\xff")
    with pytest.raises(SystemExit, match="cannot be read"):
        load(ENV_FILE=str(tmp_path / "env"))


def test_the_key_is_made_once_for_its_owner_only(load: Any, tmp_path: Path) -> None:
    first = load(SECRET_KEY="")["SECRET_KEY"]
    assert len(first) >= 50
    assert load(SECRET_KEY="")["SECRET_KEY"] == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_a_new_data_dir_is_for_its_owner_only(load: Any, tmp_path: Path) -> None:
    load(SECRET_KEY="", DATA_DIR=str(tmp_path / "new"))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(32) as pool:
        keys = set(pool.map(lambda _: secret_key.kept_in(tmp_path / "new"), range(200)))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret-key"]


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("sesame", encoding="ascii")
    with pytest.raises(SystemExit, match="does not hold a secret key") as refusal:
        secret_key.kept_in(tmp_path)
    assert "sesame" not in str(refusal.value)


def test_lists_read_naturally() -> None:
    assert env.one_of(["a"]) == "a"
    assert env.one_of(["a", "b", "c"]) == "a, b or c"

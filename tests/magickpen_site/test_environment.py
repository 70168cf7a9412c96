"""How the environment is read, and what of it is refused at start."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from magickpen_site import env

ROOT = Path(__file__).resolve().parents[2]


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


def test_a_time_zone_that_only_a_package_knows_is_refused(
    load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Django would end with a traceback."""
    monkeypatch.setattr(env, "SYSTEM_ZONES", tmp_path)
    (tmp_path / "UTC").touch()
    assert load()["TIME_ZONE"] == "UTC"
    with pytest.raises(SystemExit, match='^TIME_ZONE is "Asia/Calcutta"; allowed: a name of this system'):
        load(TIME_ZONE="Asia/Calcutta")


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


def test_an_empty_variable_counts_as_not_set(load: Any) -> None:
    ours = ("PORT", "SITE_URL", "DATABASE_URL", "REDIS_URL", "CHAT_PROVIDERS", "CHAT_DAILY_MESSAGES", "DEBUG", "SIGNUP")
    assert load(**dict.fromkeys(ours, " "))["PORT"] == 8000


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


def test_lists_read_naturally() -> None:
    assert env.one_of(["a"]) == "a"
    assert env.one_of(["a", "b", "c"]) == "a, b or c"

"""Static files: served in both worlds, collected again when their content has changed."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import AsyncClient, Client

from magickpen_site import static

STYLE = "/static/css/base.css"
CONTENT = (Path(__file__).resolve().parents[2] / "static" / "css" / "base.css").read_bytes()


def test_a_file_is_served(client: Client) -> None:
    answer = client.get(STYLE)
    assert answer.content == CONTENT
    assert answer["Content-Type"].startswith("text/css")
    assert "Access-Control-Allow-Origin" not in answer


async def test_a_file_is_served_on_the_event_loop(async_client: AsyncClient) -> None:
    answer = await async_client.get(STYLE)
    assert answer.content == CONTENT
    assert not answer.streaming


async def test_a_page_passes_by(async_client: AsyncClient) -> None:
    assert (await async_client.get("/healthz")).status_code == 200


def test_a_file_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    tag = client.get(STYLE)["ETag"]
    answer = client.get(STYLE, headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert not answer.content


def test_a_part_of_a_file(client: Client) -> None:
    answer = client.get(STYLE, headers={"Range": "bytes=2-5"})
    assert answer.status_code == 206
    assert answer.content == CONTENT[2:6]


def test_the_length_alone(client: Client) -> None:
    answer = client.head(STYLE)
    assert int(answer["Content-Length"]) == len(CONTENT)
    assert not answer.content


@pytest.mark.parametrize("path", ["/static/../manage.py", "/static/%2e%2e/manage.py", "/static//etc/passwd"])
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.fixture
def sources(settings: Any, tmp_path: Path) -> Path:
    """A directory of static files; they are collected into another one, under hashed names."""
    directory = tmp_path / "sources"
    directory.mkdir()
    settings.STATICFILES_DIRS = [directory]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "magickpen_site.static.Storage"}}
    return directory


def test_files_are_collected_again_only_if_they_have_changed(sources: Path) -> None:
    (sources / "a.css").write_text("a {}", encoding="utf-8")
    assert not static.is_collected()
    call_command("collectstatic", verbosity=0, interactive=False)
    assert static.is_collected()
    (sources / "a.css").write_text("b {}", encoding="utf-8")
    assert not static.is_collected()
    (sources / "a.css").write_text("a {}", encoding="utf-8")
    assert static.is_collected()
    (sources / "b.css").write_text("", encoding="utf-8")
    assert not static.is_collected()


def test_scripts_import_each_other_by_hashed_names(sources: Path, settings: Any) -> None:
    (sources / "a.js").write_text('import { b } from "./b.js";', encoding="utf-8")
    (sources / "b.js").write_text("export const b = 1;", encoding="utf-8")
    call_command("collectstatic", verbosity=0, interactive=False)
    [collected] = Path(settings.STATIC_ROOT).glob("a.*.js")
    assert re.search(r'from "\./b\.\w{12}\.js"', collected.read_text(encoding="utf-8"))


def test_another_user_may_read_what_was_collected(sources: Path, settings: Any) -> None:
    (sources / "deep").mkdir()
    (sources / "deep" / "a.css").write_text("a {}" * 1000, encoding="utf-8")
    before = os.umask(0o077)
    try:
        call_command("collectstatic", verbosity=0, interactive=False)
    finally:
        os.umask(before)
    collected = Path(settings.STATIC_ROOT)
    modes: dict[bool, set[int]] = {True: set(), False: set()}
    for path in (collected, *collected.rglob("*")):
        modes[path.is_dir()].add(path.stat().st_mode & 0o777)
    assert modes == {True: {0o755}, False: {0o644}}
    assert {".gz", ".json", ""} <= {path.suffix for path in collected.rglob("*")}

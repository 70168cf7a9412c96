"""The page stays small: what a browser has to load, and what a person has to read to change it."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
MOST_BYTES_OF_SCRIPT = 15_000
MOST_BYTES_OF_STYLE = 18_000
WIDEST = 100
MOST_LINES = 150
"""Of one file, comments and blank lines included: it is read in one sitting."""


def zipped(*patterns: str) -> int:
    """Bytes of these files as they go over the wire, each compressed by itself."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for pattern in patterns for path in STATIC.glob(pattern))


def written() -> list[Path]:
    """What people write and read of the page; what is vendored is neither."""
    sheets = [path for path in STATIC.glob("css/*.css") if path.name != "admin.css"]
    return sorted([*STATIC.glob("*.js"), *sheets, *(ROOT / "templates").rglob("*.html")])


def test_all_script_together_is_small() -> None:
    assert 5_000 < zipped("*.js", "vendor/*.js") <= MOST_BYTES_OF_SCRIPT


def test_all_style_sheets_together_are_small() -> None:
    assert 5_000 < zipped("css/*.css") <= MOST_BYTES_OF_STYLE


@pytest.mark.parametrize("path", written(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_of_the_page_is_read_in_one_sitting(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDEST


@pytest.mark.parametrize(("template", "script"), [("chat/base.html", "page.js"), ("chat/conversation.html", "chat.js")])
def test_a_page_names_all_its_scripts_at_once(template: str, script: str) -> None:
    """Else the browser would hear of one script from another, and fetch them one after the other."""
    named = {"person.js", *scripts_in("chat/base.html"), *scripts_in(template)}
    assert script in named
    assert needed_by(script) <= named
    assert all((STATIC / name).exists() for name in named)


def scripts_in(template: str) -> set[str]:
    return set(re.findall(r"static '(\w+\.js)'", (ROOT / "templates" / template).read_text(encoding="utf-8")))


def needed_by(script: str) -> set[str]:
    """The modules that a script imports, and those that they do."""
    own = set(re.findall(r'"\./(\w+\.js)"', (STATIC / script).read_text(encoding="utf-8")))
    return own.union(*map(needed_by, own))

"""The pages for people: their links lead somewhere, the map has every room, and README leads to all."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *DOCS]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMED_FILE = re.compile(r"`((?:chat|magickpen_site|static|templates|tests|bench)/[\w/-]+\.\w+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HOUSE = ("bench", "magickpen_site", "static", "templates", "tests")


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The files that a page links to, each with the heading that is meant, or an empty one."""
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in link:
            path, _, heading = link.partition("#")
            yield (page.parent / path).resolve() if path else page, heading


def headings(page: Path) -> set[str]:
    """The names under which the headings of a page are linked to."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def section(title: str) -> str:
    found = [part for part in re.split(r"^## ", ARCHITECTURE, flags=re.MULTILINE) if part.startswith(f"{title}\n")]
    assert len(found) == 1, f"docs/architecture.md has one heading {title}"
    return found[0]


def rooms() -> set[str]:
    """What stands directly in chat/, and the other parts of the house, as the map writes them."""
    inside = {path for path in (ROOT / "chat").iterdir() if path.name not in ("__init__.py", "__pycache__")}
    return {*(f"{name}/" for name in HOUSE), *(f"chat/{path.name}{'/' * path.is_dir()}" for path in inside)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    lost = [(path.name, heading) for path, heading in links(page) if not path.exists()]
    assert lost == []
    assert [(path.name, heading) for path, heading in links(page) if heading and heading not in headings(path)] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [PAGES[0]]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        waiting += [path for path, _heading in links(page) if path.suffix == ".md" and path not in seen]
    assert [page.name for page in PAGES if page not in seen] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_who_comes_first_finds_what_everybody_looks_for(name: str) -> None:
    linked = {path.stem for path, _heading in links(ROOT / name)}
    assert {"architecture", "operations", "protocol", "performance", "security"} - linked == set()


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_each_file_that_a_page_names_is_there(page: Path) -> None:
    named = NAMED_FILE.findall(page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_map_has_a_line_for_every_room_and_for_no_other() -> None:
    assert sorted(re.findall(r"^\| `([^`]+)` \|", section("The map"), re.MULTILINE)) == sorted(rooms())


def test_the_glossary_says_each_word_once_and_in_the_order_of_the_alphabet() -> None:
    words = re.findall(r"^\| ([a-z ]+) \|", section("The words"), re.MULTILINE)
    assert len(words) >= 25
    assert words == sorted(set(words))

"""Imports point down only, and some things are done in one place only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the roof to the ground. A module may import from lower floors, and from its own package.
FLOORS = [
    {"apps", "routing", "urls"},
    {"admin", "consumers", "management", "views"},
    {"exports", "operations"},
    {"conversations"},
    {"replies"},
    {"accounts", "limits", "messages", "voices"},
    {"models", "practice"},
    {"database", "live", "markdown", "providers", "write_ahead_log"},
    {"inputs", "lines", "links", "names", "refusals", "templatetags"},
]
DOORS = FLOORS[1]
WITHOUT_DJANGO = {"markdown", "practice", "providers"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "chat").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not name.startswith("chat.migrations"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Every module that is imported anywhere in the file; `from chat import live` counts as chat.live."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            found |= {f"chat.{alias.name}" for alias in node.names} if node.module == "chat" else {node.module or ""}
    return found


def part(module: str) -> str:
    """The part of chat that a module belongs to: chat.providers.errors is of providers."""
    return module.split(".")[1] if module.startswith("chat.") else ""


def floor(name: str) -> int:
    for number, names in enumerate(FLOORS):
        if name in names:
            return number
    raise AssertionError(f"chat/{name} has no floor yet: give it one in FLOORS, as low as it can be")


def climbs(module: str, tree: ast.Module) -> list[str]:
    """The imports that do not point down."""
    own = part(module)
    targets = {part(name) for name in imported(tree)} - {"", own}
    return sorted(target for target in targets if floor(target) <= floor(own))


def test_imports_point_down() -> None:
    for name, tree in modules():
        if part(name):
            assert not climbs(name, tree), f"{name} imports from its own floor or above"


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("chat.models", "from chat import replies", ["replies"]),
        ("chat.limits", "def late():\n    import chat.conversations", ["conversations"]),
        ("chat.providers.errors", "from chat.live import offer", ["live"]),
        ("chat.conversations", "from chat import models\nfrom chat.replies import engine", []),
        ("chat.providers.base", "from chat.providers import errors", []),
    ],
)
def test_an_import_that_points_up_is_seen(module: str, source: str, found: list[str]) -> None:
    assert climbs(module, ast.parse(source)) == found


def test_doors_never_import_providers() -> None:
    for name, tree in modules():
        if part(name) in DOORS:
            assert "providers" not in {part(target) for target in imported(tree)}, name


def test_providers_markdown_and_practice_do_without_django() -> None:
    for name, tree in modules():
        if part(name) in WITHOUT_DJANGO:
            packages = {target.split(".")[0] for target in imported(tree)}
            assert not packages & {"asgiref", "channels", "django", "magickpen_site"}, name


def test_only_live_publishes_to_the_channel_layer() -> None:
    publishing = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"group_add", "group_send"}
    }
    assert publishing == {"chat.live"}


def test_only_fragments_renders_a_message() -> None:
    rendering = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith("/_message.html")
    }
    assert rendering == {"chat.messages.fragments"}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, tree in modules() if tree.body and not ast.get_docstring(tree)]
    assert not silent

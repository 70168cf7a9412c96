"""Tests test what they say: they use all they ask for, and take what they share from modules that are no tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FILES = sorted(HERE.rglob("test_*.py"))
# Fixtures that do something for a test that does not name them again.
AT_WORK = {"alice", "asked", "browser", "charlie", "engine", "mails", "provider", "transactional_db"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def idle(tree: ast.AST) -> list[str]:
    """The parameters of tests that nothing uses: a test of many cases is then the same test many times."""
    return [
        f"{test.name}({name})"
        for test in ast.walk(tree)
        if isinstance(test, Function) and test.name.startswith("test_")
        for name in sorted(parameters(test) - names(test) - AT_WORK)
    ]


def parameters(function: Function) -> set[str]:
    return {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}


def names(function: Function) -> set[str]:
    return {node.id for statement in function.body for node in ast.walk(statement) if isinstance(node, ast.Name)}


def sources(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_a_test_uses_what_it_asks_for(path: Path) -> None:
    assert not idle(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_nothing_is_imported_from_tests(path: Path) -> None:
    """Helpers have modules of their own, so that a test can be moved or removed without a look at the others."""
    parts = [source.rpartition(".")[2] for source in sources(ast.parse(path.read_text(encoding="utf-8")))]
    assert not [part for part in parts if part.startswith("test_")]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@cases('who', ['admin', 'owner'])\ndef test_it(alice, who): ask(alice)", ["test_it(who)"]),
        ("async def test_it(engine, bob, *, end=1): assert bob", ["test_it(end)"]),
        ("def test_it(engine, who):\n    def inner(): return who", []),
        ("def helper(who): pass", []),
    ],
)
def test_a_parameter_without_a_use_is_seen(source: str, found: list[str]) -> None:
    assert idle(ast.parse(source)) == found

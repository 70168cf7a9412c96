"""What users install is pinned, hashed, small, and what requirements*.in ask for."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def asked(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[\[<>=]", line)[0] for line in lines if re.match(r"\w", line)]


def locked(name: str) -> dict[str, list[str]]:
    """Each package with the hashes of its files; a package that is pinned twice, by platform, counts once."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if pinned := re.match(r"([\w.-]+)==", line):
            package = found.setdefault(pinned[1], [])
        elif hashed := re.match(r"    --hash=(sha256:\w{64})", line):
            package.append(hashed[1])
        else:
            assert line.lstrip().startswith("#"), line
    return found


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_everything_asked_for_is_pinned_with_hashes(name: str) -> None:
    packages = locked(f"{name}.txt")
    assert set(asked(f"{name}.in")) <= set(packages)
    assert all(packages.values())


def test_the_lock_names_no_index() -> None:
    for path in ROOT.glob("requirements*.txt"):
        assert "://" not in path.read_text(encoding="utf-8"), path.name


def test_users_install_few_packages() -> None:
    assert len(locked("requirements.txt")) <= 65

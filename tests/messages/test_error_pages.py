"""The pages of docs/ that tell of failures know every one of the catalogue, and say what it says."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from chat.management.commands.failures import FAULTS, HELP
from chat.messages.failures import BLAME, CATALOGUE

DOCS = Path(__file__).resolve().parents[2] / "docs"


def printed() -> str:
    out = io.StringIO()
    call_command("failures", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_of_errors_is_up_to_date(language: str) -> None:
    with translation.override(language):
        assert (DOCS / "errors.md").read_text(encoding="utf-8") == printed(), (
            "make it anew: python manage.py failures > docs/errors.md"
        )


def test_the_page_has_a_row_for_each_failure() -> None:
    rows = [line.split(" | ") for line in printed().splitlines() if line.startswith("| `")][1:]
    assert [cells[0].strip("|` ") for cells in rows] == list(CATALOGUE)
    for cells, failure in zip(rows, CATALOGUE.values(), strict=True):
        assert str(failure.title) in cells[1]
        assert str(failure.advice) in cells[1]
        assert cells[2:4] == [FAULTS[failure.blame], HELP[failure.button]]


def test_the_page_has_words_for_every_fault_and_button() -> None:
    assert FAULTS.keys() == BLAME.keys()
    assert HELP.keys() == {failure.button for failure in CATALOGUE.values()}


def test_operators_read_what_to_do_about_each_error_of_a_provider() -> None:
    section = (DOCS / "providers.md").read_text(encoding="utf-8").split("## Errors, and what to do")[1]
    told = re.findall(r"^\| `(\w+)` \|", section.split("\n## ")[0], re.MULTILINE)
    assert sorted(told[1:]) == sorted(CATALOGUE.keys() - {"internal", "interrupted"})

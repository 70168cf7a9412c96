"""Answers of the largest allowed length cost little more than harmless ones, whatever they repeat."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.fuzz.__main__ import verdict
from tests.fuzz.subject import Cost, Subject
from tests.fuzz.texts import HARMLESS, LARGEST, text
from tests.markdown.hostile import HOSTILE

WAYS = {"whole": False, "growing": True}
STEPS = 40
"""How many times as long as with a harmless text one step may take: as long as a page of a very long one does."""


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    with Subject() as subject:
        yield subject


@pytest.fixture(scope="module")
def harmless(subject: Subject) -> dict[str, Cost]:
    return {name: subject.cost(HARMLESS, is_growing=way) for name, way in WAYS.items()}


def largest(repeated: str) -> str:
    return (repeated * (LARGEST // len(repeated) + 1))[:LARGEST]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_no_burden(name: str, way: str, subject: Subject, harmless: dict[str, Cost]) -> None:
    cost = subject.cost(largest(HOSTILE[name]), is_growing=WAYS[way])
    assert verdict(cost, harmless[way]) == "", cost
    assert cost.step <= STEPS * harmless[way].step


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(8))
def test_what_chance_repeats_is_no_burden(seed: int, way: str, subject: Subject, harmless: dict[str, Cost]) -> None:
    cost = subject.cost(text(Random(seed)), is_growing=WAYS[way])
    assert verdict(cost, harmless[way]) == "", cost
    assert cost.step <= STEPS * harmless[way].step


def test_that_is_the_largest_length_there_is(load) -> None:
    assert load()["CHAT_MAX_REPLY_CHARS"] == LARGEST


@pytest.mark.usefixtures("subject")
def test_the_measure_tells_the_ends_of_processes(harmless: dict[str, Cost]) -> None:
    assert verdict(Cost(end="SIGSEGV"), harmless["whole"]) == "ends the process"
    assert verdict(harmless["whole"]._replace(seconds=99.0), harmless["whole"]).endswith("times the work")
    assert verdict(harmless["whole"]._replace(mebibytes=999.0), harmless["whole"]).endswith("MiB")

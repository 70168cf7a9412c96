import pytest

from chat.practice import wishes


def test_words_with_numbers_are_read():
    read = wishes.read("Tell me !cut=120 about !PACE=2.5\n!size=10k !chunk=7 !chunks=3")
    assert read.faults == {"cut": 120}
    assert (read.pace, read.size, read.chunk, read.chunks) == (2.5, 10_000, 7, 3)


@pytest.mark.parametrize(
    "message", ["stop!cut", "cut", "!cutting", "!cut.", "!999", "!200", "!important", "a !=b", "!!cut", "`!cut`"]
)
def test_other_words_are_no_wishes(message):
    assert wishes.read(message).faults == {}


@pytest.mark.parametrize(
    ("message", "status"), [("!429", 429), ("a !503=2 b", 503), ("!500 !cut", 500), ("!cut", None)]
)
def test_any_error_status_can_be_wished_for(message, status):
    assert wishes.read(message).status == status


def test_numbers_are_bounded():
    read = wishes.read("!size=999999999m !chunk=0 !chunks=0.5")
    assert (read.size, read.chunk, read.chunks) == (50_000_000, 1, 1)


def test_a_message_can_be_read_without_its_wishes():
    assert wishes.without("!cut code !pace=5") == "code"

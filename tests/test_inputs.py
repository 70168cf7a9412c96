"""Whatever a browser sends is stored as a key or a text that the database takes, or not at all."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chat import inputs
from chat.models import Conversation, Message, Persona

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", " 1", "1\n", "1_0", "x", "٣", "²", "9" * 19, "1" * 10_000])
def test_what_is_no_key_is_none(text: str) -> None:
    assert inputs.key(text) is None


@pytest.mark.django_db
@pytest.mark.parametrize("pk", [0, 1, 10**18, inputs.LARGEST_KEY])
def test_a_key_is_one_that_the_database_takes(pk: int) -> None:
    assert inputs.key(str(pk)) == pk
    assert not Message.objects.filter(pk=inputs.key(str(pk)), pk__lt=inputs.LARGEST_KEY).exists()


def test_a_key_beyond_the_largest_is_none() -> None:
    assert inputs.key(str(inputs.LARGEST_KEY + 1)) is None


@pytest.mark.parametrize("moment", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, 59, 59, 999999, UTC)])
def test_a_moment_comes_back_from_its_stamp_to_the_microsecond(moment: datetime) -> None:
    assert inputs.moment(inputs.stamp(moment)) == moment


@pytest.mark.parametrize("stamp", ["", "-1", "1.5", "x", "1_0", " 1", str(inputs.LARGEST_KEY), "9" * 40])
def test_what_is_no_stamp_is_no_moment(stamp: str) -> None:
    assert inputs.moment(stamp) is None


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("", ""),
        (" \n\t", ""),
        ("  a\r\n b \n", "a\n b"),
        ("a\x00b\ud800c\udfffd", "abcd"),
        ("\x00 a \x00", "a"),
        ("\U0001f642 Привет \ufffd", "\U0001f642 Привет \ufffd"),
    ],
)
def test_a_text_is_stored_without_what_is_no_text(sent: str, stored: str) -> None:
    assert inputs.text(sent) == stored
    assert inputs.is_text(sent) == (inputs.marked(sent) == sent)


def test_a_text_is_cut_and_ends_with_what_can_be_seen() -> None:
    assert inputs.text("a b c", 2) == "a"
    assert inputs.line(" a \x00 \r\n b ", 3) == "a b"


def test_what_cannot_be_stored_is_marked_where_nothing_may_move() -> None:
    assert inputs.marked(" a\x00\r\n\ud83d ") == " a\ufffd\r\n\ufffd "


def test_lengths_are_those_of_the_fields() -> None:
    assert inputs.longest(Conversation, "title") == Conversation._meta.get_field("title").max_length
    assert inputs.longest(Persona, "text") == Persona._meta.get_field("text").max_length
    with pytest.raises(AssertionError):
        inputs.longest(Message, "text")


def test_no_template_has_a_length_of_its_own() -> None:
    assert TEMPLATES.is_dir()
    for path in TEMPLATES.rglob("*.html"):
        assert not re.findall(r'maxlength="\d+"', path.read_text()), path

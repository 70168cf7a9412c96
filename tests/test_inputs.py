"""Whatever a browser sends as a key is a number that the database takes, or none."""

import pytest

from chat import inputs
from chat.models import Message


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

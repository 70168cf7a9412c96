"""A first text is shown at once, and the beats of the others never fill a core."""

import pytest

from chat.replies.pacing import Pacing

STARTED = 100.0


def interval(taken: float, worked: float, *, is_shared: bool = False) -> float | None:
    """From the start of a beat to the start of the next one, when there is text all the time."""
    pacing = Pacing()
    pacing.beaten(STARTED, taken, worked, is_shared=is_shared)
    return pacing.wait(STARTED, has_first=False, has_others=True)


@pytest.mark.parametrize(
    ("taken", "worked", "alone", "shared"),
    [
        (0.0, 0.0, 0.09, 0.11),
        (0.01, 0.005, 0.09, 0.11),
        (0.02, 0.02, 0.1, 0.11),
        (0.03, 0.03, 0.15, 0.15),
        (0.05, 0.01, 0.1, 0.11),
        (0.06, 0.01, 0.12, 0.12),
        (0.06, 0.04, 0.2, 0.2),
        (0.1, 0.02, 0.2, 0.2),
        (0.05, 0.05, 0.25, 0.25),
        (0.2, 0.01, 0.25, 0.25),
        (9.0, 9.0, 0.25, 0.25),
    ],
)
def test_work_counts_five_times_and_waiting_twice(taken: float, worked: float, alone: float, shared: float) -> None:
    assert interval(taken, worked) == pytest.approx(alone)
    assert interval(taken, worked, is_shared=True) == pytest.approx(shared)


def test_the_very_first_beat_is_due_at_once() -> None:
    assert Pacing().wait(STARTED, has_first=False, has_others=True) == 0


def test_a_first_text_waits_for_nobody_and_moves_nobody() -> None:
    pacing = Pacing()
    pacing.beaten(STARTED, 0.01, 0.01, is_shared=False)
    assert pacing.wait(STARTED + 0.03, has_first=True, has_others=True) == 0
    assert pacing.wait(STARTED + 0.03, has_first=False, has_others=True) == pytest.approx(0.06)


def test_without_text_nothing_is_due_however_late_it_is() -> None:
    pacing = Pacing()
    pacing.beaten(STARTED, 0.01, 0.01, is_shared=False)
    assert pacing.wait(STARTED, has_first=False, has_others=False) is None
    assert pacing.wait(STARTED + 60, has_first=False, has_others=False) is None


def test_a_beat_that_is_late_is_due_now() -> None:
    pacing = Pacing()
    pacing.beaten(STARTED, 0.01, 0.01, is_shared=False)
    assert pacing.wait(STARTED + 60, has_first=False, has_others=True) == 0

"""What one socket may be sent: revisions in order, and no more than the reader takes."""

import pytest

from chat.consumers import outbox
from chat.consumers.outbox import Outbox


def test_revisions_follow_one_another() -> None:
    box = Outbox()
    assert box.judge(1, 1, whole=True) == "send"
    box.note(1, 1, 10)
    assert box.judge(1, 2, whole=False) == "send"
    box.note(1, 2, 10)
    assert box.judge(1, 2, whole=False) == "old"
    assert box.judge(1, 1, whole=True) == "old"
    assert box.judge(1, 4, whole=False) == "catch up"
    assert box.judge(1, 4, whole=True) == "send"


def test_a_message_never_seen_needs_to_be_whole() -> None:
    assert Outbox().judge(7, 5, whole=False) == "catch up"


def test_past_the_window_the_reader_waits_and_then_wants_the_latest() -> None:
    box = Outbox()
    box.note(1, 1, outbox.WINDOW_BYTES + 1)
    assert box.judge(1, 2, whole=False) == "wait"
    assert box.judge(1, 3, whole=True) == "wait"
    assert box.acknowledge(1)
    assert not box.is_behind
    assert box.judge(1, 3, whole=False) == "catch up"


def test_an_acknowledgement_covers_all_before_it_and_nothing_after() -> None:
    box = Outbox()
    for rev in (1, 2, 3):
        box.note(1, rev, outbox.WINDOW_BYTES // 2 + 1)
    assert box.judge(1, 4, whole=True) == "wait"
    assert not box.acknowledge(1)
    assert box.judge(1, 4, whole=True) == "wait"
    assert box.acknowledge(2)


def test_an_acknowledgement_of_nothing_sent_changes_nothing() -> None:
    box = Outbox()
    box.note(1, 1, outbox.WINDOW_BYTES + 1)
    box.judge(1, 2, whole=True)
    assert not box.acknowledge(99)
    assert box.judge(1, 2, whole=True) == "wait"


def test_a_reader_who_stays_silent_is_mute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(outbox.time, "monotonic", lambda: now)
    box = Outbox()
    box.note(1, 1, outbox.WINDOW_BYTES + 1)
    now += outbox.MUTE_SECONDS - 1
    assert not box.is_mute
    now += 2
    assert box.is_mute
    box.acknowledge(1)
    assert not box.is_mute

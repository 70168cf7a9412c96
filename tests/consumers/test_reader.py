"""What one page reads, and when: early changes, gaps, healing, and what the database has and the page does not."""

import uuid

from chat.consumers import outbox, reader
from chat.consumers.reader import Missing, Reader
from chat.live import Change


def change(pk: int, rev: int) -> Change:
    """A change that follows upon the one before, the same text for everybody."""
    return Change(uuid.UUID(int=1), pk, rev, frame=f"{pk}.{rev}")


def whole(pk: int, rev: int) -> Change:
    return Change(uuid.UUID(int=1), pk, rev, render=lambda: f"{pk}.{rev} whole")


def only_in_the_database(pk: int, rev: int) -> Change:
    return Change(uuid.UUID(int=1), pk, rev)


def live_reader() -> Reader:
    page = Reader()
    assert not page.go_live()
    return page


def test_what_comes_early_waits_for_what_is_read() -> None:
    page = Reader()
    early = [change(1, 2), change(1, 3)]
    assert [page.take(each, "en") for each in early] == [None, None]
    assert not page.is_live
    assert page.show(whole(1, 2), "en") == "1.2 whole"
    assert [page.take(each, "en") for each in page.go_live()] == [None, "1.3"]
    assert page.is_live
    assert not page.go_live()


def test_of_very_many_early_changes_the_last_stay_and_the_gap_is_seen() -> None:
    page = Reader()
    page.show(whole(1, 1), "en")
    for rev in range(2, reader.MOST_EARLY_CHANGES + 3):
        page.take(change(1, rev), "en")
    early = page.go_live()
    assert len(early) == reader.MOST_EARLY_CHANGES
    assert page.take(early[0], "en") == Missing(1)


def test_a_gap_is_read_and_a_whole_message_fills_it() -> None:
    page = live_reader()
    page.show(whole(1, 1), "en")
    assert page.take(change(1, 3), "en") == Missing(1)
    assert page.take(whole(1, 3), "en") == "1.3 whole"
    assert page.take(change(1, 3), "en") is None


def test_what_only_the_database_has_is_read() -> None:
    assert live_reader().take(only_in_the_database(4, 1), "en") == Missing(4)


def test_healing_under_way_covers_what_comes_after_and_nothing_before() -> None:
    page = live_reader()
    assert page.begin_healing(5)
    assert not page.begin_healing(5)
    assert not page.begin_healing(6)
    assert page.begin_healing(4)
    assert not page.begin_healing(5)


def test_reading_ends_healing_and_sends_the_message_again() -> None:
    page = live_reader()
    page.show(whole(1, 4), "en")
    page.begin_healing(1)
    page.read_from(1)
    assert page.begin_healing(1)
    assert not page.is_live
    assert page.show(whole(1, 4), "en") == "1.4 whole"


def test_what_is_missing_is_read_when_it_is_missing_twice_in_a_row() -> None:
    page = live_reader()
    page.show(whole(7, 2), "en")
    assert page.compare(7, 3) is None
    assert page.compare(7, 3) == Missing(7)


def test_a_message_that_was_never_sent_is_read_from_the_last_one_that_was() -> None:
    page = live_reader()
    assert page.compare(9, 1) is None
    assert page.compare(9, 1) == Missing(9)
    page.show(whole(7, 2), "en")
    assert page.compare(9, 1) == Missing(7)


def test_nothing_is_missing_while_changes_still_come() -> None:
    page = live_reader()
    page.show(whole(7, 2), "en")
    assert page.compare(7, 3) is None
    page.take(change(7, 3), "en")
    assert page.compare(7, 4) is None
    page.take(change(7, 4), "en")
    assert page.compare(7, 4) is None
    assert page.compare(7, 4) is None


def test_a_slow_page_is_not_healed_and_reads_when_it_acknowledges() -> None:
    page = live_reader()
    long = Change(uuid.UUID(int=1), 7, 1, render=lambda: "x" * (outbox.WINDOW_BYTES + 1))
    page.take(long, "en")
    assert page.take(change(7, 2), "en") is None
    assert page.compare(7, 2) is None
    assert page.compare(7, 2) is None
    assert page.acknowledge(1) == Missing(7)
    assert page.acknowledge(1) is None

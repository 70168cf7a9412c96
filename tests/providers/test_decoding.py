import pytest

from chat.providers.decoding import Events, Lines, Text, is_page

SAMPLE = "aé—你🙂👩‍🚀\n"


def test_characters_cut_anywhere_arrive_whole():
    data = SAMPLE.encode()
    for at in range(len(data) + 1):
        text = Text(100)
        assert text.feed(data[:at]) + text.feed(data[at:]) + text.end() == SAMPLE


def test_byte_by_byte_no_character_comes_early_or_broken():
    text = Text(100)
    parts = [text.feed(bytes([byte])) for byte in SAMPLE.encode()]
    assert [part for part in parts if part] == list(SAMPLE)


def test_bytes_that_are_no_text_are_marked():
    text = Text(100)
    assert text.feed(b"a\xff\0b\xe2\x82") + text.end() == "a\ufffd\ufffdb\ufffd"


def test_no_more_than_the_limit_comes_out():
    text = Text(5)
    assert text.feed("äöü".encode()) == "äöü"
    assert not text.is_full
    assert text.feed("äöü".encode()) == "äö"
    assert text.is_full
    assert text.feed(b"x") == ""


def test_a_text_as_long_as_the_limit_is_not_too_long():
    text = Text(3)
    assert text.feed(b"abc") + text.end() == "abc"
    assert not text.is_full


@pytest.mark.parametrize("page", ["<!DOCTYPE html><p>", "\ufeff \r\n<!doctype HTML>", "<HTML lang=en>", "\t<html>"])
def test_a_page_is_known_by_its_opening(page):
    assert is_page(page) is True


@pytest.mark.parametrize("opening", ["", "  \n", "<", "<!doc", "<HTM", "\ufeff<!DOCTYPE htm"])
def test_an_opening_may_be_too_short_to_tell(opening):
    assert is_page(opening) is None


@pytest.mark.parametrize("answer", ["Hello", "<p>", "< html", "`<html>`", "<!-- x", "." * 9, " " * 5000])
def test_an_answer_is_no_page(answer):
    assert is_page(answer) is False


def test_halves_of_surrogate_pairs_become_characters_across_pieces():
    text = Text(100)
    assert text.feed_text("a\ud83d") + text.feed_text("\ude42b") + text.end() == "a🙂b"
    assert (
        text.feed_text("\ud83d") + text.feed_text("x\ude42") + text.feed_text("\ud83d") + text.end()
        == "\ufffdx\ufffd\ufffd"
    )


STREAM = (
    b"\xef\xbb\xbfdata: one\r\n\r\n: comment\n\nevent: x\ndata:two\ndata:  three\n\n"
    b"data\n\ndata: \xd1\x8f\r\rid: 1\n\ndata: open"
)
EVENTS = [b"one", b"two\n three", "я".encode()]


def test_lines_cut_anywhere_arrive_whole():
    data = b"a\r\nb\r\rc\n\nd\x0b\x85e\n"
    for at in range(len(data) + 1):
        lines = Lines(100)
        assert lines.feed(data[:at]) + lines.feed(b"") + lines.feed(data[at:]) == [
            b"a",
            b"b",
            b"",
            b"c",
            b"",
            b"d\x0b\x85e",
        ]


def test_events_cut_anywhere_arrive_whole():
    for at in range(len(STREAM) + 1):
        events = Events(100)
        assert events.feed(STREAM[:at]) + events.feed(STREAM[at:]) == EVENTS


def test_events_byte_by_byte():
    events = Events(100)
    assert [event for byte in STREAM for event in events.feed(bytes([byte]))] == EVENTS


def test_a_line_without_end_is_bounded():
    lines = Lines(1000)
    assert lines.feed(b"x" * 1000) == []
    assert not lines.is_full
    assert lines.feed(b"x") == []
    assert lines.is_full
    assert lines.feed(b"\nmore\n") == []


def test_an_event_of_many_lines_is_bounded():
    events = Events(1000)
    assert not [event for _ in range(20) for event in events.feed(b"data: " + b"x" * 100 + b"\n")]
    assert events.is_full
    assert events.feed(b"\ndata: more\n\n") == []


def test_megabytes_in_single_bytes_take_no_quadratic_time():
    lines = Lines(10**6)
    for _ in range(10**6):
        lines.feed(b"x")
    assert lines.feed(b"\n") == [b"x" * 10**6]

import pytest

from chat.providers.decoding import Text, is_page

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

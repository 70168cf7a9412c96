import copy
import pickle
import time
from email.utils import formatdate

import pytest

from chat.providers import errors

LEAVES = [
    errors.Unreachable,
    errors.Stalled,
    errors.HTTPError,
    errors.Refused,
    errors.RateLimited,
    errors.UnknownModel,
    errors.WrongAddress,
    errors.CredentialsNotFound,
    errors.UnexpectedContent,
    errors.ReplyTooLong,
    errors.CutOff,
]


def test_every_error_has_a_code_of_its_own_and_says_who_is_to_blame():
    assert len({kind.code for kind in LEAVES}) == len(LEAVES)
    for kind in LEAVES:
        error = kind("Something happened.")
        assert isinstance(error, errors.ProviderError)
        assert error.blame in ("upstream", "network", "site")
        assert isinstance(error.retryable, bool)
        assert str(error) == "Something happened."


def test_the_tree_in_the_docstring_is_the_tree_in_the_code():
    for kind in LEAVES:
        assert f"── {kind.__name__} " in errors.__doc__
        assert f" {kind.code} " in errors.__doc__


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_copied_error_keeps_what_it_knows(again):
    error = again(errors.RateLimited("Slow down.", status=429, retry_after=7.5, blame="site", retryable=False))
    assert (error.status, error.retry_after, error.blame, error.retryable) == (429, 7.5, "site", False)
    lost = again(errors.CredentialsNotFound("Gone.", missing=("secret",)))
    assert lost.missing == ("secret",)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), (" 0 ", 0), ("1.5", 1.5), ("99999999999", 7 * 86400), ("", None), (None, None)]
    + [(nonsense, None) for nonsense in ("soon", "-5", "1e9", "٣", "Mon, 99 Nov 2026 00:00:00 GMT", "nan")],
)
def test_retry_after_in_seconds(value, seconds):
    assert errors.retry_after(value) == seconds


def test_retry_after_as_a_date_counts_from_now():
    assert errors.retry_after(formatdate(time.time() + 90, usegmt=True)) == pytest.approx(90, abs=2)
    assert errors.retry_after(formatdate(time.time() - 90, usegmt=True)) == 0


@pytest.mark.parametrize(
    ("status", "code", "blame", "retryable"),
    [
        (204, "unexpected_content", "upstream", False),
        (302, "wrong_address", "site", False),
        (400, "http_error", "upstream", False),
        (401, "refused", "upstream", False),
        (403, "refused", "upstream", False),
        (404, "wrong_address", "site", False),
        (405, "wrong_address", "site", False),
        (410, "wrong_address", "site", False),
        (407, "unreachable", "site", False),
        (408, "http_error", "upstream", True),
        (429, "rate_limited", "upstream", True),
        (500, "http_error", "upstream", True),
        (503, "http_error", "upstream", True),
    ],
)
def test_a_status_becomes_an_error(status, code, blame, retryable):
    error = errors.for_status("Pen", status, {"Retry-After": "3"})
    assert (error.code, error.blame, error.retryable, error.status) == (code, blame, retryable, status)


def test_a_busy_upstream_says_when_to_come_back():
    assert errors.for_status("Pen", 503, {"Retry-After": "3"}).retry_after == 3

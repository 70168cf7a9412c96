import copy
import pickle
import re
import time
from email.utils import formatdate

import pytest

from chat.providers import errors


def below(kind):
    """Every class below an error, however deep, each once."""
    kinds = {each: None for child in kind.__subclasses__() for each in (child, *below(child))}
    return [each for each in kinds if each.__module__ == errors.__name__]


KINDS = below(errors.ProviderError)


def test_every_error_has_a_code_of_its_own_and_says_who_is_to_blame():
    assert len(KINDS) > 20
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        error = kind("Something happened.")
        assert error.blame in ("upstream", "network", "site")
        assert isinstance(error.retryable, bool)
        assert str(error) == "Something happened."


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_may_pass_offers_the_same_again(kind):
    assert kind.retryable == (kind.button in ("retry", "continue"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("said", [{"blame": "site"}, {"retryable": False}, {"button": ""}, {"code": "mine"}])
def test_two_errors_of_one_code_cannot_differ_in_what_it_means(kind, said):
    with pytest.raises(TypeError):
        kind("Something happened.", **said)
    assert not vars(kind("Something happened.")).keys() & said.keys()


def test_the_tree_in_the_docstring_is_the_tree_in_the_code():
    drawn = re.findall(r"── (\w+) +(\w+) ", errors.__doc__)
    assert sorted(drawn) == sorted((kind.__name__, kind.code) for kind in KINDS)


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_copied_error_keeps_what_it_knows(again):
    error = again(errors.RateLimited("Slow down.", status=429, retry_after=7.5))
    assert (str(error), error.status, error.retry_after) == ("Slow down.", 429, 7.5)
    lost = again(errors.CredentialsUnread("Gone.", missing=("secret",)))
    assert (lost.missing, lost.retryable) == (("secret",), True)


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
        (400, "rejected", "upstream", False),
        (402, "account_used_up", "site", False),
        (401, "refused", "upstream", False),
        (403, "refused", "upstream", False),
        (404, "wrong_address", "site", False),
        (405, "wrong_address", "site", False),
        (410, "wrong_address", "site", False),
        (407, "proxy_refused", "site", False),
        (408, "http_error", "upstream", True),
        (413, "too_long", "upstream", False),
        (422, "rejected", "upstream", False),
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

"""What can go wrong between this site and an upstream, as one tree: what differs for people is a class of its own.

ProviderError
├── Unreachable           unreachable            no connection: name, port or network
│   ├── ProxyUnreachable  proxy_unreachable      the configured proxy is not there, or gets no further
│   ├── ProxyRefused      proxy_refused          the configured proxy wants a user name and password
│   ├── UnusableAddress   unusable_address       the settings name no address that can be connected to
│   ├── Insecure          insecure               no secure connection: certificate, name in it, protocol
│   └── HungUp            hung_up                the upstream closed the connection without an answer
├── OffLimits             off_limits             the upstream's site leads to where it has no business to send us
├── Stalled               stalled                connected, but silent for too long, or never ending
├── HTTPError             http_error             the upstream answered that it has a problem of its own
│   ├── Rejected          rejected               the upstream does not take this very request: 400 and the like
│   │   └── TooLong       too_long               the conversation does not fit into the model, or 413
│   ├── Refused           refused                401 or 403, with fresh credentials too
│   │   └── KeyRefused    key_refused            the key in this site's settings is not accepted
│   ├── RateLimited       rate_limited           429
│   ├── AccountUsedUp     account_used_up        402, or no money, quota or plan left in this site's account
│   └── UnknownModel      unknown_model          the upstream has no model of this name, or none at all
├── CredentialsNotFound   credentials_not_found  the site was read, but a value the protocol needs is not in it
│   └── CredentialsUnread credentials_unread     as above, but some of the site could not be read
├── UnexpectedContent     unexpected_content     a page or packed content instead of a stream
│   ├── EmptyAnswer       empty                  an answer without any text
│   └── WrongAddress      wrong_address          no such upstream at the configured address; an HTTPError as well
├── ReplyTooLong          reply_too_long         more text than this site accepts; the text up to there was yielded
└── CutOff                cut_off                the connection ended in the middle; the text up to there was yielded

`code`, `blame`, `retryable` and `button` belong to the class, so that two errors of one code cannot differ in them;
what people read for a code is in the catalogue of `chat.messages.failures`.
`str(error)` is a calm English sentence. No error carries a secret, a prompt or an upstream's own words, neither in its
arguments nor in its `__context__`: they are raised outside the `except` block that caught their cause.
"""

# ruff: noqa: N818 - the names say what happened

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import ClassVar, Literal

Blame = Literal["upstream", "network", "site"]  # site = the administrator's settings
Button = Literal["retry", "continue", "model", "new", "message", ""]
"""What helps: to try again, go on, choose a model, begin a new chat, ask otherwise; "": only the administrator can."""

_LONGEST_RETRY_AFTER = 7 * 24 * 3600.0
_WORTH_REPEATING = {408, 409, 423, 425}
_WRONG_ADDRESS = {404, 405, 410}


class ProviderError(Exception):
    """The root, never raised itself.

    `retryable` says that the same request may well succeed in a while. `retry_after` is in seconds; `status` is the
    HTTP status, when there was one.
    """

    code: ClassVar[str] = "provider_error"
    blame: ClassVar[Blame] = "upstream"
    retryable: ClassVar[bool] = True
    button: ClassVar[Button] = "retry"

    def __init__(self, sentence: str, *, retry_after: float | None = None, status: int | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.status = status


class Unreachable(ProviderError):
    """No connection could be made."""

    code = "unreachable"
    blame: ClassVar[Blame] = "network"


class ProxyUnreachable(Unreachable):
    """The proxy of the settings does not answer, or cannot connect to the upstream."""

    code = "proxy_unreachable"
    blame = "site"


class ProxyRefused(Unreachable):
    """The proxy of the settings wants a user name and password that the settings do not give."""

    code = "proxy_refused"
    blame = "site"
    retryable = False
    button = ""


class UnusableAddress(Unreachable):
    """What the settings give as the upstream's address, or the proxy's, is none."""

    code = "unusable_address"
    blame = "site"
    retryable = False
    button = ""


class Insecure(Unreachable):
    """No secure connection could be agreed on: a certificate that is not valid, or no TLS at all."""

    code = "insecure"
    retryable = False
    button = ""


class HungUp(Unreachable):
    """The upstream took the request and closed the connection."""

    code = "hung_up"
    blame = "upstream"


class OffLimits(ProviderError):
    """The upstream's site names a script or a redirect at an address of this machine, of its network, or unsafe."""

    code = "off_limits"
    retryable = False
    button = ""


class Stalled(ProviderError):
    """The upstream stayed silent for too long, or kept sending past the longest time a reply may take."""

    code = "stalled"
    button = "continue"


class HTTPError(ProviderError):
    """The upstream answered with a status that is no success."""

    code = "http_error"


class Rejected(HTTPError):
    """The upstream understood the request and does not take it, however often it is sent."""

    code = "rejected"
    retryable = False
    button: ClassVar[Button] = "message"


class TooLong(Rejected):
    """The conversation is longer than the model, or the upstream, takes."""

    code = "too_long"
    button = "new"


class Refused(HTTPError):
    """The upstream does not accept this site's credentials, fresh ones included."""

    code = "refused"
    retryable = False
    button = ""


class KeyRefused(Refused):
    """The upstream does not accept the key that the settings give."""

    code = "key_refused"
    blame = "site"


class RateLimited(HTTPError):
    """The upstream wants fewer requests; `retry_after` says when to come back, if it told."""

    code = "rate_limited"


class AccountUsedUp(HTTPError):
    """The account of this site at the upstream has nothing left; more of the same changes nothing until it is paid."""

    code = "account_used_up"
    blame = "site"
    retryable = False
    button = ""


class UnknownModel(HTTPError):
    """The upstream has no model of the name that it was asked for, or none at all."""

    code = "unknown_model"
    blame = "site"
    retryable = False
    button = "model"


class CredentialsNotFound(ProviderError):
    """The upstream's site does not contain what the protocol needs; `missing` names the values."""

    code = "credentials_not_found"
    retryable = False
    button: ClassVar[Button] = ""

    def __init__(self, sentence: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.missing = missing


class CredentialsUnread(CredentialsNotFound):
    """A script of the upstream's site could not be read, and the others do not contain what the protocol needs."""

    code = "credentials_unread"
    retryable = True
    button = "retry"


class UnexpectedContent(ProviderError):
    """Something other than a stream of text came back."""

    code = "unexpected_content"
    retryable = False
    button: ClassVar[Button] = ""


class EmptyAnswer(UnexpectedContent):
    """The upstream answered well, but without any text."""

    code = "empty"
    retryable = True
    button = "retry"


class WrongAddress(UnexpectedContent, HTTPError):
    """Something answers at the configured address, but not in the way of the upstream: 404, a redirect, a web page."""

    code = "wrong_address"
    blame = "site"


class ReplyTooLong(ProviderError):
    """The reply is longer than this site accepts."""

    code = "reply_too_long"
    blame = "site"
    retryable = False
    button = "message"


class CutOff(ProviderError):
    """The connection ended before the reply did."""

    code = "cut_off"
    blame = "network"
    button = "continue"


def for_status(name: str, status: int, headers: Mapping[str, str]) -> ProviderError:
    """Return the error for an unsuccessful HTTP `status` of the upstream called `name`."""
    wait = retry_after(headers.get("Retry-After"))
    if status in (401, 403):
        return Refused(f"{name} refused this site's request (HTTP {status}).", status=status, retry_after=wait)
    if status == 402:
        return used_up(name, status)
    if status == 429:
        return RateLimited(f"{name} is limiting how many messages it answers.", status=status, retry_after=wait)
    if status == 407:
        return ProxyRefused("The proxy asks for a user name and password.", status=407)
    if status >= 500 or status in _WORTH_REPEATING:
        return HTTPError(f"{name} has a problem of its own (HTTP {status}).", status=status, retry_after=wait)
    if status in _WRONG_ADDRESS:
        sentence = f"{name} does not answer at the configured address (HTTP {status})."
        return WrongAddress(sentence, status=status)
    if 300 <= status < 400:
        sentence = f"{name} redirects to another address; the settings must name the final one (HTTP {status})."
        return WrongAddress(sentence, status=status)
    if status < 300:
        return UnexpectedContent(f"{name} sent no answer (HTTP {status}).", status=status)
    if status == 413:
        return too_long(name, status)
    return Rejected(f"{name} did not accept the request (HTTP {status}).", status=status)


def used_up(name: str, status: int | None) -> AccountUsedUp:
    """Return the error for an account of this site's that has nothing left."""
    return AccountUsedUp(f"{name} says that this site's account is used up.", status=status)


def too_long(name: str, status: int | None) -> TooLong:
    """Return the error for a conversation that is longer than the upstream called `name` takes."""
    return TooLong(f"{name} cannot take a conversation of this length.", status=status)


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number or an HTTP date, RFC 9110 §10.2.3), or None."""
    if not value:
        return None
    if re.fullmatch(r"\s*[0-9]{1,12}(\.[0-9]{1,9})?\s*", value, re.ASCII):
        seconds = float(value)
    else:
        try:
            date = parsedate_to_datetime(value)
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)

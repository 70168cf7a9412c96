"""What can go wrong between this site and an upstream, as one tree.

ProviderError
├── Unreachable           unreachable            no connection: name, port, certificate, proxy or address
├── OffLimits             off_limits             the upstream's site leads to where it has no business to send us
├── Stalled               stalled                connected, but silent for too long, or never ending
├── HTTPError             http_error             the upstream answered with an error status
│   ├── Refused           refused                401 or 403, with fresh credentials too
│   ├── RateLimited       rate_limited           429
│   └── UnknownModel      unknown_model          the upstream has no model of this name, or none at all
├── CredentialsNotFound   credentials_not_found  the site was read, but a value the protocol needs is not in it
├── UnexpectedContent     unexpected_content     a page, packed or empty content instead of a stream
│   └── WrongAddress      wrong_address          no such upstream at the configured address; an HTTPError as well
├── ReplyTooLong          reply_too_long         more text than this site accepts; the text up to there was yielded
└── CutOff                cut_off                the connection ended in the middle; the text up to there was yielded

`str(error)` is a calm English sentence. No error carries a secret, a prompt or an upstream's own words, neither in its
arguments nor in its `__context__`: they are raised outside the `except` block that caught their cause.
"""

# ruff: noqa: N818 - the names say what happened

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

Blame = Literal["upstream", "network", "site"]  # site = the administrator's settings

_LONGEST_RETRY_AFTER = 7 * 24 * 3600.0
_WORTH_REPEATING = {408, 409, 423, 425}
_WRONG_ADDRESS = {404, 405, 410}


class ProviderError(Exception):
    """The root. `retry_after` is in seconds; `status` is the HTTP status, when there was one."""

    code: str = "provider_error"
    blame: Blame = "upstream"
    retryable: bool = True
    retry_after: float | None = None
    status: int | None = None

    def __init__(
        self,
        sentence: str,
        *,
        blame: Blame | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.blame = self.blame if blame is None else blame
        self.retryable = self.retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.status = status


class Unreachable(ProviderError):
    """No connection could be made. `blame` is "site" where a proxy or an address of the settings is at fault."""

    code = "unreachable"
    blame = "network"


class OffLimits(ProviderError):
    """The upstream's site names a script or a redirect at an address of this machine, of its network, or unsafe."""

    code = "off_limits"
    retryable = False


class Stalled(ProviderError):
    """The upstream stayed silent for too long, or kept sending past the longest time a reply may take."""

    code = "stalled"


class HTTPError(ProviderError):
    """The upstream answered with a status that is no success."""

    code = "http_error"


class Refused(HTTPError):
    """The upstream does not accept this site's credentials, fresh ones included."""

    code = "refused"
    retryable = False


class RateLimited(HTTPError):
    """The upstream wants fewer requests; `retry_after` says when to come back, if it told."""

    code = "rate_limited"


class UnknownModel(HTTPError):
    """The upstream has no model of the name that it was asked for, or none at all."""

    code = "unknown_model"
    blame = "site"
    retryable = False


class CredentialsNotFound(ProviderError):
    """The upstream's site does not contain what the protocol needs; `missing` names the values."""

    code = "credentials_not_found"
    retryable = False

    def __init__(self, sentence: str, *, missing: tuple[str, ...] = (), retryable: bool | None = None) -> None:
        super().__init__(sentence, retryable=retryable)
        self.missing = missing


class UnexpectedContent(ProviderError):
    """Something other than a stream of text came back."""

    code = "unexpected_content"
    retryable = False


class WrongAddress(UnexpectedContent, HTTPError):
    """Something answers at the configured address, but not in the way of the upstream: 404, a redirect, a web page."""

    code = "wrong_address"
    blame = "site"
    retryable = False


class ReplyTooLong(ProviderError):
    """The reply is longer than this site accepts."""

    code = "reply_too_long"
    blame = "site"
    retryable = False


class CutOff(ProviderError):
    """The connection ended before the reply did."""

    code = "cut_off"
    blame = "network"


def for_status(name: str, status: int, headers: Mapping[str, str]) -> ProviderError:
    """Return the error for an unsuccessful HTTP `status` of the upstream called `name`."""
    wait = retry_after(headers.get("Retry-After"))
    if status in (401, 403):
        return Refused(f"{name} refused this site's request (HTTP {status}).", status=status, retry_after=wait)
    if status == 429:
        return RateLimited(f"{name} is limiting how many messages it answers.", status=status, retry_after=wait)
    if status == 407:
        return Unreachable("The proxy asks for a user name and password.", blame="site", retryable=False, status=407)
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
    return HTTPError(f"{name} did not accept the request (HTTP {status}).", status=status, retryable=False)


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

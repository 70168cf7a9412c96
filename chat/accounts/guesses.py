"""Counts wrong passwords and codes by whom they mean, however and wherever that is written."""

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.http import HttpRequest

from chat import names
from chat.accounts import browsers
from chat.accounts.backend import meant
from chat.models import User

APP = "allauth.account"
BY_STRANGERS, BY_OWNERS = "login_failed", "login_failed_known"  # so ACCOUNT_RATE_LIMITS calls them


def count_password(request: HttpRequest, login: str) -> RateLimitUsage | None:
    """Counts a password for this login, until it turns out right; None if it is one too many."""
    keys = [_owners_key(request, user) for user in _candidates(request, login)]
    return _count(request, next(filter(None, keys), ""), strangers_key(login))


def count_code(request: HttpRequest, user: User) -> RateLimitUsage | None:
    """The same for a code of the second factor, which only those give who know the password."""
    return _count(request, _owners_key(request, user), f"code {user.pk}")


def forget_codes(request: HttpRequest, user: User) -> None:
    """After a right code: the wrong ones before it were the owner's own mistakes."""
    own = _owners_key(request, user)
    ratelimit.clear(request, app=APP, action=_action(own), key=own or f"code {user.pk}")


def is_known(request: HttpRequest, login: str) -> bool:
    """Whether the account was signed in to in this browser before: strangers do not hold it up."""
    return any(browsers.mark(request, user) for user in _candidates(request, login))


def strangers_key(login: str) -> str:
    """What all spellings of a name have in common, whether or not it is somebody's.

    Not the account: if its name and its addresses shared a counter, that would tell that they
    belong together.
    """
    return f"name {names.lookalike(login)}"


def _candidates(request: HttpRequest, login: str) -> list[User]:
    """The accounts that may be this visitor's own; of who carries no mark, none."""
    if request.user.is_authenticated:
        return [request.user] if isinstance(request.user, User) else []
    return meant(login) if browsers.COOKIE in request.COOKIES else []


def _owners_key(request: HttpRequest, user: User) -> str:
    """The counter of a session, or browser, that is the account's own; "" for a stranger's."""
    return f"account {user.pk}" if request.user == user else browsers.mark(request, user)


def _count(request: HttpRequest, own: str, strangers: str) -> RateLimitUsage | None:
    return ratelimit.consume(request, app=APP, action=_action(own), key=own or strangers)


def _action(own: str) -> str:
    return BY_OWNERS if own else BY_STRANGERS

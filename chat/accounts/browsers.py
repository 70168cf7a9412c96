"""Browsers in which somebody has signed in to an account before: others' guesses do not hold those up."""

import secrets
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from chat.accounts.choices import YEAR_SECONDS
from chat.models import User

COOKIE = "known"
PATH = "/accounts/"
NONCE_CHARS = 16
MOST_ACCOUNTS = 5
PROVED = "_proved_to_be"


def mark(request: HttpRequest, user: User) -> str:
    """The mark that this browser carries of the account; "" if none, or since a new password."""
    for carried in _carried(request):
        if constant_time_compare(carried, _mark(carried, user)):
            return carried
    return ""


@receiver([user_logged_in, password_changed, password_set, password_reset])
def proved(sender: Any, request: HttpRequest | None, user: User, **_others: Any) -> None:
    """Somebody has just shown to be the owner of the account."""
    if request is not None:
        setattr(request, PROVED, user)


def remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Gives the browser a mark of the account whose owner has just been there, if somebody has.

    A mark tells nothing: it is chance, and a digest of that, of the account, and of its password.
    """
    user: User | None = getattr(request, PROVED, None)
    if user is not None:
        own = mark(request, user) or _mark(secrets.token_urlsafe(NONCE_CHARS), user)
        marks = [own, *(other for other in _carried(request) if other != own)][:MOST_ACCOUNTS]
        response.set_cookie(
            COOKIE,
            ".".join(marks),
            YEAR_SECONDS,
            path=PATH,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def _carried(request: HttpRequest) -> list[str]:
    return [mark for mark in request.COOKIES.get(COOKIE, "").split(".")[:MOST_ACCOUNTS] if mark]


def _mark(begun: str, user: User) -> str:
    nonce = begun[:NONCE_CHARS]
    words = f"{nonce} {user.pk} {user.password}"
    return nonce + salted_hmac("chat.browser", words, algorithm="sha256").hexdigest()

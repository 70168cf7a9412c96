"""Who is behind a browser's session, and whether that is still so."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple

from asgiref.typing import WebSocketScope
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, parse_cookie
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chat.models import User

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


class SignedIn(NamedTuple):
    """A session as it was when somebody last looked; `password` is the stored hash, to notice a change."""

    session_key: str
    user_id: int
    password: str


def key_from(scope: WebSocketScope | dict[str, Any]) -> str:
    """The session key in a connection's cookies; "" when there is none."""
    return cookies(scope).get(settings.SESSION_COOKIE_NAME, "")


def cookies(scope: WebSocketScope | dict[str, Any]) -> dict[str, str]:
    for name, value in scope["headers"]:
        if name == b"cookie":
            return parse_cookie(value.decode("latin1"))
    return {}


def user_of(session_key: str) -> User | None:
    """The active user who is signed in with this session; None when it has ended."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return user if user.is_authenticated else None


async def person(request: HttpRequest) -> User:
    """Who sent a request that `login_required` has let through; templates would ask the database again."""
    user = await request.auser()
    assert isinstance(user, User)
    request.user = user
    return user


def digest(user: AbstractBaseUser | AnonymousUser | None) -> str:
    """What a browser calls its reader by, to keep people's things apart: the same for ever, "" for nobody.

    It tells neither a name nor a number.
    """
    if user is None or user.pk is None:
        return ""
    return salted_hmac("chat.accounts.sessions.digest", str(user.pk), algorithm="sha256").hexdigest()[:16]


def still(signed_in: tuple[str, int, str]) -> bool:
    """Whether the session has not ended since; one plain statement, as every command asks it."""
    with connection.cursor() as cursor:
        cursor.execute(STILL, [*signed_in, connection.ops.adapt_datetimefield_value(timezone.now())])
        return cursor.fetchone() is not None


STILL = (
    "SELECT 1 FROM django_session s, chat_user u WHERE s.session_key = %s AND u.id = %s AND u.password = %s"
    " AND u.is_active AND s.expire_date > %s"
)


def ended(signed_in: Iterable[SignedIn]) -> set[SignedIn]:
    """Those who were signed out or deactivated, or whose password changed; two queries for any number."""
    signed_in = set(signed_in)
    keys = {item.session_key for item in signed_in}
    alive = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("pk", flat=True)
    )
    users = {item.user_id for item in signed_in}
    passwords = dict(User.objects.filter(pk__in=users, is_active=True).values_list("pk", "password"))
    return {item for item in signed_in if item.session_key not in alive or passwords.get(item.user_id) != item.password}

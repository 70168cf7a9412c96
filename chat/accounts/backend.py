"""Finds the account that a sign-in means, with one look into an index however many accounts there are."""

from typing import Any

from allauth.account import app_settings
from allauth.account.app_settings import LoginMethod
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.http import HttpRequest

from chat import names
from chat.accounts import hashing
from chat.models import User

OLD_WAY_KEY = "chat.passwords.old"
TEN_MINUTES, DAY = 600, 24 * 3600


class Backend(AuthenticationBackend):
    """allauth's backend, except that a user name is looked up by its indexed look-alike form, and that a password is
    compared once: twice, as for an address that is known, would tell by the time it takes that it is known."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Raises hashing.Busy. All of it is one turn, so that nobody is sent away half-way."""
        with hashing.GATE.turn():
            found: User | None = super().authenticate(request, **credentials)
            return found

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        for user in meant(login_of(credentials)):
            found = self._check_password(user, credentials.get("password") or "")
            if isinstance(found, User):
                return found
        return None

    def _check_password(self, user: Any, password: str) -> Any:
        found = super()._check_password(user, password)
        if found is None and not user.password.startswith(hashing.OLD_WAY):
            _take_as_long_as_others(password)
        return found

    def _mitigate_timing_attack(self, password: str) -> None:
        super()._mitigate_timing_attack(password)
        _take_as_long_as_others(password)


def login_of(credentials: dict[str, Any]) -> str:
    """The name or address that somebody signs in with, cut before anything is done with it."""
    return str(credentials.get("email") or credentials.get("username") or "")[: names.MOST_TYPED]


def meant(login: str) -> list[User]:
    """The accounts with this address, usually one at most; else the one with this name."""
    if LoginMethod.EMAIL in app_settings.LOGIN_METHODS and "@" in login:
        found: list[User] = filter_users_by_email(login, prefer_verified=True, for_login=True)
        if found:
            return found
    if LoginMethod.USERNAME not in app_settings.LOGIN_METHODS:
        return []
    by_name = (
        User.objects.filter(lookalike=names.lookalike(login)).first() or User.objects.filter(username=login).first()
    )
    return [by_name] if by_name else []


def _take_as_long_as_others(password: str) -> None:
    """While some passwords are kept in the old, slower way, a wrong one takes that long for all."""
    if isinstance(get_hasher(), hashing.Argon2PasswordHasher) and _some_are_kept_in_the_old_way():
        hashing.as_costly_as_the_old_way(password)


def _some_are_kept_in_the_old_way() -> bool:
    """Looks at all accounts, so only now and then; once there is none, there will be none."""
    known: bool | None = cache.get(OLD_WAY_KEY)
    if known is None:
        known = User.objects.filter(password__startswith=hashing.OLD_WAY).exists()
        cache.set(OLD_WAY_KEY, known, TEN_MINUTES if known else DAY)
    return known

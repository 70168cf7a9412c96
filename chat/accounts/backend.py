"""Finds the account that a sign-in means, with one look into an index however many accounts there are."""

from typing import Any

from allauth.account import app_settings
from allauth.account.app_settings import LoginMethod
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email
from django.http import HttpRequest

from chat import names
from chat.models import User


class Backend(AuthenticationBackend):
    """allauth's backend, except that a user name is looked up by its indexed look-alike form, and that a password is
    compared once: twice, as for an address that is known, would tell by the time it takes that it is known."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        name = credentials.get("email") or credentials.get("username") or ""
        for user in _meant(name):
            found = self._check_password(user, credentials.get("password") or "")
            if isinstance(found, User):
                return found
        return None


def _meant(name: str) -> list[User]:
    """The accounts with this address, usually one at most; else the one with this name."""
    if LoginMethod.EMAIL in app_settings.LOGIN_METHODS and "@" in name:
        found: list[User] = filter_users_by_email(name, prefer_verified=True, for_login=True)
        if found:
            return found
    if LoginMethod.USERNAME not in app_settings.LOGIN_METHODS:
        return []
    by_name = User.objects.filter(lookalike=names.lookalike(name)).first() or User.objects.filter(username=name).first()
    return [by_name] if by_name else []

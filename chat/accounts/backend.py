"""Finds the account that a sign-in means, with one look into an index however many accounts there are."""

from allauth.account import app_settings
from allauth.account.app_settings import LoginMethod
from allauth.account.auth_backends import AuthenticationBackend

from chat import names
from chat.models import User


class Backend(AuthenticationBackend):
    """allauth's backend, except that a user name is looked up by its indexed look-alike form."""

    def _authenticate_by_username(self, username: str, password: str) -> User | None:
        if LoginMethod.USERNAME not in app_settings.LOGIN_METHODS:
            return None
        user = User.objects.filter(lookalike=names.lookalike(username)).first()
        user = user or User.objects.filter(username=username).first()
        found = self._check_password(user, password)
        return found if isinstance(found, User) else None

"""Forms of the second factor: a code counts once, for as long as it could be typed again; a passkey has a name."""

from typing import Any

from allauth.account import adapter as accounts
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from chat.accounts import guesses


class Once(forms.BaseAuthenticateForm):
    """A code that was used is wrong until no clock takes it any more; wrong ones are counted.

    allauth remembers it for one step of the app only, but takes those of the step before and the step after, too.
    """

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if guesses.count_code(context.request, self.user) is None:
            raise accounts.get_adapter().validation_error("too_many_login_attempts")
        key = f"chat.code.{self.user.pk}.{''.join(filter(str.isalnum, code))[:20]}"
        found = None if cache.get(key) else self._authenticator_of(code)
        if found is None:
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator = found
        cache.set(key, True, app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1))
        guesses.forget_codes(context.request, self.user)
        return code

    def _authenticator_of(self, code: str) -> Authenticator | None:
        """The authenticator app, or the recovery codes, of which this is a code."""
        own = Authenticator.objects.filter(user=self.user)
        for found in own.exclude(type=Authenticator.Type.WEBAUTHN):
            if found.wrap().validate_code(code):
                found.user = self.user
                return found
        return None


class AuthenticateForm(Once, forms.AuthenticateForm):
    """At sign-in."""


class ReauthenticateForm(Once, forms.ReauthenticateForm):
    """Before something that only the owner may do."""


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """allauth's label of the name knows English only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")

"""Codes of the second factor: each counts once, for as long as it could be typed again."""

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from django.core.cache import cache


class Once(forms.BaseAuthenticateForm):
    """A code that was used is wrong until no clock takes it any more.

    allauth remembers it for one step of the app only, but takes those of the step before and the step after, too.
    """

    def clean_code(self) -> str:
        typed = "".join(filter(str.isalnum, self.cleaned_data["code"]))[:20]
        key = f"chat.code.{self.user.pk}.{typed}"
        if cache.get(key):
            raise get_adapter().validation_error("incorrect_code")
        code: str = super().clean_code()
        cache.set(key, True, app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1))
        return code


class AuthenticateForm(Once, forms.AuthenticateForm):
    """At sign-in."""


class ReauthenticateForm(Once, forms.ReauthenticateForm):
    """Before something that only the owner may do."""

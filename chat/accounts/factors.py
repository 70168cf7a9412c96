"""Forms of the second factor: a code counts once, for as long as it could be typed again; a passkey has a name."""

from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.webauthn import forms as webauthn
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _


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


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """allauth's label of the name knows English only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")

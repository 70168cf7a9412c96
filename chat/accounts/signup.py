"""The form of sign-up, which takes as long for an address that is known as for a new one."""

from typing import Any

from allauth.account import forms
from django.http import HttpRequest

from chat.models import User


class SignupForm(forms.SignupForm):
    """For a known address nothing is saved, and the answer is the same; but no password would be hashed either, and
    the time would tell."""

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

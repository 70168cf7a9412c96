"""Forms: the first administrator."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.forms import UserCreationForm

from chat.models import User

if TYPE_CHECKING:
    AccountForm = UserCreationForm[User]
else:
    AccountForm = UserCreationForm


class FirstAdministratorForm(AccountForm):
    class Meta:
        model = User
        fields: ClassVar = ["username"]

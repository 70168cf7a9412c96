"""Forms: the first administrator, and what people choose for themselves."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import UserCreationForm
from django.utils.translation import gettext_lazy as _

from chat import inputs, limits
from chat.models import User
from chat.voices import offers

if TYPE_CHECKING:
    AccountForm = UserCreationForm[User]
    UserForm = forms.ModelForm[User]
else:
    AccountForm = UserCreationForm
    UserForm = forms.ModelForm


class FirstAdministratorForm(AccountForm):
    class Meta:
        model = User
        fields: ClassVar = ["username"]


class PreferencesForm(UserForm):
    """A person's own choices; empty ones are left to the device or the site."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    theme = forms.ChoiceField(
        label=_("Colours"),
        required=False,
        choices=[("", _("As on this device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    enter_sends = forms.TypedChoiceField(
        label=_("Enter"),
        choices=[("1", _("sends; Shift and Enter break the line")), ("", _("breaks the line; Ctrl and Enter send"))],
        coerce=bool,
        empty_value="",
        required=False,
    )
    default_model = forms.ChoiceField(label=_("Model of new conversations"), required=False)

    class Meta:
        model = User
        fields: ClassVar = ["first_name", "language", "theme", "enter_sends", "default_model", "system_prompt"]
        labels: ClassVar = {"first_name": _("Name"), "system_prompt": _("Instructions for every answer")}
        help_texts: ClassVar = {
            "system_prompt": _("Goes before each of your conversations, as in: Answer briefly, in British English."),
        }
        widgets: ClassVar = {"system_prompt": forms.Textarea(attrs={"rows": 4})}

    def clean_system_prompt(self) -> str:
        return inputs.text(self.cleaned_data["system_prompt"])

    def clean_enter_sends(self) -> bool:
        return bool(self.cleaned_data["enter_sends"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages, models = self.fields["language"], self.fields["default_model"]
        assert isinstance(languages, forms.ChoiceField)
        assert isinstance(models, forms.ChoiceField)
        languages.choices = [("", _("As in the browser")), *settings.LANGUAGES]
        only = limits.allowance(self.instance).models
        known = offers.models(only)
        chosen = self.instance.default_model
        if chosen and chosen not in known and not only:
            known.append(chosen)  # it may be there again
        models.choices = [("", _("The site's choice")), *((name, name) for name in known)]
        self.initial["enter_sends"] = "1" if self.instance.enter_sends else ""

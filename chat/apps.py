"""The one Django app: hands the provider settings over when Django starts; and the administration, as it is here."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "magickpen_site.administration.Site"


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "MagickPen Chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat import providers

        providers.configure(settings.PROVIDER_OPTIONS)

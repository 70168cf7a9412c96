"""The one Django app: hands the provider settings over when Django starts."""

from django.apps import AppConfig
from django.conf import settings


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "MagickPen Chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat import providers

        providers.configure(settings.PROVIDER_OPTIONS)

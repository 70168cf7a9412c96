"""How much somebody may ask, where it differs from the settings, and what they have asked for."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Limits(models.Model):
    """What one user or one group may do, where it differs from the settings: empty is "as everybody", 0 is no limit."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="limits", verbose_name=_("user")
    )
    group = models.OneToOneField(
        Group, models.CASCADE, null=True, blank=True, related_name="limits", verbose_name=_("group")
    )
    per_day = models.PositiveIntegerField(_("messages in 24 hours"), null=True, blank=True)
    per_minute = models.PositiveIntegerField(_("messages a minute"), null=True, blank=True)
    at_once = models.PositiveIntegerField(_("answers at once"), null=True, blank=True)
    prompt_chars = models.PositiveIntegerField(
        _("characters of a message"), null=True, blank=True, validators=[MaxValueValidator(60_000)]
    )
    conversation_messages = models.PositiveIntegerField(_("messages of a conversation"), null=True, blank=True)
    only_models = models.CharField(
        _("models"), max_length=500, blank=True, help_text=_("Names with spaces between; empty is all of them.")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("limits")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None, group__isnull=False) | models.Q(user__isnull=False, group=None),
                name="limits_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)


class Spent(models.Model):
    """One answer that was asked for. It stays when the conversation goes, and, without the name, when the user goes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
    at_ms = models.BigIntegerField()
    provider = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["user", "at_ms"], name="spent_by_user"),
            models.Index(fields=["provider", "at_ms"], name="spent_by_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.at_ms}"

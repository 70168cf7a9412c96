"""What belongs to an account besides its conversations: a name nobody else can imitate, invitations, limits."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import inputs, names


class Person(AbstractUser):
    """A person with an account.

    `lookalike` is the same for all names that look alike, and unique. It is empty only in rows that were not made by
    `save`. `is_waiting` says that an administrator has not let them in yet; such an account is not active.
    """

    lookalike = models.CharField(max_length=names.MOST_CHARS, unique=True, null=True, editable=False)  # noqa: DJ001
    is_waiting = models.BooleanField(
        _("waiting"), default=False, help_text=_("Signed up, and waits for an administrator to let them in.")
    )
    on_hold = models.BooleanField(
        _("legal hold"), default=False, help_text=_("Nothing of this account is removed, by anybody or anything.")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("colours"), max_length=5, blank=True)
    enter_sends = models.BooleanField(_("Enter sends"), default=True)
    default_model = models.CharField(_("model of new conversations"), max_length=120, blank=True)
    system_prompt = models.TextField(_("instructions for every answer"), max_length=4000, blank=True)

    class Meta(AbstractUser.Meta):
        abstract = True

    def clean(self) -> None:
        super().clean()
        if inputs.shown(self.username) != self.username:
            raise ValidationError({"username": _("This name has characters in it that nobody can see.")})
        twins = type(self)._default_manager.filter(lookalike=names.lookalike(self.username or ""))
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError({"username": _("This name is taken, or looks like one that is.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.lookalike = names.lookalike(self.username)
        self.first_name, self.last_name = inputs.shown(self.first_name), inputs.shown(self.last_name)
        if kwargs.get("update_fields") and "username" in kwargs["update_fields"]:
            kwargs["update_fields"] = {*kwargs["update_fields"], "lookalike"}
        super().save(*args, **kwargs)


class Receipt(models.Model):
    """That an account and all its rows were deleted: when, how many, and a digest of its name.

    `proof` stands on the owner's copy only: without it, the digest answers no guess at a name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("deleted"), default=timezone.now)
    digest = models.CharField(_("digest"), max_length=64)
    proof = ""
    rows = models.JSONField(_("rows"), default=dict)

    class Meta:
        verbose_name = _("receipt of deletion")
        verbose_name_plural = _("receipts of deletion")
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.pk)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> "InvitationQuerySet":
        return self.filter(used__lt=models.F("most"), expires__gt=timezone.now())


class Invitation(models.Model):
    """A link with which people may sign up: so many of them, until then, into that group."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.CharField(_("note"), max_length=120, blank=True, help_text=_("For administrators only."))
    group = models.ForeignKey(Group, models.SET_NULL, null=True, blank=True, verbose_name=_("group"))
    most = models.PositiveIntegerField(_("people"), default=1, help_text=_("How many people may use the link."))
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    expires = models.DateTimeField(_("expires"))
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="invitations_made",
        verbose_name=_("created by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.note or str(self.pk)


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

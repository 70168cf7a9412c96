"""What an account holds: a name that nobody else can imitate, what its owner has chosen, invitations, receipts."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import lines, names


class User(AbstractUser):
    """A person with an account.

    `lookalike` is the same for all names that look alike, and unique. It is empty only in rows that were not made by
    `save`. `is_waiting` says that an administrator has not let them in yet; such an account is not active.

    `draft` is what stands in the composer of a new conversation, under the key that its message will have.
    `signed_in` is the session by which a page that stays open came in (see chat.accounts.sessions); every verb looks
    whether it has ended. Requests leave it empty: Django has just looked.
    """

    signed_in: tuple[str, int, str] | None = None

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
    draft = models.TextField(blank=True, editable=False)
    draft_key = models.UUIDField(null=True, editable=False)

    class Meta(AbstractUser.Meta):
        indexes = [models.Index(fields=["email"], name="user_by_email")]
        permissions = [("hold_user", "Can set and lift a legal hold")]

    def clean(self) -> None:
        super().clean()
        if lines.shown(self.username) != self.username:
            raise ValidationError({"username": _("This name has characters in it that nobody can see.")})
        twins = type(self)._default_manager.filter(lookalike=names.lookalike(self.username or ""))
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError({"username": _("This name is taken, or looks like one that is.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.lookalike = names.lookalike(self.username)
        self.first_name, self.last_name = lines.shown(self.first_name), lines.shown(self.last_name)
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

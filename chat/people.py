"""What belongs to an account besides its conversations: the name nobody else can imitate, and invitations."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import names


class Person(AbstractUser):
    """A person with an account.

    `lookalike` is the same for all names that look alike, and unique. It is empty only in rows that were not made by
    `save`. `is_waiting` says that an administrator has not let them in yet; such an account is not active.
    """

    lookalike = models.CharField(max_length=names.MOST_CHARS, unique=True, null=True, editable=False)  # noqa: DJ001
    is_waiting = models.BooleanField(
        _("waiting"), default=False, help_text=_("Signed up, and waits for an administrator to let them in.")
    )

    class Meta(AbstractUser.Meta):
        abstract = True

    def clean(self) -> None:
        super().clean()
        twins = type(self)._default_manager.filter(lookalike=names.lookalike(self.username or ""))
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError({"username": _("This name is taken, or looks like one that is.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.lookalike = names.lookalike(self.username)
        if kwargs.get("update_fields") and "username" in kwargs["update_fields"]:
            kwargs["update_fields"] = {*kwargs["update_fields"], "lookalike"}
        super().save(*args, **kwargs)


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

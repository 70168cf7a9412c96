"""A running process's sign of life."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now


class LeaseQuerySet(models.QuerySet["Lease"]):
    def fresh(self) -> Self:
        return self.filter(renewed__gt=Now() - Lease.LASTS)


class Lease(models.Model):
    """A running process's sign of life; its replies may be taken over when it is `LASTS` old.

    Times are the database's own clock, so that two machines need not agree.
    """

    LASTS = timedelta(seconds=6)

    token = models.UUIDField(primary_key=True)
    renewed = models.DateTimeField(db_default=Now())

    objects = LeaseQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.token)

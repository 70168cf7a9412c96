"""The trail of what administrators read and did to people."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from chat.models import Conversation

READ = gettext_noop("Read the transcript.")
LET_IN = gettext_noop("Let in.")
MADE_LINK = gettext_noop("Made a one-time link to a new password.")


def reading(request: HttpRequest, conversation: Conversation) -> None:
    """Records that this administrator reads this conversation; Django's own log keeps it, without any message text."""
    note(request, conversation, READ)


def note(request: HttpRequest, about: Model, words: str) -> None:
    """Records that this administrator did this to something."""
    assert request.user.pk is not None
    LogEntry.objects.log_actions(request.user.pk, [about], CHANGE, change_message=words, single_object=True)

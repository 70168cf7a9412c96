"""The trail of what administrators read."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from chat.models import Conversation

READ = gettext_noop("Read the transcript.")


def reading(request: HttpRequest, conversation: Conversation) -> None:
    """Records that this administrator reads this conversation; Django's own log keeps it, without any message text."""
    assert request.user.pk is not None
    only = [conversation]
    LogEntry.objects.log_actions(request.user.pk, only, CHANGE, change_message=READ, single_object=True)

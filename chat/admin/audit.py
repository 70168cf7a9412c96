"""The trail of what administrators read and did to people."""

from collections.abc import Iterable, Mapping

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from chat.models import Conversation

MOST_WORDS = 500

READ = gettext_noop("Read the transcript.")
LET_IN = gettext_noop("Let in.")
HELD = gettext_noop("Set a legal hold.")
LIFTED = gettext_noop("Lifted the legal hold.")
MADE_LINK = gettext_noop("Made a one-time link to a new password.")
SEARCHED = gettext_noop("Searched.")


def reading(request: HttpRequest, conversation: Conversation) -> None:
    """Records that this administrator reads this conversation; Django's own log keeps it, without any message text."""
    note(request, conversation, READ)


def deleting(request: HttpRequest, conversations: Iterable[Conversation]) -> list[LogEntry]:
    """Records that this administrator deletes these conversations."""
    return [note(request, conversation, "", DELETION) for conversation in conversations]


def searching(request: HttpRequest, model: type[Model], asked: Mapping[str, Iterable[str]], count: int) -> None:
    """Records with which words this administrator searched a list of these, and how many were found."""
    assert request.user.pk is not None
    words = ", ".join(f"{name}: {' '.join(values)[:MOST_WORDS]}" for name, values in asked.items())
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=words[:200],
        action_flag=CHANGE,
        change_message=f"{SEARCHED} {words}. {count}",
    )


def note(request: HttpRequest, about: Model, words: str, flag: int = CHANGE) -> LogEntry:
    """Records that this administrator did this to something. A conversation goes by its key: its title, which is made
    of its first message, must not outlive it in the log."""
    assert request.user.pk is not None
    return LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(about.pk),
        object_repr=str(about.pk) if isinstance(about, Conversation) else str(about)[:200],
        action_flag=flag,
        change_message=words,
    )

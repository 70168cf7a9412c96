"""What policy says is too old, and what nobody needs any more."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from chat import write_ahead_log
from chat.accounts import erasure
from chat.conversations import keeping
from chat.limits.standing import DAY_MS, now_ms
from chat.models import Conversation, ConversationQuerySet, Shelf, Spent


def too_old(days: int) -> ConversationQuerySet:
    """The conversations that policy removes: not used for so many days, not pinned, and of nobody on hold."""
    since = timezone.now() - timedelta(days=days)
    return Conversation.objects.filter(updated__lt=since, owner__on_hold=False).exclude(shelf=Shelf.PINNED)


def by_policy() -> dict[str, int]:
    """Removes what is too old by CHAT_RETENTION_DAYS, and what nobody needs any more; returns how much of each."""
    days = settings.CHAT_RETENTION_DAYS
    removed = {
        "conversations": erasure.erase(too_old(days)) if days else 0,
        "deleted conversations": keeping.purge(),
        "sessions": Session.objects.filter(expire_date__lt=timezone.now()).delete()[0],
        "counted answers": Spent.objects.filter(at_ms__lt=now_ms() - 2 * DAY_MS).delete()[0],
    }
    transaction.on_commit(write_ahead_log.empty)
    return removed

"""What an owner does with whole conversations: rename, pin, archive, delete and take back, look at.

Each verb is one synchronous database function. Conversations that are not the user's own do not exist for them: who
names only such gets Refused, who names none changes nothing.
"""

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from chat import inputs, lines, refusals
from chat.models import Conversation, ConversationQuerySet, Message, Shelf, State, User

UNDO_FOR = timedelta(days=1)
"""How long a deleted conversation can be brought back; then it is purged."""
MOST_AT_ONCE = 500
MOST_PURGED_IN_PASSING = 20


def rename(user: User, ids: Collection[uuid.UUID], title: str) -> None:
    """Gives a conversation another title, without moving it in the list; one that nobody can see changes nothing."""
    title = lines.shown(title, inputs.longest(Conversation, "title"))
    found = _own(user, ids)
    if not (found.update(title=title) if title else found.exists()):
        raise refusals.no_such_conversation()


def put(user: User, ids: Collection[uuid.UUID], shelf: Shelf) -> None:
    """Puts conversations on a shelf: pins them, archives them, or lists them again."""
    if ids and not _own(user, ids).update(shelf=shelf):
        raise refusals.no_such_conversation()


def delete(user: User, ids: Collection[uuid.UUID]) -> str:
    """Deletes conversations and stops what is written in them; returns a mark for `restore`, "" if none is named."""
    if not ids:
        return ""
    now = timezone.now()
    found = set(_own(user, ids).values_list("pk", flat=True))
    if not found:
        raise refusals.no_such_conversation()
    live = Message.objects.live().filter(conversation__in=found)
    live.update(state=State.STOPPED, rev=F("rev") + 1, lease=None, settled=now)
    _own(user, found).update(deleted=now)
    purge(MOST_PURGED_IN_PASSING)
    return inputs.stamp(now)


def restore(user: User, mark: str) -> None:
    """Brings back what the user deleted together, if it is not too late."""
    if not _deleted(user, mark).update(deleted=None):
        raise refusals.no_such_conversation()


def count_deleted(user: User, mark: str) -> int:
    """How many conversations `restore` would bring back."""
    return _deleted(user, mark).count()


def purge(most: int | None = None) -> int:
    """Removes what was deleted more than `UNDO_FOR` ago for good; returns how many conversations."""
    old = Conversation.objects.filter(deleted__lt=timezone.now() - UNDO_FOR, owner__on_hold=False).order_by("deleted")
    pks = list(old.values_list("pk", flat=True)[:most])
    for start in range(0, len(pks), MOST_AT_ONCE):
        Conversation.objects.filter(pk__in=pks[start : start + MOST_AT_ONCE]).delete()
    return len(pks)


def look(user: User, ids: Collection[uuid.UUID]) -> None:
    """Notes that the owner looks at conversations now."""
    _own(user, ids).update(looked=timezone.now())


def _own(user: User, ids: Collection[uuid.UUID]) -> ConversationQuerySet:
    return Conversation.objects.for_user(user).filter(pk__in=list(ids)[:MOST_AT_ONCE])


def _deleted(user: User, mark: str) -> ConversationQuerySet:
    when = inputs.moment(mark)
    if when is None or when < timezone.now() - UNDO_FOR:
        return Conversation.objects.none()
    return Conversation.objects.filter(owner=user, deleted=when)

"""Which versions of a message there are: edited prompts and repeated answers are brothers in the tree."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from chat.models import Message, Versions


def attach(messages: list[Message]) -> list[Message]:
    """Gives each of these messages, all of one conversation, its `versions` where there are several; one query."""
    if not messages:
        return messages
    brothers = _brothers(messages)
    for message in messages:
        pks = brothers[message.parent_id, message.author]
        message.versions = _versions(pks, message.pk) if len(pks) > 1 else None
    return messages


def _brothers(messages: Iterable[Message]) -> dict[tuple[int | None, str], list[int]]:
    messages = list(messages)
    family = Q(parent_id__in={message.parent_id for message in messages if message.parent_id})
    if any(message.parent_id is None for message in messages):
        family |= Q(parent_id=None)
    found: defaultdict[tuple[int | None, str], list[int]] = defaultdict(list)
    rows = Message.objects.filter(family, conversation_id=messages[0].conversation_id).order_by("pk")
    for pk, parent_id, author in rows.values_list("pk", "parent_id", "author"):
        found[parent_id, author].append(pk)
    return found


def _versions(pks: list[int], pk: int) -> Versions:
    place = pks.index(pk)
    return Versions(
        position=place + 1,
        total=len(pks),
        previous=pks[place - 1] if place else None,
        next=pks[place + 1] if place + 1 < len(pks) else None,
    )

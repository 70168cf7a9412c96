"""Where messages stand in the tree: their versions, which are brothers there, and what stands below them."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from chat.models import Message, Versions


def attach(messages: list[Message]) -> list[Message]:
    """Gives each of these messages, all of one conversation, its `versions` where there are several; one query.

    And says which ones are followed, with a second query if that matters to any.
    """
    if not messages:
        return messages
    attach_followed(messages)
    brothers = _brothers(messages)
    for message in messages:
        pks = brothers[message.parent_id, message.author]
        message.versions = _versions(pks, message.pk) if len(pks) > 1 else None
    return messages


def attach_followed(messages: Iterable[Message]) -> None:
    """Says of those messages that might be continued, all of one conversation, whether a shown one follows them."""
    unfinished = [message for message in messages if message.may_continue]
    if not unfinished:
        return
    shown = Message.objects.filter(conversation_id=unfinished[0].conversation_id).shown()
    newest = shown.values_list("pk", flat=True).last() or 0
    for message in unfinished:
        message.is_followed = message.pk < newest


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

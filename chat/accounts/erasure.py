"""Deletes for good: all conversations of a person, or a whole account with a receipt."""

import hmac
import secrets
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.utils.translation import gettext as _

from chat import write_ahead_log
from chat.models import Conversation, ConversationQuerySet, Receipt, User
from chat.refusals import Refused

AT_ONCE = 100
PROOF_BYTES = 32


def all_conversations(user: User) -> int:
    """Deletes every conversation of the user for good; returns how many. Raises Refused under a legal hold."""
    _refuse_held(user)
    count = erase(Conversation.objects.filter(owner=user))
    transaction.on_commit(write_ahead_log.empty)
    return count


def account(user: User) -> Receipt:
    """Deletes the user and every row that belongs to them, looks whether any is left, and writes a receipt.

    All or nothing. Raises Refused under a legal hold, and for staff, whose trail in the log must not go with them.
    """
    _refuse_held(user)
    if user.is_staff:
        raise Refused("state", _("This account administers the site. Another administrator has to end that first."))
    with transaction.atomic():
        pk, before, proof = user.pk, rows_of(user.pk), secrets.token_hex(PROOF_BYTES)
        digest = digest_of(user.username, proof)
        _forget_in_log(pk, list(Conversation.objects.filter(owner=user).values_list("pk", flat=True)))
        Session.objects.filter(pk__in=_session_keys(user)).delete()
        erase(Conversation.objects.filter(owner=user))
        user.delete()
        if left := {name: count for name, count in rows_of(pk).items() if count}:
            raise RuntimeError(f"rows were left behind: {left}")
        transaction.on_commit(write_ahead_log.empty)
        rows = {name: count for name, count in before.items() if count}
        receipt = Receipt.objects.create(digest=digest, rows=rows)
        receipt.proof = proof  # for the page that is shown now
        return receipt


def erase(found: ConversationQuerySet) -> int:
    """A hundred at a time, each hundred a transaction of its own unless the caller has one."""
    count = 0
    while pks := list(found.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            Conversation.objects.filter(pk__in=pks).delete()
        count += len(pks)
    return count


def digest_of(username: str, proof: str) -> str:
    """What a receipt calls an account: HMAC-SHA256 of the name, with the proof as it is written for a key.

    The proof is chance and kept nowhere: only the owner's copy tells of which name a digest is.
    """
    return hmac.digest(proof.encode(), username.encode(), "sha256").hex()


def _refuse_held(user: User) -> None:
    if User.objects.filter(pk=user.pk, on_hold=True).exists():
        raise Refused(
            "state", _("This account is under a legal hold: nothing of it may be deleted now. Ask the administrator.")
        )


def rows_of(user_pk: int) -> dict[str, int]:
    """How many rows of every kind refer to the user, or to a conversation of theirs."""
    counts: dict[str, int] = {}
    for model in apps.get_models():
        for path in _paths_to_user(model):
            counts[f"{model._meta.label}.{path}"] = model._base_manager.filter(**{path: user_pk}).count()
    return counts


def _paths_to_user(model: type[models.Model], depth: int = 2) -> list[str]:
    """The ways along foreign keys from a model to its user: `owner`, `conversation__owner` …"""
    found: list[str] = []
    for field in model._meta.concrete_fields + model._meta.many_to_many:
        target: Any = field.related_model
        if target is User:
            found.append(field.name)
        elif depth > 1 and isinstance(target, type) and target is not model and field.many_to_one:
            found += [f"{field.name}__{path}" for path in _paths_to_user(target, depth - 1)]
    return found


def _session_keys(user: User) -> list[str]:
    sessions = apps.get_model("usersessions", "UserSession").objects.filter(user=user)
    return list(sessions.values_list("session_key", flat=True))


def _forget_in_log(user_pk: int, conversations: list[Any]) -> None:
    """The administrators' log keeps that something was done, not to whom: names and titles go."""
    entries = LogEntry.objects.all()
    people = ContentType.objects.get_for_model(User)
    entries.filter(content_type=people, object_id=str(user_pk)).update(object_repr="")
    talks = ContentType.objects.get_for_model(Conversation)
    for start in range(0, len(conversations), AT_ONCE):
        ids = [str(pk) for pk in conversations[start : start + AT_ONCE]]
        entries.filter(content_type=talks, object_id__in=ids).update(object_repr="")

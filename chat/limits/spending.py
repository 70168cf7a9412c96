"""Spends one answer of a user's allowance, before anybody is asked for it, and in the transaction that stores it."""

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.limits import allowances, fairness, standing
from chat.limits.allowances import Allowance
from chat.limits.prompts import check_length
from chat.limits.standing import DAY_MS, MINUTE_MS, Standing
from chat.models import Conversation, Message
from chat.refusals import Refused, wait


def spend(conversation: Conversation, provider: str, model: str, text: str = "") -> Allowance:
    """Counts one answer for the owner, and returns what is left; or raises Refused, and the caller's transaction must
    be rolled back.

    The row is written first: on PostgreSQL that locks the user, so that another process sees it when it counts; SQLite
    has one writer anyway. A provider's turn comes before any user's, or two processes could wait for each other.
    """
    user_id = conversation.owner_id
    most = settings.PROVIDER_DAILY_MESSAGES.get(provider, 0)
    if most and connection.vendor == "postgresql":
        fairness.wait_for_turn(provider)
    _write(user_id, provider)
    now = standing.read(user_id, provider if most else "")
    check_length(text, now.most.prompt_chars or len(text))
    _check_model(now, model, provider)
    _check_concurrency(now)
    _check_rate(now, user_id)
    _check_size(now, conversation)
    if most:
        fairness.check(user_id, provider, now.of_provider, most)
    return allowances.of(now)


def _write(user_id: int, provider: str) -> None:
    statement = INSERT_LOCKING if connection.vendor == "postgresql" else INSERT
    with connection.cursor() as cursor:
        cursor.execute(statement, [user_id, standing.now_ms(), provider])


INSERT = "INSERT INTO chat_spent (user_id, at_ms, provider) VALUES (%s, %s, %s)"
# "NO KEY", as rows that refer to the user lock its key already, and two of those must not wait for each other.
INSERT_LOCKING = (
    "WITH locked AS (SELECT id FROM chat_user WHERE id = %s FOR NO KEY UPDATE)"
    " INSERT INTO chat_spent (user_id, at_ms, provider) SELECT id, %s, %s FROM locked"
)


def _check_model(now: Standing, model: str, provider: str) -> None:
    if now.most.models and model not in now.most.models:
        words = _("You may not use the model %(model)s. Please choose another.") % {"model": model or provider}
        raise Refused("state", words)


def _check_concurrency(now: Standing) -> None:
    most = now.most.at_once
    if most and now.live >= most:
        raise Refused(
            "busy",
            ngettext(
                "%(most)d of your answers is still being written. Please wait for it, or stop it.",
                "%(most)d of your answers are still being written. Please wait for one of them, or stop one.",
                most,
            )
            % {"most": most},
        )


def _check_rate(now: Standing, user_id: int) -> None:
    if now.most.per_minute and now.minute > now.most.per_minute:
        seconds = _renewal(user_id, now.most.per_minute, MINUTE_MS)
        text = ngettext(
            "You may send %(most)d message a minute.", "You may send %(most)d messages a minute.", now.most.per_minute
        )
        raise Refused("rate", f"{text % {'most': now.most.per_minute}} {wait(seconds)}", seconds)
    if now.most.per_day and now.day > now.most.per_day:
        seconds = _renewal(user_id, now.most.per_day, DAY_MS)
        text = ngettext(
            "You may send %(most)d message in 24 hours, and you have sent it.",
            "You may send %(most)d messages in 24 hours, and you have sent them all.",
            now.most.per_day,
        )
        raise Refused("quota", f"{text % {'most': now.most.per_day}} {wait(seconds)}", seconds)


def _renewal(user_id: int, most: int, window_ms: int) -> int:
    """The seconds until there are fewer than `most` within the window; the row just written does not count."""
    with connection.cursor() as cursor:
        cursor.execute(RENEWAL, [user_id, most])
        at_ms = cursor.fetchone()[0]
    return int(max(0, at_ms + window_ms - standing.now_ms()) // 1000) + 1


RENEWAL = "SELECT at_ms FROM chat_spent WHERE user_id = %s ORDER BY at_ms DESC, id DESC LIMIT 1 OFFSET %s"


def _check_size(now: Standing, conversation: Conversation) -> None:
    most = now.most.conversation_messages
    if most and Message.objects.filter(conversation=conversation)[:most].count() >= most:
        raise Refused(
            "length", _("This conversation has reached its largest size. Please begin a new one; this one stays.")
        )

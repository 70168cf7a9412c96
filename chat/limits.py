"""What a user may ask now: length, characters, replies at once, messages a day."""

from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.models import Author, Message, User

Reason = Literal["invalid", "length", "busy", "quota", "rate", "state", "not_found", "signed_out"]


class Refused(Exception):  # noqa: N818 - it is an answer, not a mistake
    """A request that was understood and not carried out; nothing was stored.

    `reason` is for programs, `text` for people; `retry_after` is in seconds, when waiting helps.
    """

    def __init__(self, reason: Reason, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.retry_after = retry_after


def check_prompt(text: str) -> str:
    """Returns the prompt as it will be stored; raises Refused when it is empty, too long or not text."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused("invalid", _("The message contains characters that are not text. Please remove them."))
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("invalid", _("The message is empty. Please write something first."))
    most = settings.CHAT_MAX_PROMPT_CHARS
    if len(text) > most:
        raise Refused(
            "length",
            ngettext(
                "The message is too long by %(excess)d character; %(most)d are allowed. Please shorten it.",
                "The message is too long by %(excess)d characters; %(most)d are allowed. Please shorten it.",
                len(text) - most,
            )
            % {"excess": len(text) - most, "most": most},
        )
    return text


def check_user(user: User) -> None:
    """Raises Refused when the user has as many live replies, or as many messages today, as the settings allow."""
    _check_concurrency(user)
    _check_day(user)


def _check_concurrency(user: User) -> None:
    most = settings.CHAT_CONCURRENT_REPLIES
    if most and Message.objects.count_live_of(user) >= most:
        raise Refused(
            "busy",
            ngettext(
                "%(most)d of your answers is still being written. Please wait for it, or stop it.",
                "%(most)d of your answers are still being written. Please wait for one of them, or stop one.",
                most,
            )
            % {"most": most},
        )


def _check_day(user: User) -> None:
    most = settings.CHAT_DAILY_MESSAGES
    if not most:
        return
    since = timezone.now() - timedelta(days=1)
    prompts = Message.objects.filter(conversation__owner=user, author=Author.USER, created__gt=since)
    times = list(prompts.order_by("-created").values_list("created", flat=True)[:most])
    if len(times) < most:
        return
    wait = int((times[-1] - since).total_seconds()) + 1
    raise Refused(
        "quota",
        ngettext(
            "You may send %(most)d message in 24 hours, and you have sent it.",
            "You may send %(most)d messages in 24 hours, and you have sent them all.",
            most,
        )
        % {"most": most},
        retry_after=wait,
    )


def busy() -> Refused:
    """The refusal for a conversation whose last reply is still being written."""
    return Refused("busy", _("The last answer is still being written. Please wait for it, or stop it."))


def no_such_message() -> str:
    return _("There is no such message any more. Please reload the page.")

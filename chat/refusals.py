"""The answer to a request that was understood and not carried out."""

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Reason = Literal["invalid", "length", "busy", "quota", "rate", "state", "not_found", "signed_out", "sockets"]


class Refused(Exception):  # noqa: N818 - it is an answer, not a mistake
    """A request that was understood and not carried out; nothing was stored.

    `reason` is for programs, `text` for people; `retry_after` is in seconds, when waiting helps.
    """

    def __init__(self, reason: Reason, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.retry_after = retry_after


def busy() -> Refused:
    """The refusal for a conversation whose last reply is still being written."""
    return Refused("busy", _("The last answer is still being written. Please wait for it, or stop it."))


def no_such_conversation() -> Refused:
    """The refusal for a conversation that is not the user's, which is as if there were none."""
    return Refused("not_found", _("There is no such conversation. It may have been deleted."))


def no_such_message() -> Refused:
    return Refused("not_found", _("There is no such message any more. Please reload the page."))


def no_such_persona() -> Refused:
    return Refused("not_found", _("There is no such persona of yours, or it lacks a name or instructions."))


def signed_out() -> Refused:
    return Refused("signed_out", _("You are signed out. Please sign in again; your text is kept."))


def wait(seconds: int) -> str:
    """When to try again, in the words of a calm person."""
    if seconds < 90:
        return ngettext(
            "You can go on in %(count)d second.", "You can go on in %(count)d seconds.", max(seconds, 1)
        ) % {"count": max(seconds, 1)}
    if seconds < 5400:
        minutes = -(-seconds // 60)
        return ngettext("You can go on in %(count)d minute.", "You can go on in %(count)d minutes.", minutes) % {
            "count": minutes
        }
    hours = -(-seconds // 3600)
    return ngettext("You can go on in about %(count)d hour.", "You can go on in about %(count)d hours.", hours) % {
        "count": hours
    }

"""What people read when a reply fails: what happened, whose fault it is, what to do next."""

from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.models import Message, State


class Trouble(NamedTuple):
    """An error below a reply; `retry_at` is when trying again makes sense, if that is known."""

    code: str
    title: str | Promise
    advice: str | Promise
    blame: str
    may_retry: bool = True
    retry_at: datetime | None = None


def trouble(message: Message) -> Trouble | None:
    """The words for a reply that did not end well, or None."""
    if message.state == State.INTERRUPTED:
        found = INTERRUPTED
    elif message.state == State.FAILED:
        found = FAILURES.get(message.error, INTERNAL)
    else:
        return None
    return found._replace(retry_at=message.retry_at)


INTERRUPTED = Trouble(
    "interrupted",
    _("This answer was interrupted."),
    _("The server stopped while it was being written. Everything you saw is kept: continue it, or try again."),
    "site",
)

INTERNAL = Trouble(
    "internal",
    _("Something went wrong on this server."),
    _("It is not your fault. Please try again; if it happens again, tell the administrator the time it happened."),
    "site",
)

FAILURES = {
    trouble.code: trouble
    for trouble in (
        INTERNAL,
        Trouble(
            "unreachable",
            _("The answering service cannot be reached."),
            _("It is down, or out of reach. Try again in a few minutes; if it lasts, tell the administrator."),
            "network",
        ),
        Trouble(
            "off_limits",
            _("The answering service led this server astray."),
            _(
                "Its site names an address to which this server does not go, and nothing was sent there. It may have"
                " been tampered with: please tell the administrator, whose log says which address it is."
            ),
            "upstream",
        ),
        Trouble(
            "stalled",
            _("The answering service went silent."),
            _("It stopped before the answer was complete. Whatever arrived is kept: continue it, or try again."),
            "upstream",
        ),
        Trouble(
            "refused",
            _("The answering service refused this server."),
            _("It did not accept this server's keys, or its address. Only the administrator can mend this."),
            "site",
        ),
        Trouble(
            "rate_limited",
            _("The answering service allows no more messages just now."),
            _("Its limit is for this whole site, not for you alone. Your message is kept: try again later."),
            "upstream",
        ),
        Trouble(
            "http_error",
            _("The answering service reported an error."),
            _("It may be a passing trouble: try again in a few minutes. If it lasts, tell the administrator."),
            "upstream",
        ),
        Trouble(
            "wrong_address",
            _("The address of the answering service is wrong."),
            _(
                "What answers there is something else. Only the administrator can mend this, with the setting"
                " OPENAI_BASE_URL or MAGICKPEN_API_ENDPOINT."
            ),
            "site",
        ),
        Trouble(
            "unknown_model",
            _("The answering service does not have this model."),
            _(
                "Choose another model below the message field. If there is none, only the administrator can mend this,"
                " with the setting OPENAI_MODELS."
            ),
            "site",
        ),
        Trouble(
            "credentials_not_found",
            _("The keys of the answering service were not found."),
            _("Its site has changed. Only the administrator can mend this, with a newer version or another service."),
            "site",
        ),
        Trouble(
            "reply_too_long",
            _("The answer grew longer than this server allows."),
            _("What arrived is kept. Ask for a shorter answer, or for the rest in another message."),
            "site",
        ),
        Trouble(
            "cut_off",
            _("The connection broke in the middle of the answer."),
            _("What arrived is kept: continue it, or try again."),
            "network",
        ),
        Trouble(
            "unexpected_content",
            _("The answering service sent something that is not an answer."),
            _("It may be down for maintenance, or have changed. Try again later, or tell the administrator."),
            "upstream",
        ),
        Trouble(
            "empty",
            _("The answering service sent an empty answer."),
            _("Try again, perhaps in other words."),
            "upstream",
        ),
    )
}

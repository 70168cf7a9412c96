"""The catalogue of failures: what people read when a reply fails; what happened, whose fault it is, what helps.

Blame, button and retryability of a provider's error are taken from its class; only the words stand here.
"""

from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.models import Message, State
from chat.providers import errors
from chat.providers.errors import Blame, Button, ProviderError


class Failure(NamedTuple):
    """An error below a reply; `retry_at` is when trying again makes sense, if that is known."""

    code: str
    title: Promise
    advice: Promise
    blame: Blame
    button: Button
    retryable: bool
    retry_at: datetime | None = None

    @property
    def whose(self) -> Promise:
        """The sentence that says whose fault it is."""
        return BLAME[self.blame]


def of(message: Message) -> Failure | None:
    """The failure of a reply that did not end well, or None."""
    if message.state == State.INTERRUPTED:
        found = INTERRUPTED
    elif message.state == State.FAILED:
        found = CATALOGUE.get(message.error, INTERNAL)
    else:
        return None
    button: Button = "retry" if found.button == "continue" and not message.may_continue else found.button
    return found._replace(button=button, retry_at=message.retry_at)


BLAME: dict[Blame, Promise] = {
    "upstream": _("The fault lies with the answering service, not with you."),
    "network": _("The fault lies in the connection to the answering service, not with you."),
    "site": _("The fault lies with this site, not with you."),
}

INTERRUPTED = Failure(
    "interrupted",
    _("This answer was interrupted."),
    _("The server stopped while it was being written. Everything you saw is kept: continue it, or try again."),
    "site",
    "continue",
    retryable=True,
)

INTERNAL = Failure(
    "internal",
    _("Something went wrong on this server."),
    _("It is not your fault. Please try again; if it happens again, tell the administrator the time it happened."),
    "site",
    "retry",
    retryable=True,
)


def _row(kind: type[ProviderError], title: Promise, advice: Promise) -> Failure:
    return Failure(kind.code, title, advice, kind.blame, kind.button, kind.retryable)


_ROWS = (
    INTERNAL,
    INTERRUPTED,
    _row(
        errors.Unreachable,
        _("The answering service cannot be reached."),
        _("It is down, or out of reach. Try again in a few minutes; if it lasts, tell the administrator."),
    ),
    _row(
        errors.ProxyUnreachable,
        _("The way to the answering service is blocked."),
        _(
            "This server's proxy does not connect to it. Try again in a few minutes; if it lasts, only the"
            " administrator can mend this."
        ),
    ),
    _row(
        errors.ProxyRefused,
        _("This server's proxy refused it."),
        _(
            "The proxy wants a user name and password before it connects to the answering service. Only the"
            " administrator can mend this, in the address of the proxy."
        ),
    ),
    _row(
        errors.UnusableAddress,
        _("The answering service has no usable address."),
        _("The settings name no address, or no proxy, to connect to. Only the administrator can mend this."),
    ),
    _row(
        errors.Insecure,
        _("There is no secure connection to the answering service."),
        _(
            "Its certificate is not valid, or something in between interferes. Your message was not sent. Only the"
            " administrator can mend this."
        ),
    ),
    _row(
        errors.HungUp,
        _("The answering service hung up without an answer."),
        _("It may be starting anew, or have too much to do. Try again in a few minutes."),
    ),
    _row(
        errors.OffLimits,
        _("The answering service led this server astray."),
        _(
            "Its site names an address to which this server does not go, and nothing was sent there. It may have"
            " been tampered with: please tell the administrator, whose log says which address it is."
        ),
    ),
    _row(
        errors.Stalled,
        _("The answering service went silent."),
        _("It stopped before the answer was complete. Whatever arrived is kept: continue it, or try again."),
    ),
    _row(
        errors.Refused,
        _("The answering service refused this server."),
        _("It did not accept this server's keys, or its address. Only the administrator can mend this."),
    ),
    _row(
        errors.KeyRefused,
        _("The answering service did not accept this site's key."),
        _(
            "The key in the settings is wrong, has expired, or may not be used for this. Only the administrator can"
            " mend this."
        ),
    ),
    _row(
        errors.RateLimited,
        _("The answering service allows no more messages just now."),
        _("Its limit is for this whole site, not for you alone. Your message is kept: try again later."),
    ),
    _row(
        errors.AccountUsedUp,
        _("This site's account with the answering service is used up."),
        _(
            "It answers nobody here until the account is topped up, and only the administrator can do that. If a model"
            " of another service is offered below the message field, choose that one."
        ),
    ),
    _row(
        errors.HTTPError,
        _("The answering service reported an error."),
        _("It may be a passing trouble: try again in a few minutes. If it lasts, tell the administrator."),
    ),
    _row(
        errors.Rejected,
        _("The answering service did not accept this request."),
        _(
            "It would not accept the same request another time. Change your message or choose another model; if that"
            " does not help, tell the administrator."
        ),
    ),
    _row(
        errors.TooLong,
        _("This conversation is too long for the model."),
        _("Begin a new chat, write a shorter message, or choose a model that takes more."),
    ),
    _row(
        errors.WrongAddress,
        _("The address of the answering service is wrong."),
        _(
            "What answers there is something else. Only the administrator can mend this, with the setting"
            " OPENAI_BASE_URL or MAGICKPEN_API_ENDPOINT."
        ),
    ),
    _row(
        errors.UnknownModel,
        _("The answering service does not have this model."),
        _(
            "Choose another model below the message field. If there is none, only the administrator can mend this,"
            " with the setting OPENAI_MODELS."
        ),
    ),
    _row(
        errors.CredentialsNotFound,
        _("The keys of the answering service were not found."),
        _("Its site has changed. Only the administrator can mend this, with a newer version or another service."),
    ),
    _row(
        errors.CredentialsUnread,
        _("The keys of the answering service could not be read."),
        _("A part of its site is out of reach. Try again in a few minutes; if it lasts, tell the administrator."),
    ),
    _row(
        errors.ReplyTooLong,
        _("The answer grew longer than this server allows."),
        _("What arrived is kept. Ask for a shorter answer, or for the rest in another message."),
    ),
    _row(
        errors.CutOff,
        _("The connection broke in the middle of the answer."),
        _("What arrived is kept: continue it, or try again."),
    ),
    _row(
        errors.UnexpectedContent,
        _("The answering service sent something that is not an answer."),
        _("It may be closed for maintenance, or have changed. If it lasts, only the administrator can mend this."),
    ),
    _row(
        errors.EmptyAnswer,
        _("The answering service sent an empty answer."),
        _("Try again, perhaps in other words."),
    ),
)

CATALOGUE = {row.code: row for row in _ROWS}

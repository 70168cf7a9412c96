"""Links with which people sign up: made in the admin, opened once per person, used up or expired."""

import uuid

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from chat import links
from chat.models import Invitation, User

SESSION_KEY = "invitation"
MODES = {"open", "approval", "invite"}


def are_open() -> bool:
    """Whether the site's way of signing up leaves room for invitations."""
    return settings.SIGNUP in MODES


def link(invitation: Invitation) -> str:
    return links.absolute("invitation", _token(invitation.pk))


def find(token: str) -> Invitation | None:
    """The usable invitation that a link's token names; None for anything else."""
    try:
        invitation_id = uuid.UUID(token[:32])
    except ValueError:
        return None
    if not constant_time_compare(token, _token(invitation_id)) or not are_open():
        return None
    return Invitation.objects.usable().filter(pk=invitation_id).first()


def keep(request: HttpRequest, invitation: Invitation) -> None:
    """Remembers the invitation in the visitor's session until they have signed up."""
    request.session[SESSION_KEY] = _token(invitation.pk)


def kept(request: HttpRequest) -> Invitation | None:
    return find(request.session.get(SESSION_KEY, ""))


def use(request: HttpRequest, invitation: Invitation) -> bool:
    """Counts one person in; False when somebody else was the last one in the same moment."""
    request.session.pop(SESSION_KEY, None)
    return bool(Invitation.objects.usable().filter(pk=invitation.pk).update(used=F("used") + 1))


def welcome(user: User, invitation: Invitation) -> None:
    """Puts a new user into the invitation's group."""
    if invitation.group is not None:
        user.groups.add(invitation.group)


def _token(invitation_id: uuid.UUID) -> str:
    return invitation_id.hex + salted_hmac("chat.invitation", invitation_id.hex, algorithm="sha256").hexdigest()[:32]

"""Letting in the people who have signed up and wait."""

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from chat import links
from chat.models import User


def let_in(users: Iterable[User]) -> int:
    """Activates those who wait, and tells them by mail where mail is configured; returns how many they were."""
    count = 0
    for user in users:
        if User.objects.filter(pk=user.pk, is_waiting=True).update(is_waiting=False, is_active=True):
            count += 1
            _tell(user)
    return count


def _tell(user: User) -> None:
    """In the language of the one who reads it: their own, or the one in which they signed up."""
    if settings.HAS_MAIL and user.email:
        with translation.override(user.language or settings.LANGUAGE_CODE):
            subject = _("Your account on MagickPen Chat is ready")
            text = _("An administrator has let you in. You can sign in now: %(url)s") % {"url": links.absolute("home")}
        send_mail(subject, text, None, [user.email], fail_silently=True)

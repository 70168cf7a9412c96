"""The one-time link by which the first administrator is made."""

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from chat import links
from chat.models import User


def is_open() -> bool:
    """Whether the link works: as long as nobody has all rights, even where somebody could sign up before."""
    return not User.objects.filter(is_superuser=True).exists()


def token() -> str:
    """The secret part of the link. The same after a restart, and for every process, as it is made of SECRET_KEY."""
    return salted_hmac("chat.accounts.first_administrator", "first administrator", algorithm="sha256").hexdigest()[:40]


def link() -> str:
    return links.absolute("setup", token())


def is_valid(presented: str) -> bool:
    """Whether this is the link's token and the link still works."""
    return constant_time_compare(presented, token()) and is_open()


def create_first(user: User) -> User | None:
    """Saves the given user as administrator; None when somebody else was first."""
    with transaction.atomic():
        if not is_open():
            return None
        user.is_staff = user.is_superuser = True
        user.save(force_insert=True)
        return user

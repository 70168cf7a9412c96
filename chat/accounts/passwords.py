"""One-time links to a new password, for sites that send no mail."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from chat import links
from chat.models import User


def may_make_link(by: User, whose: User) -> bool:
    """Whoever holds the link becomes that user, so only somebody with all rights may make one."""
    return by.is_superuser and whose.is_active


def link(user: User) -> str:
    """Works once, for `PASSWORD_RESET_TIMEOUT`, and only until the next sign-in or password change."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _dash, token = key.partition("-")
    return links.absolute("account_reset_password_from_key", uidb36=uid, key=token)

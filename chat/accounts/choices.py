"""What a person has chosen for every device, told to the browser in cookies, which pages without account read too."""

from django.conf import settings
from django.http import HttpResponse

from chat.models import User

YEAR_SECONDS = 365 * 24 * 3600


def remember(user: User, response: HttpResponse, *, forget: bool = False) -> HttpResponse:
    """Sets the cookies of language and colours to what the user has chosen; `forget` removes those they have not."""
    for cookie, value in ((settings.LANGUAGE_COOKIE_NAME, user.language), ("theme", user.theme)):
        if value or forget:
            keep(response, cookie, value)
    return response


def keep(response: HttpResponse, cookie: str, value: str) -> None:
    """Keeps a choice in this browser for a year; none, with an empty value."""
    seconds = YEAR_SECONDS if value else 0
    response.set_cookie(cookie, value, seconds, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)

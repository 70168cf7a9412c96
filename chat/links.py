"""Links that leave the site: in mails, in the terminal, on slips of paper."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.urls.base import get_script_prefix, set_script_prefix


def absolute(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page under SITE_URL, whatever the request at hand says of the site."""
    before = get_script_prefix()
    set_script_prefix("/")
    try:
        return settings.SITE_URL + reverse(name, args=args, kwargs=kwargs)
    finally:
        set_script_prefix(before)

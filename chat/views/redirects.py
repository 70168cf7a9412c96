"""Where a form leads: the answers that send a browser on, and which addresses they take from a form."""

from collections.abc import Mapping

from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


class HttpResponseSeeOther(HttpResponseRedirect):
    """Go and look there with GET: the answer to a form that did something. The address is quoted for the header."""

    status_code = 303


def way_back(form: Mapping[str, str], **query: str) -> str:
    """The address on this site that a form's `next` names, else the first page; with `query` added to it."""
    back = form.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    address, hash_, fragment = back.partition("#")
    for name, value in query.items():
        address += f"{'&' if '?' in address else '?'}{name}={value}"
    return address + hash_ + fragment

"""Asks whether it is still the owner of the account who sits there, before what cannot be undone."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def required(view: View) -> View:
    """Lets in whoever has just given a password or a second factor, or, with neither, just came by single sign-on.

    The latter is ours: django-allauth lets everybody pass who has nothing to give here.
    """

    @reauthentication_required()  # type: ignore[untyped-decorator]
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not get_reauthentication_flows(request.user) and not _has_just_come(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[no-any-return]


def _has_just_come(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    came = [record["at"] for record in records if record.get("method") == "socialaccount"]
    return bool(time.time() - max(came, default=0.0) < app_settings.REAUTHENTICATION_TIMEOUT)

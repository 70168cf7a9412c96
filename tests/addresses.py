"""All addresses of the site, and those at which anybody may come."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    "accounts/confirm-email/",
    "accounts/inactive/",
    "accounts/login/",
    "accounts/login/code/confirm/",
    "accounts/logout/",
    "accounts/oidc/<str:provider_id>/login/",
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/",
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/",
    "accounts/password/reset/",
    "accounts/password/reset/done/",
    "accounts/password/reset/key/done/",
    "accounts/signup/",
    "accounts/social/connections/",
    "accounts/social/login/cancelled/",
    "accounts/social/login/error/",
    "accounts/social/signup/",
    "accounts/waiting/",
    "accounts/2fa/authenticate/",
    "accounts/2fa/webauthn/login/",
    "accounts/3rdparty/login/cancelled/",
    "accounts/3rdparty/login/error/",
    "accounts/3rdparty/signup/",
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "healthz",
    "invite/<str:token>/",
    "readyz",
    "setup/<str:token>/",
    "theme/",
}
"""Anybody may come; nothing of anybody's account is there."""


def addresses() -> list[str]:
    return sorted(set(_walk(get_resolver(), "")))


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for item in resolver.url_patterns:
        pattern = before + re.sub(r"\^\(\?P<app_label>[^)]*\)/\$", "<app>/", str(item.pattern))
        if isinstance(item, URLPattern):
            yield pattern
        else:
            yield from _walk(item, pattern)

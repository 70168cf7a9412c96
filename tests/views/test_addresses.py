"""Who may reach which address: all of them, for everybody who is not Alice. What is not in the table fails."""

import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache

from tests.addresses import PUBLIC, addresses
from tests.strangers import INSIDE, OUTSIDE, SECRET, Alices, visitor

pytestmark = pytest.mark.django_db(transaction=True)

OWN = {
    "",
    "accounts/email/",
    "accounts/password/change/",
    "accounts/password/set/",
    "accounts/reauthenticate/",
    "accounts/reauthenticate/sso/",
    "accounts/sessions/",
    "accounts/2fa/",
    "accounts/2fa/reauthenticate/",
    "accounts/2fa/recovery-codes/",
    "accounts/2fa/recovery-codes/download/",
    "accounts/2fa/recovery-codes/generate/",
    "accounts/2fa/totp/activate/",
    "accounts/2fa/totp/deactivate/",
    "accounts/2fa/webauthn/",
    "accounts/2fa/webauthn/add/",
    "accounts/2fa/webauthn/reauthenticate/",
    "accounts/3rdparty/",
    "conversations/",
    "conversations/beside/",
    "draft/",
    "personas/",
    "settings/",
    "settings/delete/",
    "settings/export/",
}
"""Only with an account, and then only what is one's own."""
OWNED = {
    "accounts/2fa/webauthn/keys/<int:pk>/edit/",
    "accounts/2fa/webauthn/keys/<int:pk>/remove/",
    "c/<uuid:conversation_id>/",
    "c/<uuid:conversation_id>/<int:pk>.md",
    "c/<uuid:conversation_id>/draft/",
    "c/<uuid:conversation_id>/voice/",
    "conversations/beside/<uuid:conversation_id>/",
}
"""Names something of somebody's: for everybody else it is not there."""
DESK = {
    "admin/",
    "admin/autocomplete/",
    "admin/jsi18n/",
    "admin/login/",
    "admin/logout/",
    "admin/password_change/",
    "admin/password_change/done/",
    "admin/r/<path:content_type_id>/<path:object_id>/",
    "admin/<app>/",
    "admin/(?P<url>.*)$",
}
"""The administration without a model: for staff."""
DESK_MODELS = {
    "account/emailaddress",
    "auth/group",
    "chat/conversation",
    "chat/invitation",
    "chat/persona",
    "chat/receipt",
    "chat/user",
    "socialaccount/socialaccount",
}
"""Models in the administration: for staff with the permission for that model."""
DESK_PAGES = {"", "add/", "<path:object_id>/history/", "<path:object_id>/delete/", "<path:object_id>/change/",
              "<path:object_id>/", "<id>/password/"}  # fmt: skip


def kind(address: str) -> str:
    if not address.startswith("admin/"):
        return next((name for name, found in KINDS.items() if address in found), "")
    if address in DESK:
        return "desk"
    model, page = "/".join(address.split("/")[1:3]), "/".join(address.split("/")[3:])
    return "desk model" if model in DESK_MODELS and page in DESK_PAGES else ""


KINDS = {"public": PUBLIC, "own": OWN, "owned": OWNED}


def test_every_address_is_in_the_table() -> None:
    missing = [address for address in addresses() if not kind(address)]
    assert not missing, "give each a place in PUBLIC, OWN, OWNED, DESK or DESK_MODELS"


def test_the_table_names_nothing_that_is_gone() -> None:
    assert set().union(*KINDS.values(), DESK) <= set(addresses())
    assert {model._meta.label_lower.replace(".", "/") for model in admin.site._registry} == DESK_MODELS


@pytest.mark.parametrize("who", OUTSIDE + INSIDE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_reads_or_changes_what_is_alices(alices: Alices, who: str, method: str) -> None:
    before = alices.state()
    form = {"action": "stop", "text": "", "key": str(uuid.uuid4()), "ids": str(alices.conversation.pk), "pk": "1",
            "post": "yes", "_selected_action": str(alices.user.pk), "name": "alice", "theme": "dark"}  # fmt: skip
    browser = visitor(who)
    for address in addresses():
        if address in ("accounts/logout/", "admin/logout/"):
            continue
        path = alices.path(address)
        cache.clear()
        answer = browser.get(path) if method == "get" else browser.post(path, form)
        body = b"".join(answer.streaming_content) if answer.streaming and not answer.is_async else b""  # type: ignore[attr-defined]
        body = body or (b"" if answer.streaming else answer.content)
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
        assert SECRET.encode() not in body, f"{method} {path} tells {who} what is Alice's"
        _check_status(address, who, method, answer)
        assert alices.state() == before, f"{method} {path} lets {who} change what is Alice's"


def _check_status(address: str, who: str, method: str, answer: Any) -> None:
    told = f"{method} {address} for {who}: {answer.status_code} {answer.get('Location', '')}"
    is_sent_to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    match kind(address):
        case "own" | "owned" if who in OUTSIDE:
            assert is_sent_to_sign_in or answer.status_code in (404, 405), told
        case "owned":
            is_asked_for_password = "/reauthenticate/" in answer.get("Location", "")
            assert answer.status_code in (404, 405) or is_asked_for_password, told
        case "desk" | "desk model" if who in OUTSIDE:
            assert answer.status_code == 302, told
            assert "/login/" in answer["Location"], told
        case "desk" | "desk model" if who == "other" and address != "admin/jsi18n/":
            assert answer.status_code in (302, 403), told
        case "desk model":
            assert answer.status_code in (302, 403, 404), told
            assert answer.status_code != 302 or answer["Location"].startswith("/admin/"), told

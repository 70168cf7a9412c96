"""Who may reach what: every address and every frame, for everybody who is not Alice. What is not in the table fails.

Whatever anybody sends, they never read what is Alice's and never change it.
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from chat import conversations, frames, patrol
from chat.limits import Refused
from chat.models import Conversation, Message, User
from chat.replies.engine import Engine
from tests.page import Page
from tests.test_views import talk

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "sesame-4711"

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

OWN = {
    "",
    "accounts/email/",
    "accounts/password/change/",
    "accounts/password/set/",
    "accounts/reauthenticate/",
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

OUTSIDE = ["anonymous", "pending", "deactivated", "signed out"]
INSIDE = ["other", "reviewer without permission"]

FRAMES = {
    frames.ASK: {"key": str(uuid.UUID(int=1)), "text": "Mine now"},
    frames.EDIT: {"pk": "PK", "key": str(uuid.UUID(int=2)), "text": "Mine now"},
    frames.RETRY: {"pk": "PK"},
    frames.CONTINUE: {"pk": "PK"},
    frames.SWITCH: {"pk": "PK"},
    frames.STOP: {},
    frames.UP: {"pk": "PK"},
    frames.DOWN: {"pk": "PK"},
    frames.COMMENT: {"pk": "PK", "text": "Mine now"},
    frames.LOOK: {},
    frames.ACK: {"rev": 1},
    frames.RESEND: {"pk": "PK"},
}
"""Every frame type, with fields that would do something to Alice's conversation."""


def addresses() -> list[str]:
    return sorted(set(_walk(get_resolver(), "")))


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for item in resolver.url_patterns:
        pattern = before + re.sub(r"\^\(\?P<app_label>[^)]*\)/\$", "<app>/", str(item.pattern))
        if isinstance(item, URLPattern):
            yield pattern
        else:
            yield from _walk(item, pattern)


def kind(address: str) -> str:
    if not address.startswith("admin/"):
        return next((name for name, found in KINDS.items() if address in found), "")
    if address in DESK:
        return "desk"
    model, page = "/".join(address.split("/")[1:3]), "/".join(address.split("/")[3:])
    return "desk model" if model in DESK_MODELS and page in DESK_PAGES else ""


KINDS = {"public": PUBLIC, "own": OWN, "owned": OWNED}


class Alices:
    """What is Alice's, and whether it still is as it was."""

    def __init__(self, alice: User) -> None:
        alice.email, alice.first_name, alice.system_prompt = f"{SECRET}@example.org", SECRET, SECRET
        alice.draft = SECRET
        alice.save()
        self.user = alice
        self.conversation = talk(alice, f"The word is {SECRET}", f"I keep {SECRET}", title=f"About {SECRET}")
        self.conversation.draft = SECRET
        self.conversation.save()
        self.message = self.conversation.messages.latest("pk")
        self.conversation.messages.filter(pk=self.message.pk).update(verdict="up", comment=SECRET)
        self.persona = alice.personas.create(name=SECRET, text=SECRET)
        self.email = EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
        self.key = Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data={"name": SECRET})

    def state(self) -> Any:
        said = Message.objects.filter(conversation=self.conversation)
        rows = [
            found.order_by("pk").values() for found in (said, Authenticator.objects.all(), self.user.personas.all())
        ]
        talks = Conversation.objects.filter(owner=self.user).values_list(
            "pk", "title", "owner", "shelf", "deleted", "draft"
        )
        people = User.objects.filter(pk=self.user.pk).values(
            "username", "password", "is_active", "email", "theme", "draft"
        )
        return [*map(list, rows), list(talks), list(people)]

    def path(self, address: str) -> str:
        model = address.split("/")[2] if address.startswith("admin/") and address.count("/") > 2 else ""
        found = {
            "conversation": self.conversation.pk,
            "emailaddress": self.email.pk,
            "persona": self.persona.pk,
            "group": 1,
            "usersession": 1,
        }
        values = {
            "<uuid:conversation_id>": self.conversation.pk,
            "<int:pk>": self.key.pk if "webauthn" in address else self.message.pk,
            "<path:content_type_id>/<path:object_id>": f"1/{self.user.pk}",
            "<path:object_id>": found.get(model, self.user.pk),
            "<id>": self.user.pk,
            "<str:token>": "0" * 64,
            "^(?P<provider_id>[^/]+)": "sso",
            "<str:provider_id>": "sso",
            "^confirm-email/(?P<key>[-:\\w]+)/$": "confirm-email/x:y:z/",
            "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-set-password/",
            "<app>": "chat",
            "(?P<url>.*)$": "nowhere/",
        }
        for name, value in values.items():
            address = address.replace(name, str(value))
        assert "<" not in address, f"how is {address} written?"
        return f"/{address}"


@pytest.fixture
def alices(alice: User) -> Alices:
    cache.clear()
    return Alices(alice)


def person(who: str) -> User | None:
    if who == "anonymous":
        return None
    user = User.objects.create_user("mallory", password="pen-and-ink-9")
    user.is_staff = who == "reviewer without permission"
    user.save()
    return user


def retire(who: str, user: User | None, session_key: str) -> None:
    """Makes of somebody who has just signed in what they are now."""
    if user is not None and who in ("pending", "deactivated"):
        User.objects.filter(pk=user.pk).update(is_active=False, is_waiting=who == "pending")
    elif who == "signed out":
        Session.objects.filter(pk=session_key).delete()


def visitor(who: str) -> Client:
    browser, user = Client(raise_request_exception=False), person(who)
    if user is not None:
        browser.force_login(user)
        retire(who, user, browser.session.session_key or "")
    return browser


def test_every_address_is_in_the_table() -> None:
    missing = [address for address in addresses() if not kind(address)]
    assert not missing, "give each a place in PUBLIC, OWN, OWNED, DESK or DESK_MODELS"


def test_the_table_names_nothing_that_is_gone() -> None:
    assert set().union(*KINDS.values(), DESK) <= set(addresses())
    assert {model._meta.label_lower.replace(".", "/") for model in admin.site._registry} == DESK_MODELS


def test_every_frame_is_in_the_table() -> None:
    assert set(FRAMES) == frames.ALL


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


@pytest.mark.parametrize("who", OUTSIDE + INSIDE)
async def test_nobody_joins_alices_conversation(engine: Engine, alices: Alices, who: str) -> None:
    user = await sync_to_async(person)(who)
    if who in ("pending", "deactivated"):
        await sync_to_async(retire)(who, user, "")
    page = Page(None if who == "signed out" else user, alices.conversation.pk)
    if who == "signed out":
        page.headers.append((b"cookie", b"sessionid=" + b"x" * 32))
    async with page:
        assert (await page.frame())["reason"] == ("signed_out" if who in OUTSIDE else "not_found")
        assert (await page.frame())["code"] == (4401 if who in OUTSIDE else 4404)
        assert SECRET not in str(page.frames)


async def carry_out(user: User, conversation_id: uuid.UUID, command: frames.Command) -> None:
    """What the socket does with a command, after it has looked at the session."""
    if command.type == frames.RESEND:
        await sync_to_async(conversations.catch_up)(user, conversation_id, command.pk or 0)
    await frames.carry_out(user, conversation_id, command)


@pytest.mark.parametrize("frame", sorted(FRAMES))
@pytest.mark.parametrize("who", INSIDE)
async def test_no_frame_and_no_form_of_others_does_anything(
    engine: Engine, alices: Alices, frame: str, who: str
) -> None:
    user = await sync_to_async(person)(who)
    assert user is not None
    before = await sync_to_async(alices.state)()
    command = frames.from_fields(
        frame, {**FRAMES[frame], **({"pk": alices.message.pk} if "pk" in FRAMES[frame] else {})}
    )
    with pytest.raises(Refused) as caught:
        await carry_out(user, alices.conversation.pk, command)
    assert caught.value.reason == ("invalid" if frame == frames.ACK else "not_found")
    assert SECRET not in caught.value.text
    assert await sync_to_async(alices.state)() == before


@pytest.mark.parametrize("frame", sorted(set(FRAMES) - {frames.ACK}))
@pytest.mark.parametrize("how", ["pending", "deactivated", "signed out"])
async def test_an_open_page_loses_every_frame_with_its_session(
    engine: Engine, alices: Alices, frame: str, how: str
) -> None:
    async with Page(alices.user, alices.conversation.pk, after=alices.message.pk) as page:
        await page.frame()
        await sync_to_async(retire)(how, alices.user, page.session_key)
        before = await sync_to_async(alices.state)()
        fields = {**FRAMES[frame], **({"pk": alices.message.pk} if "pk" in FRAMES[frame] else {})}
        await page.say(type=frame, **fields)
        assert (await page.refusal())["reason"] == "signed_out"
        assert (await page.until(lambda found: found["type"] == "closed"))["code"] == patrol.SIGNED_OUT
    assert await sync_to_async(alices.state)() == before

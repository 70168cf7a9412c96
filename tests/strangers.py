"""What is Alice's, and everybody who is not Alice: whatever they send, they neither read it nor change it."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from chat.models import Conversation, Message, User
from tests.talks import talk

SECRET = "sesame-4711"
OUTSIDE = ["anonymous", "pending", "deactivated", "signed out"]
INSIDE = ["other", "reviewer without permission"]


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

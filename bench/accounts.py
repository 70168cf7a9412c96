"""Fills an empty database of the chat with what the readers need: users, their sessions, conversations to ask in.

Runs by itself, in the environment of the chat that is measured: `python bench/accounts.py FRESH READ` prints a
JSON list of pages: FRESH with an empty conversation each, and READ whose conversation holds a prompt and a reply.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magickpen_site.settings")

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from chat.models import Author, Conversation, Message, User

MOST_USERS = 500
PORTION = 500
REPLY = "Some words that a page shows, with `code` and **more**.\n\n" * 20


def main(fresh: int, read: int) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        users = [User(username=f"reader{n}", password=f"!{n}") for n in range(min(fresh + read, MOST_USERS))]
        cookies = [signed_in(user) for user in users]
        conversations = [Conversation(owner=users[n % len(users)], title=f"Bench {n}") for n in range(fresh + read)]
        Conversation.objects.bulk_create(conversations, batch_size=PORTION)
        lasts = dict(_filled(conversations[fresh:]))
    pages = [
        {"cookie": cookies[n % len(cookies)], "conversation": str(item.pk), "after": lasts.get(item.pk, 0)}
        for n, item in enumerate(conversations)
    ]
    sys.stdout.write(json.dumps(pages))


def signed_in(user: User) -> str:
    """Saves a user and a session of theirs; returns the cookie."""
    user.save(force_insert=True)
    key = get_random_string(32, VALID_KEY_CHARS)
    data = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    expires = timezone.now() + timedelta(days=1)
    Session.objects.create(session_key=key, session_data=SessionStore().encode(data), expire_date=expires)
    return f"{settings.SESSION_COOKIE_NAME}={key}"


def _filled(conversations: list[Conversation]) -> Iterator[tuple[object, int]]:
    """Gives each conversation a prompt and a reply; yields it with the reply's key."""
    for conversation in conversations:
        prompt = Message.objects.create(conversation=conversation, author=Author.USER, text="Say something.")
        reply = Message.objects.create(
            conversation=conversation, author=Author.ASSISTANT, parent=prompt, text=REPLY, settled=timezone.now()
        )
        yield conversation.pk, reply.pk


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))

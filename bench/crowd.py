"""Fills a database of the chat with a crowd, and with one person who has kept many conversations.

Runs by itself, in the environment of the chat that is measured: `python bench/crowd.py USERS MESSAGES CONVERSATIONS`
prints that person's cookie and newest conversation as JSON. Nobody of the crowd can sign in.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magickpen_site.settings")

import django

django.setup()

from accounts import signed_in  # the neighbour of this file: `bench` may be the measured checkout's
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from chat import names
from chat.limits.standing import now_ms
from chat.models import Author, Conversation, Message, Spent, User

PORTION = 1000
MESSAGES_OF_A_TALK = 100
NOW = timezone.now()


def main(users: int, messages: int, kept: int) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    person = User(username="keeper", password="!")
    cookie = signed_in(person)
    own = [Conversation(owner=person, title=f"Talk {n} of many", updated=NOW - timedelta(hours=n)) for n in range(kept)]
    save(iter(own))
    save(said(own, 2))
    save(User(username=f"guest{n}", lookalike=names.lookalike(f"guest{n}"), password="!") for n in range(users))
    crowd = list(User.objects.filter(username__startswith="guest").values_list("pk", flat=True))
    if crowd:
        talks = [
            Conversation(owner_id=crowd[n % len(crowd)], title=f"Talk {n}")
            for n in range(messages // MESSAGES_OF_A_TALK)
        ]
        save(iter(talks))
        save(said(talks, MESSAGES_OF_A_TALK))
        save(
            Spent(user_id=crowd[n % len(crowd)], at_ms=now_ms() - n, provider="magickpen") for n in range(messages // 5)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sys.stdout.write(json.dumps({"cookie": cookie, "conversation": str(own[0].pk)}))


def said(talks: list[Conversation], each: int) -> Iterator[Message]:
    for talk in talks:
        for number in range(each):
            author = Author.ASSISTANT if number % 2 else Author.USER
            yield Message(conversation=talk, author=author, text="Some words that were said.", settled=NOW)


def save(rows: Iterator[Any]) -> None:
    """In portions, each a transaction."""
    while portion := list(islice(rows, PORTION)):
        with transaction.atomic():
            type(portion[0])._default_manager.bulk_create(portion)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))

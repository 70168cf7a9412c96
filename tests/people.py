"""Somebody at the door: how people sign in, sign up and are invited in tests."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from chat.models import Invitation

PASSWORD = "pen-and-ink-9"
LOGIN, SIGNUP = "/accounts/login/", "/accounts/signup/"
NEW = {"username": "dora", "password1": PASSWORD, "password2": PASSWORD}
JOINED = {"date_joined_0": "2026-01-31", "date_joined_1": "12:00"}  # which the form of a person asks for


def sign_in(client: Client, login: str = "alice", password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def invite(**fields: Any) -> Invitation:
    return Invitation.objects.create(**{"expires": timezone.now() + timedelta(days=1), **fields})


def path_of(link: str) -> str:
    return link.partition("localhost:8000")[2] or link.partition("127.0.0.1:8000")[2]

"""Takes a MagickPen prompt apart again: who said what, and what is being asked now."""

import re
from typing import NamedTuple

from chat.providers.base import CONTINUE

_TURN = re.compile(r"(?:\A|\n)(System|User|Assistant): ")


class Turn(NamedTuple):
    """One turn; `role` is system, user or assistant."""

    role: str
    content: str


class Question(NamedTuple):
    """What is asked: the last user turn, the turn the answer is about, and how much of that answer is there already."""

    asked: str
    about: str
    so_far: str


def turns(prompt: str) -> list[Turn]:
    """Return the turns of a prompt made of lines `Role: content` that ends with `Assistant:`, else one user turn."""
    if not (prompt.endswith("\nAssistant:") and _TURN.match(prompt)):
        return [Turn("user", prompt)]
    parts = _TURN.split(prompt.removesuffix("\nAssistant:"))
    return [Turn(role.lower(), content) for role, content in zip(parts[1::2], parts[2::2], strict=True)]


def question(said: list[Turn]) -> Question:
    """Return what a history asks for. After a request to continue, that is the rest of an earlier answer."""
    users = [turn.content for turn in said if turn.role == "user"]
    asked = users[-1] if users else ""
    if asked != CONTINUE:
        return Question(asked, asked, "")
    about = next((content for content in reversed(users) if content != CONTINUE), "")
    so_far = next((turn.content for turn in reversed(said) if turn.role == "assistant"), "")
    return Question(asked, about, so_far)

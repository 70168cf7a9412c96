"""What a page may ask for, as a frame or as a form: a table with one row per action, and the verbs it means."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from chat import conversations, database, inputs, live
from chat.conversations import feedback, keeping
from chat.models import User, Verdict
from chat.refusals import Refused

ASK = "ask"


class Command(NamedTuple):
    """A checked request of a page: an action, and the values of exactly the fields that its row names."""

    type: str
    values: Mapping[str, Any]

    @property
    def key(self) -> uuid.UUID | None:
        return self.values.get("key")

    @property
    def pk(self) -> int | None:
        return self.values.get("pk")


class Action(NamedTuple):
    """A row: the verb, called with the user, the conversation's id and the fields, which are its parameters by name."""

    verb: Callable[..., Awaitable[object]]
    fields: tuple[str, ...] = ()
    is_about_answer: bool = False
    """A form of it leads back to the answer it is about, any other to the end of the conversation."""


def from_fields(kind: Any, fields: Mapping[str, Any]) -> Command:
    """Reads what came from outside; raises Refused("invalid") for anything else than a well-formed action."""
    if not isinstance(kind, str) or kind not in ACTIONS:
        raise invalid()
    return Command(kind, {name: READERS[name](fields.get(name)) for name in ACTIONS[kind].fields})


async def carry_out(user: User, conversation_id: uuid.UUID, command: Command) -> conversations.Asked | None:
    """Calls the verb that a command means; raises Refused. Only an asking verb returns something."""
    result = await ACTIONS[command.type].verb(user, conversation_id, **command.values)
    return result if isinstance(result, conversations.Asked) else None


def key(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise invalid() from None


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise invalid()
    return value


def number(value: Any) -> int:
    value = inputs.key(value) if isinstance(value, str) else value
    if type(value) is not int or not 0 <= value <= inputs.LARGEST_KEY:
        raise invalid()
    return value


def invalid(text: str = "") -> Refused:
    return Refused("invalid", text or _("The server did not understand this request. Please reload the page."))


async def look(user: User, conversation_id: uuid.UUID) -> None:
    """The page is being looked at: its conversation has nothing new any more, in every list of its owner."""
    await database.run(_look, user, conversation_id)
    await live.tell(user.pk, conversation_id, "seen")


def _look(user: User, conversation_id: uuid.UUID) -> None:
    keeping.look(user, [conversations.find(user, conversation_id).pk])


READERS: Mapping[str, Callable[[Any], Any]] = {"key": key, "text": text, "pk": number}

ACTIONS: Mapping[str, Action] = {
    ASK: Action(conversations.ask, ("key", "text")),
    "edit": Action(conversations.edit, ("pk", "key", "text")),
    "retry": Action(conversations.retry, ("pk",)),
    "continue": Action(conversations.go_on, ("pk",)),
    "stop": Action(conversations.stop),
    "switch": Action(conversations.switch, ("pk",)),
    "up": Action(partial(feedback.judge, verdict=Verdict.UP), ("pk",), is_about_answer=True),
    "down": Action(partial(feedback.judge, verdict=Verdict.DOWN), ("pk",), is_about_answer=True),
    "comment": Action(feedback.comment, ("pk", "text"), is_about_answer=True),
    "look": Action(look),
}

"""Edit a prompt, switch between versions: what is not shown any more is kept."""

import uuid
from typing import NamedTuple

from django.db.models import F

from chat import database, limits, live, refusals, replies
from chat.conversations import statements
from chat.conversations.asking import Asked, add, asked_before, begin
from chat.conversations.reading import MOST_MESSAGES, find, shown_message
from chat.messages import changes, stored, versions
from chat.models import Author, Conversation, Message, User


async def edit(user: User, conversation_id: uuid.UUID, pk: int, key: uuid.UUID, text: str) -> Asked:
    """Asks a changed prompt in the place of prompt `pk`; the old one and what followed are kept. Raises Refused."""
    return await begin(user, await database.run(_edit, user, conversation_id, pk, key, text, replies.lease()))


async def switch(user: User, conversation_id: uuid.UUID, pk: int) -> None:
    """Shows the branch that message `pk` is on, down to its newest end. Raises Refused."""
    switched = await database.run(_switch, user, conversation_id, pk)
    await stored.render(switched.shown)
    gone = [changes.gone_change(message) for message in switched.hidden]
    await live.publish(gone + [changes.whole_change(message) for message in switched.shown])


class Switched(NamedTuple):
    """Messages that left the page, with the revision they had, and messages that came, oldest first."""

    hidden: list[Message]
    shown: list[Message]


def _edit(user: User, conversation_id: uuid.UUID, pk: int, key: uuid.UUID, text: str, lease: uuid.UUID | None) -> Asked:
    conversation = find(user, conversation_id)
    if conversation.messages.filter(key=key).exists():
        return asked_before(conversation, key)
    old = shown_message(conversation, pk, Author.USER)
    text = limits.check_prompt(text)
    if conversation.messages.live().exists():
        raise refusals.busy()
    hidden = hide_from(conversation, old)
    statements.touch(user, conversation_id)
    asked = add(conversation, key, text, lease, replies.turns(conversation))
    versions.attach([asked.prompt])
    return asked._replace(hidden=hidden)


def hide_from(conversation: Conversation, first: Message) -> list[Message]:
    """Hides a message and all that followed it; returns what was hidden."""
    following = conversation.messages.filter(pk__gte=first.pk, shown=True)
    hidden = list(following.only("pk", "key", "rev", "conversation_id"))
    following.update(shown=False, rev=F("rev") + 1)
    return hidden


def _switch(user: User, conversation_id: uuid.UUID, pk: int) -> Switched:
    conversation = find(user, conversation_id)
    tree = list(conversation.messages.only("pk", "parent_id", "shown", "key", "rev", "conversation_id").order_by("pk"))
    target = next((message for message in tree if message.pk == pk), None)
    if target is None:
        raise refusals.no_such_message()
    if conversation.messages.live().exists():
        raise refusals.busy()
    path = _path_through(target, tree)
    hidden = [message for message in tree if message.shown and message.pk not in path]
    coming = [message.pk for message in tree if not message.shown and message.pk in path]
    rows = conversation.messages
    rows.filter(pk__in=[message.pk for message in hidden]).update(shown=False, rev=F("rev") + 1)
    rows.filter(pk__in=coming).update(shown=True, rev=F("rev") + 1)
    shown = list(rows.filter(pk__in=coming[-MOST_MESSAGES:]).order_by("pk"))
    return Switched(hidden, versions.attach(shown))


def _path_through(target: Message, tree: list[Message]) -> set[int]:
    """The messages from the root to `target` and on to the newest end below it."""
    parents = {message.pk: message.parent_id for message in tree}
    newest_child = {message.parent_id: message.pk for message in tree}  # the tree is in order of age
    path = set()
    pk: int | None = target.pk
    while pk is not None:
        path.add(pk)
        pk = parents[pk]
    pk = newest_child.get(target.pk)
    while pk is not None:
        path.add(pk)
        pk = newest_child.get(pk)
    return path

"""What the owner thinks of an answer: good or bad, and why. Administrators see it in the admin."""

import uuid

from django.db.models import F

from chat import conversations, database, inputs, live, refusals
from chat.messages import changes, stored, versions
from chat.models import Author, Message, User, Verdict
from chat.refusals import Refused


async def judge(user: User, conversation_id: uuid.UUID, pk: int, verdict: Verdict) -> None:
    """Calls a settled answer good or bad; the same verdict again takes it back, with its comment. Raises Refused."""
    await _show(await database.run(_judge, user, conversation_id, pk, verdict))


async def comment(user: User, conversation_id: uuid.UUID, pk: int, text: str) -> None:
    """Says why an answer is good or bad; an empty text takes the comment back. Raises Refused."""
    await _show(await database.run(_comment, user, conversation_id, pk, text))


async def _show(message: Message) -> None:
    await stored.render([message])
    await live.publish([changes.whole_change(message)])


def _judge(user: User, conversation_id: uuid.UUID, pk: int, verdict: Verdict) -> Message:
    message = _answer(user, conversation_id, pk)
    if message.verdict == verdict:
        return _change(message, verdict="", comment="")
    return _change(message, verdict=verdict)


def _comment(user: User, conversation_id: uuid.UUID, pk: int, text: str) -> Message:
    message = _answer(user, conversation_id, pk)
    if not message.verdict:
        raise Refused("state", refusals.no_such_message().text)
    return _change(message, comment=inputs.line(text, inputs.longest(Message, "comment")))


def _answer(user: User, conversation_id: uuid.UUID, pk: int) -> Message:
    conversation = conversations.find(user, conversation_id)
    message = conversation.messages.filter(pk=pk, author=Author.ASSISTANT, shown=True).first()
    if message is None:
        raise refusals.no_such_message()
    if message.is_live:
        raise refusals.busy()
    return message


def _change(message: Message, **fields: str) -> Message:
    """Saves a verdict unless the answer goes on meanwhile; its pages show it as a new revision."""
    saved = Message.objects.filter(pk=message.pk, rev=message.rev).update(rev=F("rev") + 1, **fields)
    if not saved:
        raise refusals.busy()
    message.refresh_from_db()
    return versions.attach([message])[0]

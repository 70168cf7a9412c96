"""The verbs: ask, stop, retry, go on, edit, join. Every door calls these, and nothing else changes a conversation.

Each is one synchronous database function (one hop to the database thread), then what the engine and the listeners
need to hear. Objects are looked up through their owner; what is not theirs does not exist for them.
"""

import asyncio
import uuid
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from chat import database, fragments, limits, live, offers, replies
from chat.limits import Refused
from chat.models import Author, Conversation, Message, State, User
from chat.providers.base import Message as Turn

TITLE_CHARS = 80
NAMESPACE = uuid.UUID("5f0f3c1c-6a54-4f0a-9a5e-5d3c8a0b7f11")
MOST_MESSAGES = 200


class Asked(NamedTuple):
    """A prompt and its reply; `is_new` is false when the same key had been asked before."""

    prompt: Message
    reply: Message
    history: list[Turn]
    is_new: bool
    hidden: list[Message] = []


async def start(user: User, key: uuid.UUID, text: str) -> Asked:
    """Begins a conversation with a first prompt. A repeated `key` gives the conversation it began. Raises Refused."""
    return await _begin(await database.run(_start, user, key, text, replies.lease()))


async def ask(user: User, conversation_id: uuid.UUID, key: uuid.UUID, text: str) -> Asked:
    """Adds a prompt and begins its reply. A repeated `key` changes nothing. Raises Refused."""
    return await _begin(await database.run(_ask, user, conversation_id, key, text, replies.lease()))


async def edit(user: User, conversation_id: uuid.UUID, pk: int, key: uuid.UUID, text: str) -> Asked:
    """Asks a changed prompt in the place of prompt `pk`; what followed the old one is kept, hidden. Raises Refused."""
    return await _begin(await database.run(_edit, user, conversation_id, pk, key, text, replies.lease()))


async def retry(user: User, conversation_id: uuid.UUID, pk: int) -> Asked:
    """Answers the prompt of reply `pk` anew; the old reply is kept, hidden. Raises Refused."""
    return await _begin(await database.run(_retry, user, conversation_id, pk, replies.lease()))


async def go_on(user: User, conversation_id: uuid.UUID, pk: int) -> Message:
    """Lets the unfinished reply `pk` be continued from the text it has. Raises Refused."""
    reply, history = await database.run(_go_on, user, conversation_id, pk, replies.lease())
    replies.begin(reply, history)
    await live.publish([replies.whole_change(reply)])
    return reply


async def stop(user: User, conversation_id: uuid.UUID) -> None:
    """Ends the conversation's live reply and keeps its text; nothing happens when there is none."""
    reply = await database.run(_stop, user, conversation_id)
    if reply is not None:
        replies.drop(reply.pk)
        await live.publish([replies.whole_change(reply)])


async def _begin(asked: Asked) -> Asked:
    if asked.is_new:
        replies.begin(asked.reply, asked.history)
        await asyncio.sleep(0)  # the upstream hears the prompt while the page hears of it
        gone = [replies.gone_change(message) for message in asked.hidden]
        shown = [replies.whole_change(message) for message in (asked.prompt, asked.reply)]
        await live.publish(gone + shown)
    return asked


def find(user: User, conversation_id: uuid.UUID) -> Conversation:
    """The user's conversation; raises Refused when there is none of theirs."""
    try:
        return Conversation.objects.for_user(user).get(pk=conversation_id)
    except Conversation.DoesNotExist:
        raise Refused("not_found", _("There is no such conversation. It may have been deleted.")) from None


def _start(user: User, key: uuid.UUID, text: str, lease: uuid.UUID | None) -> Asked:
    text = limits.check_prompt(text)
    conversation_id = uuid.uuid5(NAMESPACE, f"{user.pk} {key}")
    existing = Conversation.objects.for_user(user).filter(pk=conversation_id).first()
    if existing is not None:
        return _asked_before(existing, key)
    limits.check_user(user)
    conversation = Conversation(pk=conversation_id, owner=user, title=title_of(text), model=offers.choose().model)
    try:
        with transaction.atomic():
            conversation.save(force_insert=True)
    except IntegrityError:  # the same key in the same moment: the other request has begun it
        return _asked_before(Conversation.objects.for_user(user).get(pk=conversation_id), key)
    return _add(conversation, key, text, lease, [])


def _ask(user: User, conversation_id: uuid.UUID, key: uuid.UUID, text: str, lease: uuid.UUID | None) -> Asked:
    conversation = replies.touch(user, conversation_id) or find(user, conversation_id)
    try:
        text = limits.check_prompt(text)
        limits.check_user(user)
    except Refused:
        if conversation.messages.filter(key=key).exists():
            return _asked_before(conversation, key)
        raise
    return _add(conversation, key, text, lease, replies.turns(conversation))


def _asked_before(conversation: Conversation, key: uuid.UUID) -> Asked:
    prompt = conversation.messages.get(key=key)
    reply = conversation.messages.filter(parent=prompt, author=Author.ASSISTANT).order_by("-shown", "-pk").first()
    if prompt.author != Author.USER or reply is None:
        raise Refused("invalid", _("This key belongs to another message. Please reload the page."))
    return Asked(prompt, reply, [], is_new=False)


def _add(
    conversation: Conversation, key: uuid.UUID, text: str, lease: uuid.UUID | None, earlier: list[replies.Spoken]
) -> Asked:
    """Stores a prompt and its claimed reply; the constraints, not a question beforehand, refuse a second live reply."""
    prompt = Message(conversation=conversation, author=Author.USER, key=key, text=text)
    prompt.parent_id = earlier[-1].pk if earlier else None
    prompt.settled = prompt.created
    try:
        with transaction.atomic():
            replies.insert(prompt)
            reply = _reply_to(prompt, conversation, lease)
    except IntegrityError:
        if conversation.messages.filter(key=key).exists():
            return _asked_before(conversation, key)
        raise limits.busy() from None
    return Asked(
        prompt, reply, replies.history([*earlier, replies.Spoken(prompt.pk, prompt.author, text)]), is_new=True
    )


def _reply_to(prompt: Message, conversation: Conversation, lease: uuid.UUID | None) -> Message:
    offer = offers.choose(conversation.model)
    reply = replies.new_reply(conversation, prompt, lease, offer.provider, offer.model)
    replies.insert(reply)
    return reply


def _edit(user: User, conversation_id: uuid.UUID, pk: int, key: uuid.UUID, text: str, lease: uuid.UUID | None) -> Asked:
    conversation = find(user, conversation_id)
    if conversation.messages.filter(key=key).exists():
        return _asked_before(conversation, key)
    old = _shown(conversation, pk, Author.USER)
    text = limits.check_prompt(text)
    limits.check_user(user)
    if conversation.messages.live().exists():
        raise limits.busy()
    hidden = _hide_from(conversation, old)
    replies.touch(user, conversation_id)
    return _add(conversation, key, text, lease, replies.turns(conversation))._replace(hidden=hidden)


def _retry(user: User, conversation_id: uuid.UUID, pk: int, lease: uuid.UUID | None) -> Asked:
    conversation = find(user, conversation_id)
    old = _shown(conversation, pk, Author.ASSISTANT)
    if old.parent is None or old.is_live:
        raise limits.busy()
    limits.check_user(user)
    hidden = _hide_from(conversation, old)
    try:
        with transaction.atomic():
            reply = _reply_to(old.parent, conversation, lease)
    except IntegrityError:
        raise limits.busy() from None
    history = replies.history(replies.turns(conversation, before=reply.pk))
    return Asked(old.parent, reply, history, is_new=True, hidden=hidden)


def _go_on(user: User, conversation_id: uuid.UUID, pk: int, lease: uuid.UUID | None) -> tuple[Message, list[Turn]]:
    conversation = find(user, conversation_id)
    reply = _shown(conversation, pk, Author.ASSISTANT)
    unfinished = reply.state in (State.STOPPED, State.INTERRUPTED, State.FAILED) and reply.text
    if not unfinished or conversation.messages.shown().filter(pk__gt=pk).exists():
        raise Refused("state", _("This answer cannot be continued any more. Please reload the page."))
    limits.check_user(user)
    fields = replies.claim_fields(lease) | {
        "rev": reply.rev + 1,
        "error": "",
        "retry_at": None,
        "html": "",
        "html_version": 0,
        "settled": None,
    }
    try:
        with transaction.atomic():
            done = conversation.messages.filter(pk=pk, state=reply.state, rev=reply.rev).update(**fields)
    except IntegrityError:
        done = 0
    if not done:
        raise limits.busy()
    reply.refresh_from_db()
    return reply, replies.history(replies.turns(conversation, before=pk))


def _stop(user: User, conversation_id: uuid.UUID) -> Message | None:
    reply = replies.stop(find(user, conversation_id))
    if reply is not None:
        reply.html = fragments.settled_body(reply.dom_id, reply.text)
        reply.html_version = fragments.HTML_VERSION
        replies.keep_html(reply.pk, reply.rev, reply.html, reply.html_version)
    return reply


def _shown(conversation: Conversation, pk: int, author: Author) -> Message:
    message = conversation.messages.filter(pk=pk, author=author, shown=True).select_related("parent").first()
    if message is None:
        raise Refused("not_found", _("There is no such message any more. Please reload the page."))
    return message


def _hide_from(conversation: Conversation, first: Message) -> list[Message]:
    """Hides a message and all that followed it; returns what was hidden."""
    following = conversation.messages.filter(pk__gte=first.pk, shown=True)
    hidden = list(following.only("pk", "key", "rev", "conversation_id"))
    following.update(shown=False, rev=F("rev") + 1)
    return hidden


def title_of(text: str) -> str:
    """A conversation's title: the first line of its first prompt."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"


class Joined(NamedTuple):
    """What a page lacks: messages to show, oldest first, and the DOM ids of messages that are not shown any more."""

    messages: list[Message]
    gone: list[Message]


def catch_up(user: User, conversation_id: uuid.UUID, after: int) -> Joined:
    """The messages that a page whose last message is `after` may lack, that last one included. Raises Refused."""
    conversation = find(user, conversation_id)
    newest = conversation.messages.filter(shown=True, pk__gte=after).order_by("-pk")[:MOST_MESSAGES]
    messages = list(reversed(newest))
    since = min([after, *(message.parent_id for message in messages if message.parent_id)])
    hidden = conversation.messages.filter(shown=False, pk__gt=since).order_by("-pk")[:MOST_MESSAGES]
    return Joined(messages, list(hidden) if after else [])

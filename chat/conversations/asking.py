"""Ask: a prompt is stored once, with its claimed reply, and answered."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from chat import database, limits, lines, live, refusals, replies
from chat.conversations import statements
from chat.conversations.reading import admit, find
from chat.messages import changes, stored, versions
from chat.models import Author, Conversation, Message, User
from chat.providers.base import Message as Turn
from chat.refusals import Refused
from chat.voices import offers, personas
from chat.voices.personas import Choice

TITLE_CHARS = 80
LOOKED_AT_CHARS = 4 * TITLE_CHARS
NAMESPACE = uuid.UUID("5f0f3c1c-6a54-4f0a-9a5e-5d3c8a0b7f11")


class Asked(NamedTuple):
    """A prompt and its reply; `is_new` is false when the same key had been asked before.

    `hidden` has left the page for them; `closed` is the answer before, if it could be continued until now.
    """

    prompt: Message
    reply: Message
    history: list[Turn]
    is_new: bool
    hidden: Sequence[Message] = ()
    closed: Sequence[Message] = ()


async def start(user: User, key: uuid.UUID, text: str, choice: Choice | None = None) -> Asked:
    """Begins a conversation with a first prompt. A repeated `key` gives the conversation it began. Raises Refused.

    `choice` is who shall answer; without it, the usual one does.
    """
    return await begin(user, await database.run(_start, user, key, text, replies.lease(), choice))


async def ask(user: User, conversation_id: uuid.UUID, key: uuid.UUID, text: str) -> Asked:
    """Adds a prompt and begins its reply. A repeated `key` changes nothing. Raises Refused."""
    return await begin(user, await database.run(_ask, user, conversation_id, key, text, replies.lease()))


async def begin(owner: User, asked: Asked) -> Asked:
    if asked.is_new:
        replies.begin(asked.reply, asked.history, owner.pk)
        await asyncio.sleep(0)  # the upstream hears the prompt while the page hears of it
        await stored.render(asked.closed)
        gone = [changes.gone_change(message) for message in asked.hidden]
        shown = [changes.whole_change(message) for message in (*asked.closed, asked.prompt)]
        await live.publish([*gone, *shown, changes.news_change(asked.reply, owner.pk)])
    return asked


def _start(user: User, key: uuid.UUID, text: str, lease: uuid.UUID | None, choice: Choice | None = None) -> Asked:
    text = limits.check_prompt(text)
    conversation_id = id_for(user, key)
    existing = Conversation.objects.for_user(user).filter(pk=conversation_id).first()
    if existing is not None:
        return asked_before(existing, key)
    is_offer_chosen = choice is not None and (choice.provider or choice.model)
    models = () if is_offer_chosen else limits.allowance(user).models
    voice = personas.chosen(user, choice or Choice(), models)
    conversation = Conversation(
        pk=conversation_id,
        owner=user,
        title=title_of(text),
        model=voice.offer.model,
        provider=voice.offer.provider if choice or models else "",
        persona=voice.persona,
        instructions=voice.instructions,
    )
    try:
        with transaction.atomic():
            conversation.save(force_insert=True)
    except IntegrityError:  # the same key in the same moment: the other request has begun it
        return asked_before(find(user, conversation_id), key)
    User.objects.filter(pk=user.pk).exclude(draft="").update(draft="")
    return add(conversation, key, text, lease, [])


def id_for(user: User, key: uuid.UUID) -> uuid.UUID:
    """The id of the conversation that this user begins with a prompt of this key."""
    return uuid.uuid5(NAMESPACE, f"{user.pk} {key}")


def _ask(user: User, conversation_id: uuid.UUID, key: uuid.UUID, text: str, lease: uuid.UUID | None) -> Asked:
    admit(user)
    conversation = statements.touch(user, conversation_id, takes_draft=True) or find(user, conversation_id)
    try:
        return add(conversation, key, limits.check_prompt(text), lease, replies.turns(conversation))
    except Refused:
        if conversation.messages.filter(key=key).exists():
            return asked_before(conversation, key)
        raise


def asked_before(conversation: Conversation, key: uuid.UUID) -> Asked:
    prompt = conversation.messages.get(key=key)
    reply = conversation.messages.filter(parent=prompt, author=Author.ASSISTANT).order_by("-shown", "-pk").first()
    if prompt.author != Author.USER or reply is None:
        raise Refused("invalid", _("This key belongs to another message. Please reload the page."))
    return Asked(prompt, reply, [], is_new=False)


def add(
    conversation: Conversation, key: uuid.UUID, text: str, lease: uuid.UUID | None, earlier: list[replies.Spoken]
) -> Asked:
    """Stores a prompt and its claimed reply; the constraints, not a question beforehand, refuse a second live reply."""
    prompt = Message(conversation=conversation, author=Author.USER, key=key, text=text)
    prompt.parent_id = earlier[-1].pk if earlier else None
    prompt.settled = prompt.created
    try:
        with transaction.atomic():
            statements.insert(prompt)
            reply = reply_to(prompt, conversation, lease, text)
            closed = _close(conversation, earlier[-1].pk) if earlier and earlier[-1].is_unfinished else []
    except IntegrityError:
        if conversation.messages.filter(key=key).exists():
            return asked_before(conversation, key)
        raise refusals.busy() from None
    spoken = [*earlier, replies.Spoken(prompt.pk, prompt.author, text)]
    return Asked(prompt, reply, replies.history(spoken, conversation), is_new=True, closed=closed)


def _close(conversation: Conversation, pk: int) -> list[Message]:
    """Makes a new revision of an unfinished answer that is followed now: pages must not offer to continue it."""
    rows = conversation.messages.filter(pk=pk)
    rows.update(rev=F("rev") + 1)
    return versions.attach(list(rows))


def reply_to(prompt: Message, conversation: Conversation, lease: uuid.UUID | None, text: str = "") -> Message:
    """Stores the claimed reply to a prompt, and spends it of the owner's allowance; `text` is a new prompt's."""
    offer = offers.choose(conversation.model, conversation.provider)
    left = limits.spend(conversation, offer.provider, offer.model, text)
    reply = replies.new_reply(conversation, prompt, lease, offer.provider, offer.model)
    reply.allowance = left
    statements.insert(reply)
    return reply


def title_of(text: str) -> str:
    """A conversation's title: the first line of its first prompt in which anything can be seen."""
    visible = (lines.shown(line[:LOOKED_AT_CHARS]) for line in text.splitlines())
    line = next(filter(None, visible), "") or _("Untitled")
    return line if len(line) <= TITLE_CHARS else lines.shown(line, TITLE_CHARS - 1) + "…"

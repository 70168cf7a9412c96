"""What can be done with an answer: stop it, continue it, have another one."""

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chat import database, limits, live, refusals, replies
from chat.conversations.asking import Asked, begin, reply_to
from chat.conversations.branches import hide_from
from chat.conversations.reading import find, shown_message
from chat.messages import changes, stored, versions
from chat.models import Author, Message, User
from chat.providers.base import Message as Turn
from chat.refusals import Refused


async def retry(user: User, conversation_id: uuid.UUID, pk: int) -> Asked:
    """Answers the prompt of reply `pk` anew; the old reply and what followed are kept. Raises Refused."""
    return await begin(user, await database.run(_retry, user, conversation_id, pk, replies.lease()))


async def go_on(user: User, conversation_id: uuid.UUID, pk: int) -> Message:
    """Lets the unfinished reply `pk` be continued from the text it has. Raises Refused."""
    reply, history = await database.run(_go_on, user, conversation_id, pk, replies.lease())
    replies.begin(reply, history, user.pk)
    await live.publish([changes.news_change(reply, user.pk)])
    return reply


async def stop(user: User, conversation_id: uuid.UUID) -> None:
    """Ends the conversation's live reply and keeps its text; nothing happens when there is none. Raises Refused."""
    reply = await database.run_alone(_stop, user, conversation_id)
    if reply is not None:
        replies.drop(reply.pk)
        await stored.render([reply])
        await live.publish([changes.news_change(reply, user.pk)])


def _retry(user: User, conversation_id: uuid.UUID, pk: int, lease: uuid.UUID | None) -> Asked:
    conversation = find(user, conversation_id)
    old = shown_message(conversation, pk, Author.ASSISTANT)
    if old.parent is None or old.is_live:
        raise refusals.busy()
    hidden = hide_from(conversation, old)
    try:
        with transaction.atomic():
            reply = reply_to(old.parent, conversation, lease)
    except IntegrityError:
        raise refusals.busy() from None
    history = replies.history(replies.turns(conversation, before=reply.pk), conversation)
    versions.attach([old.parent, reply])
    return Asked(old.parent, reply, history, is_new=True, hidden=hidden)


def _go_on(user: User, conversation_id: uuid.UUID, pk: int, lease: uuid.UUID | None) -> tuple[Message, list[Turn]]:
    conversation = find(user, conversation_id)
    reply = shown_message(conversation, pk, Author.ASSISTANT)
    versions.attach_followed([reply])
    if not reply.may_continue:
        raise Refused("state", _("This answer cannot be continued any more. Please reload the page."))
    reply.allowance = limits.spend(conversation, reply.provider, reply.model)
    nothing = {"error": "", "retry_at": None, "html": "", "html_version": 0, "settled": None}
    fields = replies.claim_fields(lease) | nothing | {"rev": reply.rev + 1}
    try:
        with transaction.atomic():
            done = conversation.messages.filter(pk=pk, state=reply.state, rev=reply.rev).update(**fields)
    except IntegrityError:
        done = 0
    if not done:
        raise refusals.busy()
    reply.refresh_from_db()
    reply.conversation = conversation
    versions.attach([reply])
    return reply, replies.history(replies.turns(conversation, before=pk), conversation)


def _stop(user: User, conversation_id: uuid.UUID) -> Message | None:
    reply = replies.stop(find(user, conversation_id))
    if reply is not None:
        versions.attach([reply])
    return reply

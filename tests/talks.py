"""Conversations that tests find in the database, and the end of replies that are written there."""

import asyncio

from chat.limits.standing import now_ms
from chat.models import Author, Conversation, Message, Spent, User


def talk(owner: User, *texts: str, title: str = "A talk") -> Conversation:
    """A stored conversation of alternating prompts and answers."""
    conversation = Conversation.objects.create(owner=owner, title=title, model="gpt-4o-mini")
    parent = None
    for number, text in enumerate(texts):
        author = Author.ASSISTANT if number % 2 else Author.USER
        parent = Message.objects.create(conversation=conversation, parent=parent, author=author, text=text)
    return conversation


async def settled(reply: Message) -> Message:
    """Waits until a reply is not live any more."""
    async with asyncio.timeout(10):
        while reply.is_live:
            await asyncio.sleep(0.02)
            reply = await Message.objects.aget(pk=reply.pk)
    return reply


def spent(user: User | None, ago_ms: int = 0, provider: str = "magickpen", count: int = 1) -> None:
    """So many messages that were sent some time ago; of the site when they are nobody's."""
    for _number in range(count):
        Spent.objects.create(user=user, at_ms=now_ms() - ago_ms, provider=provider)

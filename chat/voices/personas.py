"""Who answers, and as whom: the model, a persona, and instructions of one conversation."""

import uuid
from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chat import inputs, lines, refusals
from chat.models import Conversation, Persona, User
from chat.refusals import Refused
from chat.voices import offers

MOST_OWN = 200


class Choice(NamedTuple):
    """Who shall answer, as a form names it: nothing of it is looked up yet, what is empty is not chosen."""

    provider: str = ""
    model: str = ""
    persona: int | None = None
    instructions: str = ""


class Voice(NamedTuple):
    """What a conversation is answered with."""

    offer: offers.Offer
    persona: Persona | None = None
    instructions: str = ""


def choice(form: Mapping[str, str]) -> Choice:
    """Reads the fields `offer` ("provider:model"), `persona` (a primary key) and `instructions` of a form."""
    provider, _colon, model = form.get("offer", "").partition(":")
    text = inputs.text(form.get("instructions", ""), inputs.longest(Conversation, "instructions"))
    return Choice(provider, model, inputs.key(form.get("persona", "")), text)


def of(conversation: Conversation) -> Voice:
    """The voice of a conversation."""
    offer = offers.choose(conversation.model, conversation.provider)
    return Voice(offer, conversation.persona, conversation.instructions)


def usual(user: User, models: Collection[str] = ()) -> Voice:
    """The voice of a new conversation of this user, unless they choose another: with one of `models`, if any are named
    because the user may use no others."""
    offer = offers.choose(user.default_model)
    if models and offer.model not in models:
        offer = next(iter(offers.listed(models)), offer)
    return Voice(offer)


def chosen(user: User, choice: Choice, models: Collection[str] = ()) -> Voice:
    """The voice that somebody chooses, with `models` as in `usual`.

    What is not there, or not for them, counts as not chosen.
    """
    asked_for = (choice.provider, choice.model)
    offer = next((offer for offer in offers.listed(models) if offer[:2] == asked_for), usual(user, models).offer)
    persona = available(user).filter(pk=choice.persona).first() if choice.persona else None
    return Voice(offer, persona, choice.instructions)


def give(user: User, conversation_id: uuid.UUID, choice: Choice, models: Collection[str] = ()) -> None:
    """Gives a conversation another voice, for the answers to come. Raises Refused."""
    voice = chosen(user, choice, models)
    given = (
        Conversation.objects.for_user(user)
        .filter(pk=conversation_id)
        .update(
            model=voice.offer.model,
            provider=voice.offer.provider,
            persona=voice.persona,
            instructions=voice.instructions,
        )
    )
    if not given:
        raise refusals.no_such_conversation()


def instructions(conversation: Conversation) -> str:
    """What the model is told before everything else: by the user for every answer, the persona, the conversation."""
    persona = conversation.persona.text if conversation.persona else ""
    told = [conversation.owner.system_prompt, persona, conversation.instructions]
    return "\n\n".join(text for text in told if text)


def available(user: User) -> QuerySet[Persona]:
    """The personas that this user may choose: their own and the shared ones."""
    return Persona.objects.filter(Q(owner=user) | Q(owner=None))


def own(user: User) -> QuerySet[Persona]:
    return Persona.objects.filter(owner=user)


def save(user: User, pk: str, name: str, text: str) -> None:
    """Changes a persona of the user's own, or makes one if `pk` is empty. Raises Refused."""
    fields = {
        "name": lines.shown(name, inputs.longest(Persona, "name")),
        "text": inputs.text(text, inputs.longest(Persona, "text")),
    }
    if not all(fields.values()):
        raise refusals.no_such_persona()
    if pk:
        _change(user, pk, **fields)
    elif own(user).count() < MOST_OWN:
        Persona.objects.create(owner=user, **fields)
    else:
        raise Refused("state", _("You have as many personas as you may. Please delete one that you do not need."))


def _change(user: User, pk: str, **fields: str) -> None:
    if not own(user).filter(pk=inputs.key(pk) or 0).update(**fields):
        raise refusals.no_such_persona()


def delete(user: User, pk: str) -> None:
    """Deletes a persona of the user's own; conversations that have it go on without. Raises Refused."""
    if not own(user).filter(pk=inputs.key(pk) or 0).delete()[0]:
        raise refusals.no_such_persona()

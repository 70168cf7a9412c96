"""Which provider and model answer a conversation."""

from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings

from chat.providers import PROVIDERS, AsyncGeneratorProvider


class Offer(NamedTuple):
    """A provider by its name in the settings, one of its models, and the provider's name for people."""

    provider: str
    model: str
    label: str


def choose(model: str = "", provider_name: str = "") -> Offer:
    """The first provider, in the order of CHAT_PROVIDERS, that has this model; without one, the first one's default.

    A provider that is named comes first, and is believed to have the model if nobody has told which it has.
    """
    for name in sorted(settings.CHAT_PROVIDERS, key=lambda name: name != provider_name):
        provider = PROVIDERS[name]
        if model in provider.models or (model and name == provider_name and not provider.models):
            return Offer(name, model, provider.name)
    first = settings.CHAT_PROVIDERS[0]
    return Offer(first, PROVIDERS[first].get_model(None), PROVIDERS[first].name)


def listed(only: Collection[str] = ()) -> list[Offer]:
    """Every model that is known to be on offer with its provider, in the order of CHAT_PROVIDERS.

    `only` names the models that somebody may use, all when it is empty.
    """
    providers = [(name, PROVIDERS[name]) for name in settings.CHAT_PROVIDERS]
    known = [Offer(name, model, provider.name) for name, provider in providers for model in provider.models or only]
    return [offer for offer in known if not only or offer.model in only]


def models(only: Collection[str] = ()) -> list[str]:
    """The names of what is listed, each once."""
    return list(dict.fromkeys(offer.model for offer in listed(only)))


def provider(name: str) -> type[AsyncGeneratorProvider]:
    """The provider class behind a name; raises KeyError for one that is not there any more."""
    return PROVIDERS[name]

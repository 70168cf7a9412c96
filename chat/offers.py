"""Which provider and model answer a conversation."""

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

    A provider that is named comes first.
    """
    for name in sorted(settings.CHAT_PROVIDERS, key=lambda name: name != provider_name):
        provider = PROVIDERS[name]
        if model in provider.models:
            return Offer(name, model, provider.name)
    first = settings.CHAT_PROVIDERS[0]
    return Offer(first, PROVIDERS[first].get_model(None), PROVIDERS[first].name)


def listed() -> list[Offer]:
    """Every model that is known to be on offer with its provider, in the order of CHAT_PROVIDERS."""
    providers = [(name, PROVIDERS[name]) for name in settings.CHAT_PROVIDERS]
    return [Offer(name, model, provider.name) for name, provider in providers for model in provider.models]


def models() -> list[str]:
    """Every model that is known to be on offer, in the order of CHAT_PROVIDERS."""
    found = [model for name in settings.CHAT_PROVIDERS for model in PROVIDERS[name].models]
    return list(dict.fromkeys(found))


def provider(name: str) -> type[AsyncGeneratorProvider]:
    """The provider class behind a name; raises KeyError for one that is not there any more."""
    return PROVIDERS[name]

"""Upstreams that answer prompts: plain asyncio and aiohttp, without Django."""

from collections.abc import Mapping

from chat.providers.base import CONTINUE, AsyncGeneratorProvider, Message, Messages, Provider, ProviderModelMixin
from chat.providers.client import close
from chat.providers.errors import (
    AccountUsedUp,
    CredentialsNotFound,
    CredentialsUnread,
    CutOff,
    EmptyAnswer,
    HTTPError,
    HungUp,
    Insecure,
    KeyRefused,
    OffLimits,
    ProviderError,
    ProxyRefused,
    ProxyUnreachable,
    RateLimited,
    Refused,
    Rejected,
    ReplyTooLong,
    Stalled,
    TooLong,
    UnexpectedContent,
    UnknownModel,
    Unreachable,
    UnusableAddress,
    WrongAddress,
)
from chat.providers.magickpen import MagickPen
from chat.providers.openai import OpenAI

__all__ = [
    "CONTINUE",
    "PROVIDERS",
    "AccountUsedUp",
    "AsyncGeneratorProvider",
    "CredentialsNotFound",
    "CredentialsUnread",
    "CutOff",
    "EmptyAnswer",
    "HTTPError",
    "HungUp",
    "Insecure",
    "KeyRefused",
    "MagickPen",
    "Message",
    "Messages",
    "OffLimits",
    "OpenAI",
    "Provider",
    "ProviderError",
    "ProviderModelMixin",
    "ProxyRefused",
    "ProxyUnreachable",
    "RateLimited",
    "Refused",
    "Rejected",
    "ReplyTooLong",
    "Stalled",
    "TooLong",
    "UnexpectedContent",
    "UnknownModel",
    "Unreachable",
    "UnusableAddress",
    "WrongAddress",
    "close",
    "configure",
]

PROVIDERS: dict[str, type[Provider]] = {"magickpen": MagickPen, "openai": OpenAI}


def configure(options: Mapping[str, Mapping[str, object]]) -> None:
    """Assign class attributes: `{"magickpen": {"url": "http://127.0.0.1:8100"}}`.

    Raises KeyError for an unknown provider and AttributeError for an unknown attribute.
    """
    for key, attributes in options.items():
        provider = PROVIDERS[key]
        for name, value in attributes.items():
            getattr(provider, name)
            setattr(provider, name, value)

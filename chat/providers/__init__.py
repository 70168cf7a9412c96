"""Upstreams that answer prompts: plain asyncio and aiohttp, without Django."""

from collections.abc import Mapping

from chat.providers.base import CONTINUE, AsyncGeneratorProvider, Message, Messages, Provider, ProviderModelMixin
from chat.providers.client import close
from chat.providers.errors import (
    CredentialsNotFound,
    CutOff,
    HTTPError,
    OffLimits,
    ProviderError,
    RateLimited,
    Refused,
    ReplyTooLong,
    Stalled,
    UnexpectedContent,
    UnknownModel,
    Unreachable,
    WrongAddress,
)
from chat.providers.magickpen import MagickPen
from chat.providers.openai import OpenAI

__all__ = [
    "CONTINUE",
    "PROVIDERS",
    "AsyncGeneratorProvider",
    "CredentialsNotFound",
    "CutOff",
    "HTTPError",
    "MagickPen",
    "Message",
    "Messages",
    "OffLimits",
    "OpenAI",
    "Provider",
    "ProviderError",
    "ProviderModelMixin",
    "RateLimited",
    "Refused",
    "ReplyTooLong",
    "Stalled",
    "UnexpectedContent",
    "UnknownModel",
    "Unreachable",
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

"""What a provider is: a class that turns a history of messages into an asynchronous stream of text."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from typing import ClassVar, Literal, TypedDict

CONTINUE = "Continue your last answer exactly where it stopped. Do not repeat anything."
MAX_REPLY_CHARS = 2_000_000


class Message(TypedDict):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


Messages = Sequence[Message]


class AsyncGeneratorProvider(ABC):
    """An upstream. All attributes are read at the time of a call, so settings may assign them."""

    name: ClassVar[str]
    url: ClassVar[str]
    proxy: ClassVar[str | None] = None
    silence_seconds: ClassVar[float] = 120.0  # the longest wait for the next bytes
    reply_seconds: ClassVar[float] = 1800.0  # the longest a whole reply may take
    working: ClassVar[bool] = True
    supports_stream: ClassVar[bool] = True
    supports_system_message: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        *,
        max_prompt_chars: int | None = None,
        max_reply_chars: int = MAX_REPLY_CHARS,
        **kwargs: object,
    ) -> AsyncGenerator[str, None]:
        """Yield the reply's text as it arrives.

        `proxy` is an http:// or https:// address that overrides the class attribute. The oldest turns are left out
        when the prompt would be longer than `max_prompt_chars` characters. Closing the generator closes the upstream
        connection. Raises only `ProviderError`s; `ValueError` when `messages` is empty.
        """


class ProviderModelMixin:
    """Which models a provider offers, and what they are called."""

    default_model: ClassVar[str] = ""
    models: ClassVar[Sequence[str]] = ()
    model_aliases: ClassVar[dict[str, str]] = {}

    @classmethod
    def get_model(cls, model: str | None) -> str:
        """Return the upstream's name for `model`: an alias is resolved, an unknown one becomes the default."""
        resolved = cls.model_aliases.get(model or "", model or "")
        return resolved if resolved in cls.models else cls.default_model


class Provider(AsyncGeneratorProvider, ProviderModelMixin):
    """Both together: what every provider here is."""

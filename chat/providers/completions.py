"""What an OpenAI-compatible server says: a streamed completion, a list of models, an error; without input or output."""

import json
import re
from collections.abc import Mapping
from typing import Any

from chat.providers import errors
from chat.providers.decoding import Events, Text, is_page

MAX_EVENT_BYTES = 1024 * 1024
MAX_MODELS = 500
MAX_ERROR_BYTES = 16 * 1024

_TOO_LONG = {"context_length_exceeded", "exceed_context_size_error"}
_OF_LENGTH = "maximum context length"  # vLLM has no code for it: its message begins "This model's maximum …"
_USED_UP = {"insufficient_quota", "insufficient_balance", "billing_not_active", "billing_hard_limit_reached"}


class Completion:
    """The bytes of a streamed completion, cut anywhere, to its text.

    `is_over` says that nothing more is to be read; `failure` then tells what went wrong, if anything did.
    """

    def __init__(self, limit: int, model: str = "") -> None:
        self._limit = limit
        self._model = model
        self._opening = b""  # what came before the first event, in case that none comes
        self._events = Events(MAX_EVENT_BYTES)
        self._text = Text(limit)
        self._has_text = False
        self._has_bytes = False
        self._has_events = False
        self._has_reason = False  # some servers give a finish reason, but no [DONE]
        self._is_done = False
        self._is_garbled = False
        self._problem: object = None

    @property
    def is_over(self) -> bool:
        """Whether the completion has ended, well or not."""
        return self._is_done or self._is_garbled or self._problem is not None or self._text.is_full

    def feed(self, chunk: bytes) -> str:
        """Return the text that `chunk` adds."""
        self._has_bytes = True
        if not self._has_events:
            self._opening = (self._opening + chunk)[:MAX_ERROR_BYTES]
        pieces: list[str] = []
        for event in self._events.feed(chunk):
            self._has_events = True
            if event.strip() == b"[DONE]":
                self._is_done = True
                break
            pieces.append(self._piece(event))
            if self.is_over:
                break
        self._is_garbled = self._is_garbled or self._events.is_full
        return self._counted(self._text.feed_text("".join(pieces)))

    def end(self) -> str:
        """Return what is left at the end."""
        return self._counted(self._text.end())

    def failure(self, name: str) -> errors.ProviderError | None:
        """Return the error in which the completion of the server called `name` ended, if it did."""
        if self._text.is_full:
            return errors.ReplyTooLong(f"The answer is longer than the {self._limit:,} characters this site accepts.")
        if self._problem is not None:
            return explained(name, None, {}, self._problem, self._model)
        if not self._has_bytes:
            return _empty(name)
        if not self._has_events and (failure := self._instead(name)):
            return failure
        if self._is_garbled or not self._has_events:
            return errors.UnexpectedContent(f"{name} sent something that is no stream of events.", status=200)
        if not (self._is_done or self._has_reason):
            return errors.CutOff(f"{name} was cut off in the middle of the answer.")
        return None if self._has_text else _empty(name)

    def _piece(self, event: bytes) -> str:
        said = parsed(event)
        if not isinstance(said, dict):
            self._is_garbled = True
            return ""
        self._problem = said.get("error") or self._problem
        choices = said.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return ""
        self._has_reason = self._has_reason or choice.get("finish_reason") is not None
        delta = choice.get("delta")
        content = delta.get("content") if isinstance(delta, dict) else None
        return content if isinstance(content, str) else ""

    def _instead(self, name: str) -> errors.ProviderError | None:
        """Return the error that came instead of events: a web page, or one of an address that the server lacks."""
        if is_page(self._opening.decode("utf-8", "replace")):
            return errors.WrongAddress(f"{name} sent a web page instead of an answer.", status=200)
        found = problem(self._opening)
        if found is None:
            return None
        return explained(name, 404 if "chat/completions" in _message(found) else None, {}, found, self._model)

    def _counted(self, text: str) -> str:
        self._has_text = self._has_text or bool(text.strip())
        return text


def models(body: bytes) -> list[str] | None:
    """Return the names in a list of models, at most MAX_MODELS; None if it is no such list."""
    listed = parsed(body)
    if not isinstance(listed, dict) or "data" not in listed:
        return None
    rows = listed["data"]
    names = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [name for name in names if isinstance(name, str) and 0 < len(name) <= 200 and name.isprintable()][
        :MAX_MODELS
    ]


def problem(body: bytes) -> object:
    """Return the error object in the body of an unsuccessful response, if there is one."""
    said = parsed(body)
    if not isinstance(said, dict):
        return None
    return said if said.get("object") == "error" else said.get("error")


def explained(
    name: str, status: int | None, headers: Mapping[str, str], problem: object, model: str = ""
) -> errors.ProviderError:
    """Return the error that a status and an error object mean, in answer to a request for `model`.

    Of the object only its code is told: its message may quote the prompt or the key. But whether that names the model
    tells a server without this model from an address without this server: both answer 404.
    """
    code = _code(problem)
    if status is None and code.isdigit() and 400 <= int(code) <= 599:
        status = int(code)
    if code in _USED_UP:
        return errors.used_up(name, status)
    if code in _TOO_LONG or (status == 400 and _OF_LENGTH in _message(problem)):
        return errors.too_long(name, status)
    if code == "model_not_found" or (status == 404 and _names(problem, model)):
        return errors.UnknownModel(f"{name} has no model of this name.", status=status)
    if status in (401, 403) or code == "invalid_api_key":
        return errors.KeyRefused(f"{name} refused this site's key.", status=status)
    if status is not None:
        return errors.for_status(name, status, headers)
    if "rate_limit" in code:
        return errors.RateLimited(f"{name} is limiting how many messages it answers.")
    return errors.HTTPError(f"{name} reported an error of its own in the middle of the answer.")


def parsed(data: bytes) -> Any:
    """Return what JSON says, or None."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _empty(name: str) -> errors.EmptyAnswer:
    return errors.EmptyAnswer(f"{name} sent an empty answer.", status=200)


def _code(problem: object) -> str:
    """Return the machine-readable part of an error object: its code, or else its type."""
    if not isinstance(problem, dict):
        return ""
    code = problem.get("code") or problem.get("type") or ""
    return str(code) if isinstance(code, str | int) and re.fullmatch(r"[\w.-]{1,64}", str(code), re.ASCII) else ""


def _names(problem: object, model: str) -> bool:
    """Say whether an error object is about the model that was asked for."""
    if isinstance(problem, dict) and problem.get("param") == "model":
        return True
    return bool(model) and re.search(rf"(?<![\w./-]){re.escape(model)}(?![\w/-])", _message(problem)) is not None


def _message(problem: object) -> str:
    said = problem.get("message") if isinstance(problem, dict) else problem
    return said if isinstance(said, str) else ""

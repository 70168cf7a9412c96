"""A history of messages as the one prompt MagickPen takes, and as the turns that fit into a length."""

from chat.providers.base import CONTINUE, Message, Messages

_ROLE_CHARS = len("Assistant: \n")


def mapped(messages: Messages, max_chars: int | None = None) -> str:
    """Return the prompt: a single message as it is; several as lines `Role: content` that end with `Assistant:`.

    That form comes from the public MagickPen clients of 2024. Raises ValueError when there are no messages.
    """
    kept = fitted(messages, max_chars)
    if len(kept) == 1:
        return kept[0]["content"]
    return "\n".join([*(f"{turn['role'].capitalize()}: {turn['content']}" for turn in kept), "Assistant:"])


def fitted(messages: Messages, max_chars: int | None = None) -> list[Message]:
    """Return system messages first, then the newest turns that fit into `max_chars` characters of prompt.

    System messages and the last turn always stay; before a request to continue, so does the end of what is continued.
    """
    if not messages:
        raise ValueError("There is no message to send.")
    system = [message for message in messages if message["role"] == "system"]
    turns = [message for message in messages if message["role"] != "system"]
    if max_chars is None:
        return system + turns
    left = max_chars - len("Assistant:") - sum(map(_chars, system))
    return system + _newest(turns, left)


def _newest(turns: list[Message], left: int) -> list[Message]:
    kept: list[Message] = []
    for turn in reversed(turns):
        is_wanted = len(kept) == 1 and kept[0]["content"] == CONTINUE
        if kept and _chars(turn) > left:
            return [_ending(turn, left), *kept] if is_wanted and left > _ROLE_CHARS else kept
        kept.insert(0, turn)
        left -= _chars(turn)
    return kept


def _ending(turn: Message, left: int) -> Message:
    return {"role": turn["role"], "content": turn["content"][-(left - _ROLE_CHARS) :]}


def _chars(message: Message) -> int:
    return len(message["content"]) + _ROLE_CHARS

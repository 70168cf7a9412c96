"""The verbs: every door calls these, and nothing else changes what is said in a conversation.

Each is one synchronous database function (one hop to the database thread), then what the engine and the listeners
need to hear. Objects are looked up through their owner; what is not theirs does not exist for them.
"""

from chat.conversations.answers import go_on, retry, stop
from chat.conversations.asking import Asked, ask, id_for, start, title_of
from chat.conversations.branches import edit, switch
from chat.conversations.reading import Joined, catch_up, find

__all__ = [
    "Asked",
    "Joined",
    "ask",
    "catch_up",
    "edit",
    "find",
    "go_on",
    "id_for",
    "retry",
    "start",
    "stop",
    "switch",
    "title_of",
]

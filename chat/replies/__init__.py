"""The engine: a reply is a row that a task of this process claims, runs and saves; sockets only watch.

claim → stream → (collect, commit, publish) per beat → finish; leases tell when a process is dead.
"""

from chat.replies.engine import begin, close, drop, lease, open_engine
from chat.replies.history import Spoken, history, turns
from chat.replies.rows import claim_fields, new_reply, stop

__all__ = [
    "Spoken",
    "begin",
    "claim_fields",
    "close",
    "drop",
    "history",
    "lease",
    "new_reply",
    "open_engine",
    "stop",
    "turns",
]

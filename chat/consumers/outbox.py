"""What one socket has been sent, and what it may be sent next: revisions and the acknowledgement window. No I/O."""

import time
from collections import deque
from typing import Literal, NamedTuple

WINDOW_BYTES = 256 * 1024
MUTE_SECONDS = 30.0

Verdict = Literal["send", "old", "catch up", "wait"]


class Sent(NamedTuple):
    pk: int
    rev: int
    size: int


class Outbox:
    """Follows one reader. Frames come in the order of their revisions, or the reader gets the whole message again.

    A reader that has more than `WINDOW_BYTES` unacknowledged is sent nothing; when it acknowledges again it is *behind*
    and wants the latest state. One that stays silent for `MUTE_SECONDS` meanwhile is mute and may be closed.
    """

    def __init__(self) -> None:
        self.revs: dict[int, int] = {}
        self.newest = 0
        self.is_behind = False
        self._unacknowledged: deque[Sent] = deque()
        self._bytes = 0
        self._full_since: float | None = None

    def judge(self, pk: int, rev: int, *, whole: bool) -> Verdict:
        """What to do with a change: send it, drop it as old, read the database instead, or wait for the reader."""
        known = self.revs.get(pk, 0)
        if rev <= known:
            return "old"
        if self._full_since is not None:
            self.is_behind = True
            return "wait"
        return "send" if whole or rev == known + 1 else "catch up"

    def note(self, pk: int, rev: int, size: int) -> None:
        """Remembers a frame that was sent; `size` in bytes or characters."""
        self.revs[pk] = max(rev, self.revs.get(pk, 0))
        self.newest = max(self.newest, pk)
        self._unacknowledged.append(Sent(pk, rev, size))
        self._bytes += size
        if self._bytes > WINDOW_BYTES and self._full_since is None:
            self._full_since = time.monotonic()

    def acknowledge(self, rev: int, pk: int | None = None) -> bool:
        """Takes an acknowledgement of everything up to a frame; says whether the reader now wants the latest state."""
        position = next(
            (
                place
                for place in range(len(self._unacknowledged) - 1, -1, -1)
                if self._unacknowledged[place].rev == rev and pk in (None, self._unacknowledged[place].pk)
            ),
            -1,
        )
        for _ in range(position + 1):
            self._bytes -= self._unacknowledged.popleft().size
        if self._bytes > WINDOW_BYTES:
            if position >= 0:
                self._full_since = time.monotonic()
            return False
        self._full_since = None
        wanted, self.is_behind = self.is_behind, False
        return wanted

    @property
    def is_mute(self) -> bool:
        return self._full_since is not None and time.monotonic() - self._full_since > MUTE_SECONDS

    def forget(self, pk: int) -> None:
        """Treats a message as never sent, so that its latest state is sent whole."""
        self.revs.pop(pk, None)

"""What one page has read and is about to read, while frames come, are lost, or wait for the database. No I/O."""

from collections import deque
from typing import NamedTuple

from chat.consumers.outbox import Outbox
from chat.live import Change

MOST_EARLY_CHANGES = 1000


class Missing(NamedTuple):
    """Message `pk`, and all that follow, are to be read from the database."""

    pk: int


class Reader:
    """Begins by reading the database: changes that come meanwhile are *early* and wait until it is live."""

    def __init__(self) -> None:
        self._outbox = Outbox()
        self._early: deque[Change] | None = deque(maxlen=MOST_EARLY_CHANGES)
        self._seen: tuple[int, int] | None = None
        self._healing: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether the database is not being read."""
        return self._early is None

    @property
    def is_mute(self) -> bool:
        return self._outbox.is_mute

    def take(self, change: Change, language: str) -> str | Missing | None:
        """The frame to send for a committed change, or what to read instead; None for now when there is neither."""
        if self._early is not None:
            self._early.append(change)
            return None
        return self._judge(change, language, whole=change.frame is None)

    def show(self, change: Change, language: str) -> str | Missing | None:
        """The same for a whole message that comes from the database, which nothing has to go before."""
        return self._judge(change, language, whole=True)

    def _judge(self, change: Change, language: str, *, whole: bool) -> str | Missing | None:
        verdict = self._outbox.judge(change.pk, change.rev, whole=whole)
        frame = change.frame_in(language) if verdict == "send" else None
        if frame is not None:
            self._outbox.note(change.pk, change.rev, len(frame))
            return frame
        return Missing(change.pk) if verdict in ("send", "catch up") else None

    def read_from(self, pk: int) -> None:
        """The database is read now, from message `pk` on, which is sent even if it was before."""
        self._outbox.forget(pk)
        self._healing, self._early = None, deque(maxlen=MOST_EARLY_CHANGES)

    def go_live(self) -> deque[Change]:
        """The database has been read: hands out what came early, to be taken now; what was read is dropped as old."""
        early, self._early = self._early or deque(), None
        return early

    def acknowledge(self, rev: int, pk: int | None = None) -> Missing | None:
        """Takes an acknowledgement; what to read when the page was too slow and now wants the latest state."""
        return Missing(self._outbox.newest) if self._outbox.acknowledge(rev, pk) else None

    def begin_healing(self, pk: int) -> bool:
        """Whether somebody has to read the database from message `pk` on; False when that is under way."""
        if self._healing is not None and self._healing <= pk:
            return False
        self._healing = pk
        return True

    def compare(self, pk: int, rev: int) -> Missing | None:
        """Compares with the last message that the database has; what is missing if it was so the last time, too.

        Once is no reason: the change may be on its way.
        """
        if self._outbox.is_behind:
            return None
        known = self._outbox.revs.get(pk, 0)
        is_stuck = known < rev and self._seen == (pk, known)
        self._seen = (pk, known)
        return Missing(self._outbox.newest or pk) if is_stuck else None

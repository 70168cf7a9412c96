"""When to beat: at once for a first text, else no sooner than the work of the last beat allows."""

SHORTEST_INTERVAL = 0.09
SHORTEST_INTERVAL_SHARED = 0.11
LONGEST_INTERVAL = 0.25
INTERVAL_PER_WORK = 5
INTERVAL_PER_BEAT = 2
"""A beat that worked for t seconds is followed by the next one 5·t after its start: beats never
fill a core.

Waiting for the database, or for others on a busy machine, counts less: 2·t.
"""


class Pacing:
    """Keeps the time of the next beat; all times are seconds of one clock, which the caller reads."""

    def __init__(self) -> None:
        self._due = 0.0

    def wait(self, now: float, *, has_first: bool, has_others: bool) -> float | None:
        """Seconds until the next beat: 0 for "now", None when nothing is there to beat for.

        A first text has a beat of its own, which neither waits nor moves the others' beat.
        """
        if has_first:
            return 0.0
        return max(0.0, self._due - now) if has_others else None

    def beaten(self, started: float, taken: float, worked: float, *, is_shared: bool) -> None:
        """Sets the next beat after one that took and worked so many seconds.

        `is_shared` says that other processes hear of each beat, which costs them, too.
        """
        shortest = SHORTEST_INTERVAL_SHARED if is_shared else SHORTEST_INTERVAL
        interval = max(INTERVAL_PER_WORK * worked, INTERVAL_PER_BEAT * taken, shortest)
        self._due = started + min(interval, LONGEST_INTERVAL)

"""Keeps passwords with Argon2: in memory that a small server has, and few at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import hashers
from django.db import connection

AT_ONCE = 2
MOST_WAITING = 40
LONGEST_WAIT_SECONDS = 10.0


class Busy(Exception):  # noqa: N818 - it is no error that it is raised
    """So many passwords are being hashed that this one would wait for too long."""


class Gate:
    """Lets a few threads in at once; a few more may wait for a while, in their order."""

    def __init__(self, at_once: int, most_waiting: int, longest_wait_seconds: float) -> None:
        self.at_once = at_once
        self.most_waiting = most_waiting
        self.longest_wait_seconds = longest_wait_seconds
        self._changed = threading.Condition()
        self._inside = self._waiting = 0
        self._thread = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One's turn, which holds for everything until the end of the block. Raises Busy."""
        if getattr(self._thread, "is_inside", False):
            yield
            return
        self._enter()
        self._thread.is_inside = True
        try:
            yield
        finally:
            self._thread.is_inside = False
            self._leave()

    def _enter(self) -> None:
        with self._changed:
            if self._waiting or not self._has_room():
                self._wait()
            self._inside += 1

    def _wait(self) -> None:
        """Not within a transaction: everybody who writes would wait for the one who waits here."""
        if connection.in_atomic_block or self._waiting >= self.most_waiting:
            raise Busy
        self._waiting += 1
        try:
            if not self._changed.wait_for(self._has_room, self.longest_wait_seconds):
                raise Busy
        finally:
            self._waiting -= 1

    def _has_room(self) -> bool:
        return self._inside < self.at_once

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify()


GATE = Gate(AT_ONCE, MOST_WAITING, LONGEST_WAIT_SECONDS)


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Django's, with 46 MiB and one pass, as OWASP has it, instead of 100 MiB and eight threads.

    OWASP's other choice, 19 MiB and two passes, would take more in the end: what is freed below
    32 MiB, the C library keeps, in up to sixteen places.

    Passwords that were kept in the old way are known, and kept in this one from the next sign-in on.
    """

    memory_cost = 46 * 1024
    time_cost = 1
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with GATE.turn():
            encoded: str = super().encode(password, salt)
            return encoded

    def verify(self, password: str, encoded: str) -> bool:
        with GATE.turn():
            return bool(super().verify(password, encoded))

    def harden_runtime(self, password: str, encoded: str) -> None:
        """After a wrong password where it is kept in the old way: then others take both as well."""
        self.encode(password, self.salt())


OLD_WAY = "argon2$argon2id$v=19$m=102400,t=2,p=8$"


def as_costly_as_the_old_way(password: str) -> None:
    """Takes as long as comparing one that is kept so, so that no answer tells whose is."""
    with GATE.turn():
        old = hashers.Argon2PasswordHasher()
        old.encode(password, old.salt())

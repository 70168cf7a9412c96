"""How many sockets of this process a person may hold, and an address that nobody is known at yet."""

from collections import Counter
from collections.abc import Hashable
from ipaddress import ip_address

MOST_PER_PERSON = 50
MOST_PER_ADDRESS = 50

_taken: Counter[Hashable] = Counter()


class Place:
    """One socket's place: among its address's first, then among its person's."""

    def __init__(self) -> None:
        self._whose: Hashable = None

    def take_for_address(self, address: str) -> bool:
        """False when too many from there are still to be looked at; this machine's own are not counted."""
        host = ip_address(address)
        return host.is_loopback or host.is_unspecified or self._take(address, MOST_PER_ADDRESS)

    def take_for_person(self, user_id: int) -> bool:
        """False when the person has as many already."""
        return self._take(user_id, MOST_PER_PERSON)

    def give_up(self) -> None:
        if self._whose is not None:
            _taken[self._whose] -= 1
            if not _taken[self._whose]:
                del _taken[self._whose]
        self._whose = None

    def _take(self, whose: Hashable, most: int) -> bool:
        self.give_up()
        if _taken[whose] >= most:
            return False
        self._whose = whose
        _taken[whose] += 1
        return True

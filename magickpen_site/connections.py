"""Connections whose client has the next word: for how long they wait, and who goes for want of room.

A connection waits from its start until a whole request is there, and from the end of an answer until
the next request. While the application works on one, and once it is a WebSocket, it does not wait. So
a crowd of silent connections never keeps anybody out: the oldest of them makes room, and a browser
opens a new one without a word.
"""

import contextlib
import os
import resource
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address
from itertools import islice
from typing import Any, Protocol

from django.conf import settings

MOST_PER_ADDRESS = 100
RESERVED_DESCRIPTORS = 64
"""For files, the database and the upstream."""
SCARCE_DESCRIPTORS = 256
"""With fewer left, new connections push out the oldest."""


class Connection(Protocol):
    address: str

    def time_out(self) -> None:
        """The client has had its time."""

    def make_room(self) -> None:
        """End at once."""


class Waiting:
    """All connections that wait, the oldest first; `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deadlines: OrderedDict[Connection, float] = OrderedDict()
        self._neighbours: dict[str, OrderedDict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._deadlines)

    def enter(self, connection: Connection, seconds: float) -> None:
        """Wait for this client from now on, instead of since it entered last."""
        self.leave(connection)
        self._deadlines[connection] = self._clock() + seconds
        if connection.address:
            neighbours = self._neighbours.setdefault(connection.address, OrderedDict())
            neighbours[connection] = None
            if len(neighbours) > MOST_PER_ADDRESS:
                self._push_out(next(iter(neighbours)))

    def leave(self, connection: Connection) -> None:
        if self._deadlines.pop(connection, None) is None or not connection.address:
            return
        neighbours = self._neighbours[connection.address]
        del neighbours[connection]
        if not neighbours:
            del self._neighbours[connection.address]

    def look(self) -> None:
        """End those whose time is over; to be called every second."""
        now = self._clock()
        for connection in [each for each, deadline in self._deadlines.items() if deadline <= now]:
            self.leave(connection)
            connection.time_out()

    def has_room(self) -> bool:
        """Whether one more connection may come. When descriptors are scarce two go for it, the oldest
        that wait: they are closed a moment later, when many more may have come."""
        left = descriptors_left()
        if left <= SCARCE_DESCRIPTORS:
            for connection in tuple(islice(self._deadlines, 2)):
                self._push_out(connection)
        return left > RESERVED_DESCRIPTORS

    def _push_out(self, connection: Connection) -> None:
        self.leave(connection)
        connection.make_room()


def address_of(peer: Any) -> str:
    """The address that a connection is counted under; "" when it says nothing about who is there.

    Behind a proxy all clients have the proxy's address, and it is the proxy that knows them apart.
    From this machine come its proxy and its own people; over a Unix socket there is no address.
    """
    host = getattr(peer, "host", None)
    if settings.TRUSTED_PROXIES or not host:
        return ""
    address = ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    if (mapped or address).is_loopback:
        return ""
    # A subscriber of IPv6 has 2^64 addresses.
    return str(address if address.version == 4 else mapped or int(address) >> 64)


def descriptors_left() -> int:
    """How many more files and connections this process may open, or a little more than that.

    The system gives out the lowest number that is free: so many are taken for certain, and those
    above it only once all below were.
    """
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        lowest = os.open(os.devnull, os.O_RDONLY)
    except OSError:
        return 0
    os.close(lowest)
    return most - lowest if most != resource.RLIM_INFINITY else 2**31


def raise_descriptor_limit() -> None:
    """Let this process open as many files as it may; most systems begin with 1,024 of them."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS tells of a limit that it does not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

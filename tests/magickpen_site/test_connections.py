"""Who waits for a client, for how long, and who goes when room is short."""

import resource
import subprocess
import sys
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from magickpen_site import connections
from magickpen_site.connections import Waiting, address_of


class Line:
    def __init__(self, address: str = "") -> None:
        self.address = address
        self.ended = ""

    def time_out(self) -> None:
        self.ended = "late"

    def make_room(self) -> None:
        self.ended = "pushed out"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_client_has_its_time_and_no_more() -> None:
    clock = Clock()
    waiting, line = Waiting(clock), Line()
    waiting.enter(line, 15)
    clock.now = 14.9
    waiting.look()
    assert not line.ended
    clock.now = 15
    waiting.look()
    assert line.ended == "late"
    assert not len(waiting)


def test_who_no_longer_waits_is_left_alone() -> None:
    clock = Clock()
    waiting, line = Waiting(clock), Line("192.0.2.1")
    waiting.enter(line, 15)
    waiting.leave(line)
    waiting.leave(line)
    clock.now = 99
    waiting.look()
    assert not line.ended


def test_of_one_address_the_oldest_makes_room() -> None:
    waiting = Waiting()
    others = [Line("192.0.2.2"), Line("")]
    for line in others:
        waiting.enter(line, 15)
    lines = [Line("192.0.2.1") for _ in range(connections.MOST_PER_ADDRESS)]
    for line in lines:
        waiting.enter(line, 15)
    waiting.enter(lines[0], 15)  # it has just done something, so the second is the oldest now
    assert not any(line.ended for line in lines)
    waiting.enter(Line("192.0.2.1"), 15)
    assert [line.ended for line in lines[:3]] == ["", "pushed out", ""]
    assert not any(line.ended for line in others)


def test_lines_without_an_address_have_no_limit() -> None:
    waiting = Waiting()
    lines = [Line() for _ in range(1000)]
    for line in lines:
        waiting.enter(line, 15)
    assert not any(line.ended for line in lines)


@pytest.mark.parametrize(
    ("left", "has_room", "gone"), [(10_000, True, 0), (257, True, 0), (256, True, 2), (65, True, 2), (64, False, 2)]
)
def test_where_descriptors_are_scarce_the_oldest_make_room(
    monkeypatch: pytest.MonkeyPatch, left: int, has_room: bool, gone: int
) -> None:
    monkeypatch.setattr(connections, "descriptors_left", lambda: left)
    waiting = Waiting()
    lines = [Line("192.0.2.1") for _ in range(3)]
    for line in lines:
        waiting.enter(line, 15)
    assert waiting.has_room() == has_room
    assert [line.ended for line in lines] == ["pushed out"] * gone + [""] * (3 - gone)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (IPv4Address("TCP", "192.0.2.1", 9), "192.0.2.1"),
        (IPv6Address("TCP", "2001:db8::1", 9), str(0x20010DB800000000)),
        (IPv6Address("TCP", "2001:db8::2", 9), str(0x20010DB800000000)),
        (IPv6Address("TCP", "::ffff:192.0.2.1", 9), "192.0.2.1"),
        (IPv6Address("TCP", "fe80::1%eth0", 9), str(0xFE80000000000000)),
        (IPv4Address("TCP", "127.0.0.1", 9), ""),
        (IPv4Address("TCP", "127.9.9.9", 9), ""),
        (IPv6Address("TCP", "::1", 9), ""),
        (IPv6Address("TCP", "::ffff:127.0.0.1", 9), ""),
        (UNIXAddress(b"/run/chat"), ""),
    ],
)
def test_whose_connections_are_counted_together(peer: Any, address: str) -> None:
    assert address_of(peer) == address


def test_behind_a_proxy_it_is_the_proxy_that_counts(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address_of(IPv4Address("TCP", "192.0.2.1", 9)) == ""


def test_as_many_files_may_be_opened_as_the_system_grants() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    script = (
        "import os, resource, django; django.setup()\n"
        "from magickpen_site import connections\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (100, {hard}))\n"
        "assert connections.descriptors_left() < 100\n"
        "files = []\n"
        "while connections.descriptors_left(): files.append(os.open(os.devnull, os.O_RDONLY))\n"
        "connections.raise_descriptor_limit()\n"
        f"assert resource.getrlimit(resource.RLIMIT_NOFILE) == ({hard}, {hard})\n"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=True, env={"DJANGO_SETTINGS_MODULE": "tests.settings"}, cwd="."
    )

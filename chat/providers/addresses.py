"""Which machines a site may lead us to: those of the open Internet, never our own or our neighbours'.

A page names scripts and redirects, so whoever writes it, or answers for a name, chooses where this server connects
to. Ranges are those of IANA's registries of special-purpose addresses (RFC 6890), written out here, as Python's
`is_global` has changed its mind about some of them from release to release.
"""

import ipaddress
import socket
from typing import Any

from yarl import URL

REFUSAL = "this address is not of the open Internet"

_V4 = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network, and "unspecified"
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep their metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
]
_V6 = [
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID and other protocols
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
    )
]
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_6TO4 = ipaddress.IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)


class NotOpen(OSError):  # noqa: N818 - the name says what is wrong
    """A connection to an address that nobody but the operator may name."""

    def __init__(self) -> None:
        super().__init__(REFUSAL)


def is_open(text: str) -> bool:
    """Whether an IP address is one of the open Internet, also behind the forms of IPv6 that carry one of IPv4."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _V4)
    carried = _carried(address)
    if carried is not None:
        return is_open(str(carried))
    return address in _GLOBAL_V6 and not any(address in network for network in _V6)


def is_written_off_limits(url: URL) -> bool:
    """Whether an address can be seen to be off limits without a look-up; all that holds where a proxy looks up."""
    host = (url.host or "").rstrip(".").lower()
    number = _number(host)
    if number is not None:
        return not is_open(number)
    return "." not in host or host.endswith((".localhost", ".local", ".internal", ".home.arpa"))


def checked_socket(info: tuple[Any, ...]) -> socket.socket:
    """Makes the socket for what aiohttp is about to connect to, which no later look-up can change.

    Raises NotOpen for an address that is not open."""
    family, kind, protocol, _, address = info
    if not is_open(str(address[0])):
        raise NotOpen
    return socket.socket(family, kind, protocol)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 that one of IPv6 leads to: mapped, by NAT64, 6to4 or ISATAP."""
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _6TO4:
        return address.sixtofour
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _number(host: str) -> str | None:
    """An IP address in any spelling that a system's resolver takes, such as 127.1 or 0x7f000001; None for a name."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError):
        return None

"""Whose an address is: what one asks for counts for all that the same somebody may ask from."""

from __future__ import annotations

import ipaddress
from contextlib import suppress

_IPV6_NETWORK_BITS = 64


def network_of(address: str) -> str:
    """Return an address, or its network: whoever has one IPv6 address has 2^64 of that network.

    Args:
        address: as it came; empty, or no address at all, is itself.
    """
    read = _read(address)
    if isinstance(read, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((read, _IPV6_NETWORK_BITS), strict=False))
    return address


def are_apart(one: str, other: str) -> bool:
    """Tell whether two addresses are surely of different places.

    The same computer has an IPv4 and an IPv6 address, and some callers none: that tells nothing.
    """
    first, second = _read(one), _read(other)
    if first is None or second is None or first.version != second.version:
        return False
    return network_of(str(first)) != network_of(str(second))


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    with suppress(ValueError):
        read = ipaddress.ip_address(address.partition("%")[0])
        mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
        return mapped or read
    return None

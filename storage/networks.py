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
    with suppress(ValueError):
        read = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped is None:
            return str(ipaddress.ip_network((read, _IPV6_NETWORK_BITS), strict=False))
    return address

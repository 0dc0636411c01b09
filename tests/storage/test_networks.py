from __future__ import annotations

import pytest

from storage.networks import are_apart, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_counts_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("192.0.2.7", "192.0.2.7", False),
        ("192.0.2.7", "192.0.2.8", True),
        ("192.0.2.7", "::ffff:192.0.2.7", False),
        ("2001:db8:1:2::9", "2001:db8:1:2::1", False),
        ("2001:db8:1:2::9", "2001:db8:1:3::9", True),
        ("192.0.2.7", "2001:db8:1:2::9", False),
        ("192.0.2.7", "", False),
        ("", "", False),
        ("testclient", "192.0.2.7", False),
    ],
)
def test_only_what_surely_differs_is_apart(one: str, other: str, apart: bool) -> None:
    assert are_apart(one, other) is apart

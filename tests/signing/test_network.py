from __future__ import annotations

import asyncio

import pytest
from yarl import URL

from signing.network import OFFLINE, HostNotAllowed, Network, connect
from tests.signing.workbench import Workbench


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("http://crl.gov.example/a.crl", True),
        ("http://crl.gov.example:8080/a.crl", True),
        ("http://ocsp.gov.example:81/", True),
        ("http://ocsp.gov.example/", False),
        ("http://evil.example/crl.gov.example", False),
        ("http://127.0.0.1/", False),
        ("http://tsa.gov.example/", True),
        ("http://tsa.gov.example/other", False),
    ],
)
def test_only_hosts_on_the_list_are_asked(url: str, is_allowed: bool) -> None:
    hosts = frozenset({"crl.gov.example", "ocsp.gov.example:81"})
    network = Network(timestamp_url="http://tsa.gov.example/", allowed_hosts=hosts)
    assert network.is_allowed(URL(url)) == is_allowed
    assert not OFFLINE.is_allowed(URL(url))


def test_a_request_elsewhere_does_not_leave(bench: Workbench) -> None:
    async def ask(network: Network) -> int:
        url = f"http://127.0.0.1:{bench.services.port}/congvu/crls/root/latest.crl"
        async with connect(network) as connections, connections.session.get(url) as response:
            return response.status

    assert asyncio.run(ask(bench.network)) == 200
    other = Network(timestamp_url=None, allowed_hosts=frozenset({"localhost"}))
    with pytest.raises(HostNotAllowed):
        asyncio.run(ask(other))

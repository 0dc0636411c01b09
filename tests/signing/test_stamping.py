from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from signing.errors import TimestampUnavailable
from signing.stamping import timestamp_digest
from storage.anchors import load_certificates
from storage.outsider.tokens import BadToken, check_token
from tests.signing.workbench import Workbench

DIGEST = hashlib.sha256(b"dau cay THU NGHIEM").digest()


def test_a_token_of_the_authority_holds_for_outsiders(bench: Workbench) -> None:
    token = timestamp_digest(DIGEST, bench.trust, bench.network)
    trust = load_certificates(bench.folder / "trust" / "timestamping")
    stamp = check_token(token, DIGEST.hex(), trust)
    assert stamp.anchor is not None
    with pytest.raises(BadToken, match="something else"):
        check_token(token, hashlib.sha256(b"khac").hexdigest(), trust)


def test_an_authority_that_is_not_there_is_named(bench: Workbench) -> None:
    nowhere = replace(bench.network, timestamp_url=None)
    with pytest.raises(TimestampUnavailable):
        timestamp_digest(DIGEST, bench.trust, nowhere)

"""Thousands of files in one run: memory stays what a few files need."""

from __future__ import annotations

import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.signing import Hand, sign
from signing.judges import Ground, judge_many
from signing.model import Indication

FILES = 2000
FEW = 100
_KIB = 1024


@pytest.mark.soak
def test_two_thousand_files_need_no_more_memory_than_a_hundred(tmp_path: Path) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    authority = Authority(at)
    authority.write_trust(tmp_path / "trust")
    signed = tmp_path / "0.pdf"
    signed.write_bytes(sign(plain(1), authority, Hand()))
    paths = [signed, *(tmp_path / f"{number}.pdf" for number in range(1, FILES))]
    for path in paths[1:]:
        path.hardlink_to(signed)
    after_few = 0
    for count, verdict in enumerate(judge_many(paths, Ground(trust=tmp_path / "trust"), at, 2)):
        assert verdict.overall is Indication.TOTAL_PASSED
        if count == FEW:
            after_few = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - after_few
    assert grown < 20 * _KIB
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 200 * _KIB

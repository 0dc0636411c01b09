"""`--at`: what was known at a moment, and nothing that came after it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from fixtures.attacks.authority import EXPIRED, REVOKED, REVOKED_DAYS_AGO, Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.signing import Hand, sign
from signing.model import FileVerdict, Indication, SubIndication
from signing.trust import TrustStore, load_trust
from signing.verdict import Judgement, judge_file

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
PASSED, UNDECIDED = Indication.TOTAL_PASSED, Indication.INDETERMINATE


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(NOW)


@pytest.fixture(scope="module")
def trust(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    folder = tmp_path_factory.mktemp("tin-cay")
    authority.write_trust(folder)
    return load_trust(folder)


class _Bench:
    """Files judged at any moment, with the lists of that moment or of none."""

    def __init__(self, authority: Authority, trust: TrustStore, folder: Path) -> None:
        self._authority, self._trust, self._folder = authority, trust, folder

    def judged(self, hand: Hand, at: datetime, *, lists: bool = True) -> FileVerdict:
        path = self._folder / "a.pdf"
        path.write_bytes(sign(plain(1), self._authority, hand))
        held = self._authority.lists(at) if lists else ()
        known = LocalKnowledge(known_crls=[CRLContainer(crl_data=one) for one in held])
        judgement = Judgement(trust=self._trust, at=at, known=known)
        return asyncio.run(judge_file(path, judgement))


@pytest.fixture
def bench(authority: Authority, trust: TrustStore, tmp_path: Path) -> _Bench:
    return _Bench(authority, trust, tmp_path)


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_a_signature_passes_from_its_own_moment_on_and_never_before(
    bench: _Bench, level: str
) -> None:
    hand = Hand(level=level, at=NOW - 5 * DAY)
    assert bench.judged(hand, NOW - 4 * DAY).overall is PASSED
    early = bench.judged(hand, NOW - 6 * DAY)
    assert early.overall is UNDECIDED
    codes = {reason.code for one in early.signatures for reason in one.reasons}
    assert "SIGNED_AFTER_MOMENT" in codes
    assert early.validated_at == NOW - 6 * DAY


def test_a_claimed_time_of_seven_hours_ahead_is_a_mistaken_zone_no_future(bench: _Bench) -> None:
    hand = Hand(level="B-B", at=NOW + timedelta(hours=7))
    assert bench.judged(hand, NOW).overall is PASSED
    assert bench.judged(Hand(level="B-B", at=NOW + DAY), NOW).overall is UNDECIDED


def test_what_expired_since_passes_for_a_moment_when_it_had_not(bench: _Bench) -> None:
    hand = Hand(name=EXPIRED, level="B-B", at=NOW - 200 * DAY)
    assert bench.judged(hand, NOW - 199 * DAY).overall is PASSED
    assert bench.judged(hand, NOW).overall is UNDECIDED


def test_what_was_revoked_since_passes_for_a_moment_before(bench: _Bench) -> None:
    hand = Hand(name=REVOKED, level="B-B", at=NOW - (REVOKED_DAYS_AGO + 3) * DAY)
    before = bench.judged(hand, NOW - (REVOKED_DAYS_AGO + 2) * DAY)
    assert before.overall is PASSED
    after = bench.judged(hand, NOW)
    assert (after.overall, after.overall_sub) == (UNDECIDED, SubIndication.REVOKED_NO_POE)


def test_without_lists_of_the_moment_revocation_is_unknown_and_never_passed(bench: _Bench) -> None:
    verdict = bench.judged(Hand(level="B-B"), NOW, lists=False)
    assert (verdict.overall, verdict.overall_sub) == (UNDECIDED, SubIndication.TRY_LATER)


def test_long_after_the_signers_certificate_ended_a_timestamp_still_speaks(bench: _Bench) -> None:
    later = NOW + 3 * 365 * DAY
    assert bench.judged(Hand(level="B-LT"), later).overall is PASSED
    assert bench.judged(Hand(level="B-B"), later).overall is UNDECIDED

"""Until when signatures can be proved: by which certificate of which timestamp."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from signing.lasting import proven_until
from signing.model import (
    FileVerdict,
    Indication,
    Kind,
    Level,
    SignatureVerdict,
    SubIndication,
    TimestampVerdict,
)
from tests.signing import made_verdicts
from tests.signing.made_verdicts import AT, PASSED, SIGNATURE
from tests.signing.workbench import Workbench

SIGNER_ENDS = datetime(2028, 1, 1, tzinfo=UTC)


def stamp(days: int, ends: int, *, passed: bool = True) -> TimestampVerdict:
    """Make a timestamp of some days after the signature, whose certificate ends in a year."""
    return TimestampVerdict(
        time=AT + timedelta(days=days),
        tsa="TSA THỬ NGHIỆM",
        indication=Indication.TOTAL_PASSED if passed else Indication.INDETERMINATE,
        sub_indication=None if passed else SubIndication.NO_POE,
        valid_to=datetime(ends, 1, 1, tzinfo=UTC),
    )


def over(days: int, ends: int, reach: int, *, passed: bool = True) -> SignatureVerdict:
    """Make a timestamp over so many bytes of the file."""
    assert SIGNATURE.certificate is not None
    return replace(
        SIGNATURE,
        field=f"TS_{days}",
        kind=Kind.DOCUMENT_TIMESTAMP,
        level=None,
        indication=Indication.TOTAL_PASSED if passed else Indication.INDETERMINATE,
        timestamps=(),
        best_time=AT + timedelta(days=days),
        certificate=replace(SIGNATURE.certificate, valid_to=datetime(ends, 1, 1, tzinfo=UTC)),
        integrity=replace(SIGNATURE.integrity, signed_bytes=reach),
    )


def signed(level: Level | None, *stamps: TimestampVerdict) -> SignatureVerdict:
    """Make a signature over the first 1000 bytes."""
    integrity = replace(SIGNATURE.integrity, signed_bytes=1000)
    return replace(SIGNATURE, level=level, timestamps=stamps, integrity=integrity)


def file_of(*signatures: SignatureVerdict) -> FileVerdict:
    return replace(PASSED, signatures=signatures)


@pytest.mark.parametrize(
    ("signature", "others", "year"),
    [
        pytest.param(signed(Level.B_B), (), 2028, id="the signer's certificate"),
        pytest.param(signed(Level.B_LT, stamp(0, 2031)), (), 2031, id="its timestamp"),
        pytest.param(signed(Level.B_LT, stamp(0, 2027)), (), 2027, id="a shorter timestamp"),
        pytest.param(
            signed(Level.B_LT, stamp(5, 2030), stamp(0, 2033)), (), 2030, id="the newest of two"
        ),
        pytest.param(
            signed(Level.B_LT, stamp(0, 2031), stamp(5, 2035, passed=False)),
            (),
            2031,
            id="one that does not pass proves nothing",
        ),
        pytest.param(
            signed(Level.B_T, stamp(0, 2031)), (), 2028, id="revocation is not in the file"
        ),
        pytest.param(
            signed(Level.B_LTA, stamp(0, 2031)),
            (over(9, 2033, 3000), over(1, 2036, 2000)),
            2033,
            id="the newest over the document",
        ),
        pytest.param(
            signed(Level.B_LT, stamp(0, 2031)),
            (over(9, 2033, 900), over(9, 2034, 3000, passed=False)),
            2031,
            id="one before it, and one that does not pass",
        ),
        pytest.param(over(1, 2029, 2000), (), 2029, id="a timestamp itself"),
        pytest.param(over(1, 2029, 2000), (over(9, 2033, 3000),), 2033, id="a renewed one"),
    ],
)
def test_a_proof_ends_with_the_certificate_of_its_newest_time(
    signature: SignatureVerdict, others: tuple[SignatureVerdict, ...], year: int
) -> None:
    until = proven_until(signature, file_of(signature, *others))
    assert until == datetime(year, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "verdict",
    [made_verdicts.unknown_revocation(), made_verdicts.forged(), made_verdicts.broken_field()],
)
def test_what_did_not_pass_is_proved_until_nobody_knows_when(verdict: FileVerdict) -> None:
    assert [proven_until(each, verdict) for each in verdict.signatures] == [None]


def test_a_signed_file_tells_the_end_of_its_authority_s_certificate(bench: Workbench) -> None:
    verdict = bench.signed(Level.B_LTA).verdict
    ours, over_it = verdict.signatures
    assert over_it.certificate is not None
    assert proven_until(ours, verdict) == over_it.certificate.valid_to
    # Of the same authority, and so read from the token itself as it is from the document.
    assert [each.valid_to for each in ours.timestamps] == [over_it.certificate.valid_to]

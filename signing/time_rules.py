"""What time proves of a signature, and what no timestamp can mend (EN 319 102-1 clause 5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from signing.ades import Outcome
from signing.model import (
    CertificateVerdict,
    Indication,
    Remark,
    RevocationStatus,
    SubIndication,
)
from signing.policy import CLOCK_TOLERANCE
from signing.settled import Settled, remark_of, undecided

# Some tools write local time (+07:00) and call it UTC.
_ZONE_MISTAKE = timedelta(hours=7)
_ZONE_SPREAD = timedelta(minutes=30)


def forged_stamps(outcome: Outcome) -> Iterator[Remark]:
    """Name timestamps that belong to another signature: somebody put them there.

    Args:
        outcome: What the validation processes said.
    """
    for stamp in outcome.timestamps:
        if stamp.indication is Indication.TOTAL_FAILED:
            yield Remark(
                code="TIMESTAMP_FOREIGN",
                vi=f"Dấu thời gian của {stamp.tsa} không phải của chữ ký này.",
                en=f"the timestamp of {stamp.tsa} does not belong to this signature",
            )


def at_proven_time(
    settled: Settled, standing: CertificateVerdict, proven: datetime | None
) -> Settled:
    """Hold a certificate to the time that a timestamp proves (EN 319 102-1 clause 5.5.4).

    pyHanko lets a timestamp pass that was made after the certificate had expired.

    Args:
        settled: The verdict so far, passed.
        standing: The certificate at that time.
        proven: The time, None where none is proven.
    """
    if standing.valid_at_signing or proven is None:
        return settled
    reason = SubIndication.OUT_OF_BOUNDS_NO_POE
    if proven < standing.valid_from:
        reason = SubIndication.NOT_YET_VALID
    elif proven <= standing.valid_to:
        reason = SubIndication.REVOKED_NO_POE
    return undecided(reason, remark_of(reason))


def at_claimed_time(
    settled: Settled, standing: CertificateVerdict, claimed: datetime | None
) -> Settled:
    """Refuse a signature that claims a time at which its certificate was not in force.

    Args:
        settled: The verdict so far.
        standing: The certificate.
        claimed: The time that the signer states, None where none is.
    """
    if settled.indication is not Indication.TOTAL_PASSED or claimed is None:
        return settled
    slack = _ZONE_MISTAKE + _ZONE_SPREAD
    if standing.valid_from - slack <= claimed <= standing.valid_to + slack:
        return settled
    remark = Remark(
        code="CLAIMED_TIME_OUT_OF_VALIDITY",
        vi="Giờ ký tự khai nằm ngoài thời hạn của chứng thư.",
        en="the claimed signing time lies outside the validity of the certificate",
    )
    return undecided(SubIndication.SIG_CONSTRAINTS_FAILURE, remark)


def at_judged_moment(
    settled: Settled, outcome: Outcome, claimed: datetime | None, at: datetime
) -> Settled:
    """Refuse a signature that was made after the moment for which it is judged.

    Whoever asks of a moment asks what was known then; and what claims to come from the future
    claims what cannot be.

    Args:
        settled: The verdict so far.
        outcome: What the validation processes said, with the timestamps.
        claimed: The time that the signer states, None where none is.
        at: The moment of validation.
    """
    latest = at + CLOCK_TOLERANCE
    # Not the proven time: pyHanko takes the moment itself for one.
    stated = [stamp.time for stamp in outcome.timestamps]
    if not stated and claimed is not None:
        stated, latest = [claimed], latest + _ZONE_MISTAKE + _ZONE_SPREAD
    if settled.indication is not Indication.TOTAL_PASSED or not stated or min(stated) <= latest:
        return settled
    remark = Remark(
        code="SIGNED_AFTER_MOMENT",
        vi="Chữ ký ghi thời điểm sau thời điểm kiểm tra. Hãy xem lại đồng hồ máy hoặc --at.",
        en="the signature was made after the moment of validation; check the clock, or --at",
    )
    return undecided(SubIndication.SIG_CONSTRAINTS_FAILURE, remark)


def ended_since(settled: Settled, standing: CertificateVerdict, at: datetime) -> Iterator[Remark]:
    """Tell that a good signature's certificate is no longer in force.

    Args:
        settled: The verdict.
        standing: The certificate.
        at: The moment of validation.
    """
    is_over = standing.valid_to < at
    is_revoked = standing.revocation.status is RevocationStatus.REVOKED
    if settled.indication is Indication.TOTAL_PASSED and (is_over or is_revoked):
        yield Remark(
            code="CERTIFICATE_ENDED_SINCE",
            vi="Chứng thư đã hết hạn hoặc bị thu hồi sau khi ký; "
            "dấu thời gian chứng minh đã ký trước đó.",
            en="the certificate ended since; a timestamp proves that it signed before",
        )


def mistaken_zone(claimed: datetime, proven: datetime) -> Iterator[Remark]:
    """Tell that a claimed time is local time called UTC.

    Args:
        claimed: What the signer states.
        proven: What a timestamp proves.
    """
    if abs(abs(claimed - proven) - _ZONE_MISTAKE) < _ZONE_SPREAD:
        yield Remark(
            code="CLAIMED_TIME_ZONE",
            vi="Giờ ký do phần mềm ghi lệch 7 giờ (nhầm múi giờ); lấy theo dấu thời gian.",
            en="the claimed time is off by 7 hours (zone mistaken); the timestamp counts",
        )

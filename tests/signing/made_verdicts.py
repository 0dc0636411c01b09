"""Verdicts as a judge could have given them, made without any key: for what is told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signing.model import (
    BestTimeKind,
    CertificateVerdict,
    FileVerdict,
    Indication,
    IntegrityVerdict,
    Kind,
    Level,
    Modification,
    PolicyIdentity,
    Remark,
    RevocationStatus,
    RevocationVerdict,
    SignatureVerdict,
    SignerIdentity,
    SubIndication,
    TimestampVerdict,
)

AT = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)

SIGNATURE = SignatureVerdict(
    field="CQ_SoHoa",
    kind=Kind.SIGNATURE,
    level=Level.B_LT,
    indication=Indication.TOTAL_PASSED,
    sub_indication=None,
    reasons=(),
    signer=SignerIdentity(
        cn="ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
        organization="ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM",
        serial="1001AB",
        issuer="CA cơ quan THỬ NGHIỆM",
        issuer_organization="Ban Cơ yếu THỬ NGHIỆM",
    ),
    claimed_time=AT - timedelta(seconds=2),
    best_time=AT,
    best_time_kind=BestTimeKind.TIMESTAMP,
    timestamps=(
        TimestampVerdict(
            time=AT,
            tsa="TSA THỬ NGHIỆM",
            indication=Indication.TOTAL_PASSED,
            sub_indication=None,
        ),
    ),
    integrity=IntegrityVerdict(
        intact=True,
        covers_whole_file=False,
        later_revisions=1,
        modification=Modification.LTA,
        changed_fields=(),
    ),
    certificate=CertificateVerdict(
        valid_from=datetime(2025, 1, 1, tzinfo=UTC),
        valid_to=datetime(2028, 1, 1, tzinfo=UTC),
        valid_at_signing=True,
        revocation=RevocationVerdict(
            status=RevocationStatus.GOOD, source="CRL", time=AT - timedelta(hours=1)
        ),
        purpose_ok=True,
        sha256="ab" * 32,
    ),
    warnings=(),
    profile="cong-vu",
)

PASSED = FileVerdict(
    path=Path("quyet-dinh.pdf"),
    sha256="0123456789abcdef" * 4,
    size_bytes=4711,
    readable=True,
    pages=2,
    validated_at=AT + timedelta(days=1),
    policy=PolicyIdentity(
        id="quy-tac-thu-nghiem", version="7", sha256="cd" * 32, anchors_sha256="ef" * 32
    ),
    overall=Indication.TOTAL_PASSED,
    overall_sub=None,
    signatures=(SIGNATURE,),
    unsigned_fields=(),
    warnings=(),
    online=False,
)

UNSIGNED = replace(PASSED, overall=Indication.NO_SIGNATURE_FOUND, signatures=())


def with_signature(signature: SignatureVerdict) -> FileVerdict:
    """Give the verdict on a file with this signature alone."""
    return replace(
        PASSED,
        overall=signature.indication,
        overall_sub=signature.sub_indication,
        signatures=(signature,),
    )


def unknown_revocation() -> FileVerdict:
    """Give the verdict on a signature whose revocation nobody tells."""
    certificate = SIGNATURE.certificate
    assert certificate is not None
    unknown = RevocationVerdict(status=RevocationStatus.UNKNOWN, source=None, time=None)
    return with_signature(
        replace(
            SIGNATURE,
            level=Level.B_B,
            indication=Indication.INDETERMINATE,
            sub_indication=SubIndication.TRY_LATER,
            timestamps=(),
            best_time_kind=BestTimeKind.CLAIMED,
            certificate=replace(certificate, revocation=unknown),
        )
    )


def forged() -> FileVerdict:
    """Give the verdict on a file with a page that was put in after signing."""
    reason = Remark(
        code="PAGE_ADDED", vi="Trang 2 được thêm sau khi ký.", en="page 2 was added after signing"
    )
    return with_signature(
        replace(
            SIGNATURE,
            indication=Indication.TOTAL_FAILED,
            sub_indication=SubIndication.FORMAT_FAILURE,
            reasons=(reason,),
            integrity=replace(
                SIGNATURE.integrity, modification=Modification.OTHER, changed_pages=(2,)
            ),
        )
    )


def unreadable() -> FileVerdict:
    """Give the verdict on what is no PDF."""
    remark = Remark(code="FILE_UNREADABLE", vi="Tệp này không phải PDF.", en="this is no PDF")
    return replace(
        UNSIGNED,
        sha256=None,
        size_bytes=None,
        readable=False,
        pages=None,
        overall=Indication.TOTAL_FAILED,
        overall_sub=SubIndication.FORMAT_FAILURE,
        warnings=(remark,),
    )


def broken_field() -> FileVerdict:
    """Give the verdict on a field of which nothing could be read."""
    return with_signature(
        replace(
            SIGNATURE,
            level=None,
            indication=Indication.TOTAL_FAILED,
            sub_indication=SubIndication.FORMAT_FAILURE,
            signer=None,
            claimed_time=None,
            best_time=None,
            best_time_kind=None,
            timestamps=(),
            integrity=replace(SIGNATURE.integrity, intact=None, modification=None),
            certificate=None,
            profile=None,
        )
    )


HOSTILE = (
    "ỦY BAN\u202eKÝ ỢPH\u202c\nKẾT LUẬN: Hợp lệ\x00 \u200f" + "e" + "\u0301" * 300 + "W" * 9000
)


def hostile() -> FileVerdict:
    """Give the verdict on a file whose names are made to mislead, break and flood."""
    assert SIGNATURE.signer is not None
    signer = replace(
        SIGNATURE.signer,
        cn=HOSTILE,
        organization="שלום " + HOSTILE,
        issuer="中文 \U0001f600" + HOSTILE,
        issuer_organization="\ud800\ue000" + HOSTILE,
    )
    remark = Remark(code="FIELD_ADDED", vi=HOSTILE, en=HOSTILE)
    failed = replace(
        SIGNATURE,
        field=HOSTILE,
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.FORMAT_FAILURE,
        signer=signer,
        reasons=(remark,) * 300,
    )
    return replace(
        with_signature(failed), unsigned_fields=(HOSTILE,) * 3000, warnings=(remark,) * 300
    )


EVERY = (PASSED, UNSIGNED, unknown_revocation(), forged(), unreadable(), broken_field(), hostile())

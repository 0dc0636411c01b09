"""A verdict written down: JSON for programs, Vietnamese lines for people.

The JSON is the contract of `hoso verify --json`. The lines carry every field that
TT 15/2025/TT-BKHCN Art. 6 demands: valid or not, issuer, signer, managing unit, signing time or
timestamp, integrity, validity at signing, certificate period.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from signing.appearance import VIETNAM
from signing.model import (
    BestTimeKind,
    CertificateVerdict,
    FileVerdict,
    Indication,
    IntegrityVerdict,
    Remark,
    RevocationStatus,
    SignatureVerdict,
    SignerIdentity,
)
from signing.texts import (
    INDICATIONS,
    KINDS,
    MODIFICATIONS,
    REVOCATIONS,
    describe_sub_indication,
)

Json = dict[str, Any]


def verdict_json(verdict: FileVerdict, shown_as: str) -> Json:
    """Write a verdict as one entry of the list that `hoso verify --json` prints.

    Args:
        verdict: The verdict.
        shown_as: The file's name as the user gave it.
    """
    return {
        "file": shown_as,
        "sha256": verdict.sha256,
        "size": verdict.size_bytes,
        "readable": verdict.readable,
        "pages": verdict.pages,
        "validated_at": _utc(verdict.validated_at),
        "policy": {
            "id": verdict.policy.id,
            "version": verdict.policy.version,
            "anchors_sha256": verdict.policy.anchors_sha256,
        },
        "overall": verdict.overall.value,
        "overall_sub": _value(verdict.overall_sub),
        "signatures": [_signature_json(signature) for signature in verdict.signatures],
        "unsigned_fields": list(verdict.unsigned_fields),
        "warnings": [_remark_json(remark) for remark in verdict.warnings],
    }


def describe_vi(verdict: FileVerdict) -> list[str]:
    """Tell a verdict in Vietnamese, one line each, always with what was checked and when.

    Args:
        verdict: The verdict.
    """
    lines = [headline(verdict), _what_was_checked(verdict)]
    if verdict.readable and not verdict.signatures:
        lines.append("Tệp không có chữ ký số nào.")
    for signature in verdict.signatures:
        lines += _describe_signature(signature)
    if verdict.unsigned_fields:
        lines.append(f"Trường chữ ký còn trống: {', '.join(verdict.unsigned_fields)}.")
    lines += [f"Lưu ý: {remark.vi}" for remark in verdict.warnings]
    return lines


def _signature_json(signature: SignatureVerdict) -> Json:
    return {
        "field": signature.field,
        "kind": signature.kind.value,
        "level": _value(signature.level),
        "indication": signature.indication.value,
        "sub_indication": _value(signature.sub_indication),
        "reasons": [_remark_json(remark) for remark in signature.reasons],
        "signer": _signer_json(signature.signer),
        "claimed_time": _utc(signature.claimed_time),
        "best_time": _utc(signature.best_time),
        "best_time_kind": _value(signature.best_time_kind),
        "timestamps": [
            {"time": _utc(stamp.time), "tsa": stamp.tsa, "indication": stamp.indication.value}
            for stamp in signature.timestamps
        ],
        "integrity": _integrity_json(signature.integrity),
        "certificate": _certificate_json(signature.certificate),
        "warnings": [_remark_json(remark) for remark in signature.warnings],
    }


def _signer_json(signer: SignerIdentity | None) -> Json:
    return {
        "cn": signer.cn if signer else None,
        "organization": signer.organization if signer else None,
        "serial": signer.serial if signer else None,
        "issuer": signer.issuer if signer else None,
    }


def _integrity_json(integrity: IntegrityVerdict) -> Json:
    return {
        "intact": integrity.intact,
        "covers_whole_file": integrity.covers_whole_file,
        "later_revisions": integrity.later_revisions,
        "modification": _value(integrity.modification),
        "changed_fields": list(integrity.changed_fields),
    }


def _certificate_json(certificate: CertificateVerdict | None) -> Json:
    """All keys stand even where the certificate could not be read."""
    if certificate is None:
        unknown = {"status": RevocationStatus.UNKNOWN.value, "source": None, "time": None}
        names = ("valid_from", "valid_to", "valid_at_signing")
        return {**dict.fromkeys(names), "revocation": unknown, "purpose_ok": None}
    revocation = certificate.revocation
    return {
        "valid_from": _utc(certificate.valid_from),
        "valid_to": _utc(certificate.valid_to),
        "valid_at_signing": certificate.valid_at_signing,
        "revocation": {
            "status": revocation.status.value,
            "source": revocation.source,
            "time": _utc(revocation.time),
        },
        "purpose_ok": certificate.purpose_ok,
    }


def _remark_json(remark: Remark) -> Json:
    return {"code": remark.code, "vi": remark.vi, "en": remark.en}


def _value(word: Any) -> str | None:
    return None if word is None else str(word.value)


def _utc(time: datetime | None) -> str | None:
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _vietnam(time: datetime) -> str:
    return f"{time.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} (+07:00)"


def headline(verdict: FileVerdict) -> str:
    """Tell the conclusion in one Vietnamese line, the words of the standard beside it.

    Args:
        verdict: The verdict.
    """
    words = INDICATIONS[verdict.overall]
    if not verdict.readable:
        words = "Không kiểm tra được tệp"
    elif verdict.overall_sub is not None:
        words += f": {describe_sub_indication(verdict.overall_sub)[0]}"
    codes = " / ".join(filter(None, (verdict.overall.value, _value(verdict.overall_sub))))
    return f"KẾT LUẬN: {words} [{codes}]."


def _what_was_checked(verdict: FileVerdict) -> str:
    where = "có hỏi trực tuyến" if verdict.online else "chỉ theo dữ liệu trong tệp, không qua mạng"
    return (
        f"Kiểm tra tại thời điểm {_vietnam(verdict.validated_at)}: tính toàn vẹn, chuỗi chứng thư, "
        f"thu hồi ({where}), mục đích, dấu thời gian, thay đổi sau khi ký; bộ quy tắc "
        f"{verdict.policy.id} {verdict.policy.version}, danh sách tin cậy "
        f"{verdict.policy.anchors_sha256[:12]}."
    )


def _describe_signature(signature: SignatureVerdict) -> list[str]:
    level = f", mức {signature.level.value}" if signature.level else ""
    lines = [
        f"{KINDS[signature.kind]} «{signature.field}»{level}: {INDICATIONS[signature.indication]} "
        f"[{signature.indication.value}]."
    ]
    lines += [f"  {remark.vi}" for remark in signature.reasons]
    if signature.signer is not None:
        lines += _describe_signer(signature.signer)
    lines.append(_describe_time(signature))
    lines.append(_describe_integrity(signature.integrity))
    if signature.certificate is not None:
        lines += _describe_certificate(signature.certificate)
    for stamp in signature.timestamps:
        lines.append(
            f"  Dấu thời gian: {_vietnam(stamp.time)}, {stamp.tsa}: "
            f"{INDICATIONS[stamp.indication]} [{stamp.indication.value}]."
        )
    lines += [f"  Lưu ý: {remark.vi}" for remark in signature.warnings]
    return lines


def _describe_signer(signer: SignerIdentity) -> list[str]:
    organization = f", {signer.organization}" if signer.organization else ""
    return [
        f"  Chủ thể ký: {signer.cn}{organization} (số chứng thư {signer.serial}).",
        f"  Cơ quan cấp chứng thư: {signer.issuer}.",
        f"  Đơn vị quản lý chứng thư: {signer.issuer_organization or signer.issuer}.",
    ]


def _describe_time(signature: SignatureVerdict) -> str:
    if signature.best_time is None:
        return "  Thời điểm ký: không rõ."
    if signature.best_time_kind is BestTimeKind.TIMESTAMP:
        return f"  Thời điểm ký: {_vietnam(signature.best_time)} theo dấu thời gian."
    return (
        f"  Thời điểm ký: {_vietnam(signature.best_time)} do người ký khai, không có dấu thời gian."
    )


def _describe_integrity(integrity: IntegrityVerdict) -> str:
    if integrity.intact is None:
        return "  Tính toàn vẹn: không kiểm tra được."
    if not integrity.intact:
        return "  Tính toàn vẹn: KHÔNG, nội dung đã bị thay đổi."
    later = ""
    if integrity.modification is not None:
        later = f"; {MODIFICATIONS[integrity.modification]}"
    return f"  Tính toàn vẹn: nội dung được ký còn nguyên vẹn{later}."


def _describe_certificate(certificate: CertificateVerdict) -> list[str]:
    revocation = certificate.revocation
    source = f" ({revocation.source} {_vietnam(revocation.time)})" if revocation.time else ""
    valid = "còn hiệu lực" if certificate.valid_at_signing else "KHÔNG có hiệu lực"
    purpose = "đúng mục đích" if certificate.purpose_ok else "SAI mục đích"
    return [
        f"  Chứng thư tại thời điểm ký: {valid}, {REVOCATIONS[revocation.status]}{source}, "
        f"{purpose}.",
        f"  Thời hạn chứng thư: từ {_vietnam(certificate.valid_from)} "
        f"đến {_vietnam(certificate.valid_to)}.",
    ]


def is_passed(verdict: FileVerdict) -> bool:
    """Tell whether every signature of the file passed, and there is one."""
    return verdict.overall is Indication.TOTAL_PASSED

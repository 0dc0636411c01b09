"""A verdict written down for programs: the contract of `hoso verify --json`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from signing.model import (
    CertificateVerdict,
    FileVerdict,
    Indication,
    IntegrityVerdict,
    Remark,
    RevocationStatus,
    SignatureVerdict,
    SignerIdentity,
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
            "sha256": verdict.policy.sha256,
            "anchors_sha256": verdict.policy.anchors_sha256,
        },
        "overall": verdict.overall.value,
        "overall_sub": _value(verdict.overall_sub),
        "signatures": [_signature_json(signature) for signature in verdict.signatures],
        "unsigned_fields": list(verdict.unsigned_fields),
        "warnings": [_remark_json(remark) for remark in verdict.warnings],
    }


def _signature_json(signature: SignatureVerdict) -> Json:
    return {
        "field": signature.field,
        "kind": signature.kind.value,
        "level": _value(signature.level),
        "profile": signature.profile,
        "indication": signature.indication.value,
        "sub_indication": _value(signature.sub_indication),
        "reasons": [_remark_json(remark) for remark in signature.reasons],
        "signer": _signer_json(signature.signer),
        "claimed_time": _utc(signature.claimed_time),
        "best_time": _utc(signature.best_time),
        "best_time_kind": _value(signature.best_time_kind),
        "timestamps": [
            {
                "time": _utc(stamp.time),
                "tsa": stamp.tsa,
                "indication": stamp.indication.value,
                "valid_to": _utc(stamp.valid_to),
            }
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
        "changed_pages": list(integrity.changed_pages),
        "signed_bytes": integrity.signed_bytes,
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


def is_passed(verdict: FileVerdict) -> bool:
    """Tell whether every signature of the file passed, and there is one."""
    return verdict.overall is Indication.TOTAL_PASSED

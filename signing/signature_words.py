"""The answers of TT 15/2025/TT-BKHCN Art. 6 on one signature, in words: each with how good it is.

What is unknown is never told as good: a certificate whose revocation could not be checked was not
found valid, whatever its period says.
"""

from __future__ import annotations

from datetime import datetime

from config.statement import Tone
from signing.appearance import VIETNAM
from signing.model import (
    BestTimeKind,
    CertificateVerdict,
    IntegrityVerdict,
    Modification,
    RevocationStatus,
    SignatureVerdict,
)
from signing.shown_text import shown
from signing.texts import MODIFICATIONS, REVOCATIONS, Words

Told = tuple[Words, Tone]
"""What is said, and how good it is."""

_UNKNOWN: Told = (("không rõ", "unknown"), Tone.DOUBT)
_CHANGES = {
    Modification.NONE: Tone.GOOD,
    Modification.LTA: Tone.GOOD,
    Modification.FORM_FILLING: Tone.PLAIN,
    Modification.ANNOTATIONS: Tone.DOUBT,
    Modification.OTHER: Tone.BAD,
}
_REVOKED = {
    RevocationStatus.GOOD: Tone.GOOD,
    RevocationStatus.REVOKED: Tone.BAD,
    RevocationStatus.UNKNOWN: Tone.DOUBT,
}


def show_time(time: datetime) -> str:
    """Write a moment as people here read it."""
    return f"{time.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} (+07:00)"


def describe_signing_time(signature: SignatureVerdict) -> Told:
    """Tell when it was signed, and what that rests on."""
    if signature.best_time is None:
        return _UNKNOWN
    time = show_time(signature.best_time)
    if signature.best_time_kind is BestTimeKind.TIMESTAMP:
        return (f"{time} theo dấu thời gian", f"{time} by a timestamp"), Tone.GOOD
    vi = f"{time} do người ký khai, không có dấu thời gian được công nhận"
    return (vi, f"{time} as the signer claims, without an accepted timestamp"), Tone.DOUBT


def describe_integrity(integrity: IntegrityVerdict) -> Told:
    """Tell whether what was signed is as it was signed, and what came after."""
    if integrity.intact is None:
        return ("không kiểm tra được", "could not be checked"), Tone.DOUBT
    if not integrity.intact:
        return ("KHÔNG, nội dung đã bị thay đổi", "NO, the content was changed"), Tone.BAD
    vi, en = "nội dung được ký còn nguyên vẹn", "what was signed is intact"
    if integrity.modification is None:
        return (vi, en), Tone.GOOD
    later = MODIFICATIONS[integrity.modification]
    pages, fields = _changed_pages(integrity), _changed_fields(integrity)
    return (
        (f"{vi}; {later[0]}{pages[0]}{fields[0]}", f"{en}; {later[1]}{pages[1]}{fields[1]}"),
        _CHANGES[integrity.modification],
    )


def _changed_pages(integrity: IntegrityVerdict) -> Words:
    if not integrity.changed_pages:
        return "", ""
    numbers = shown(", ".join(map(str, integrity.changed_pages)))
    return f"; trang {numbers}", f"; pages {numbers}"


def _changed_fields(integrity: IntegrityVerdict) -> Words:
    if not integrity.changed_fields:
        return "", ""
    names = shown(", ".join(integrity.changed_fields))
    return f"; trường {names}", f"; fields {names}"


def describe_standing(signature: SignatureVerdict) -> Told:
    """Tell whether the certificate held when it was used."""
    certificate = signature.certificate
    if certificate is None:
        return _UNKNOWN
    if not certificate.valid_at_signing:
        return ("KHÔNG có hiệu lực", "NOT valid"), Tone.BAD
    if certificate.revocation.status is RevocationStatus.UNKNOWN:
        return (
            "chưa kết luận được: trong thời hạn nhưng KHÔNG KIỂM TRA ĐƯỢC tình trạng thu hồi",
            "not settled: within its period, but the revocation state could NOT BE CHECKED",
        ), Tone.DOUBT
    if signature.best_time_kind is not BestTimeKind.TIMESTAMP:
        return _standing_as_claimed(certificate)
    if certificate.revocation.status is RevocationStatus.REVOKED:
        return ("còn hiệu lực, bị thu hồi về sau", "valid then, revoked later"), Tone.GOOD
    return ("còn hiệu lực", "valid"), Tone.GOOD


def _standing_as_claimed(certificate: CertificateVerdict) -> Told:
    if certificate.revocation.status is RevocationStatus.REVOKED:
        return (
            "chưa kết luận được: đã bị thu hồi, không có gì chứng minh ký trước khi thu hồi",
            "not settled: revoked, and nothing proves that it was used before",
        ), Tone.DOUBT
    vi = "còn hiệu lực, theo thời điểm ký do người ký khai"
    return (vi, "valid at the time that the signer claims"), Tone.PLAIN


def describe_revocation(certificate: CertificateVerdict | None) -> Told:
    """Tell what is known of revocation, from which source, of when."""
    if certificate is None:
        return REVOCATIONS[RevocationStatus.UNKNOWN], Tone.DOUBT
    revocation = certificate.revocation
    vi, en = REVOCATIONS[revocation.status]
    if revocation.time is not None:
        time = show_time(revocation.time)
        if revocation.status is RevocationStatus.REVOKED:
            vi, en = f"{vi} từ {time}", f"{en} since {time}"
            time = ""
        source = shown(revocation.source or "")
        vi, en = f"{vi}, nguồn {source} {time}".rstrip(), f"{en}, source {source} {time}".rstrip()
    return (vi, en), _REVOKED[revocation.status]


def describe_period(certificate: CertificateVerdict) -> Words:
    """Tell from when to when the certificate holds."""
    begins, ends = show_time(certificate.valid_from), show_time(certificate.valid_to)
    return f"từ {begins} đến {ends}", f"from {begins} to {ends}"

"""Whether the signer's certificate stood at the moment of signing."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import x509

from signing.ades import Outcome
from signing.certificates import is_for_documents, is_for_timestamps
from signing.model import CertificateVerdict, RevocationStatus, RevocationVerdict
from signing.revocation import find_source


def judge_certificate(
    certificate: x509.Certificate, outcome: Outcome, when: datetime, *, for_timestamps: bool
) -> CertificateVerdict:
    """Answer the questions of TT 15/2025/TT-BKHCN Phụ lục II on a certificate.

    Args:
        certificate: The signer's certificate.
        outcome: What the validation processes found, with the revocation data at hand.
        when: Best signing time, aware.
        for_timestamps: Whether it signs timestamps, not documents.
    """
    revocation = _revocation(certificate, outcome)
    is_revoked_before = (
        revocation.status is RevocationStatus.REVOKED
        and revocation.time is not None
        and revocation.time <= when
    )
    in_force = certificate.not_valid_before <= when <= certificate.not_valid_after
    return CertificateVerdict(
        valid_from=certificate.not_valid_before,
        valid_to=certificate.not_valid_after,
        valid_at_signing=in_force and not is_revoked_before,
        revocation=revocation,
        purpose_ok=is_for_timestamps(certificate)
        if for_timestamps
        else is_for_documents(certificate),
        sha256=certificate.sha256.hex(),
    )


def _revocation(certificate: x509.Certificate, outcome: Outcome) -> RevocationVerdict:
    source = find_source(certificate, outcome.lists, outcome.responses)
    if source is not None and source.revoked_at is not None:
        return RevocationVerdict(
            status=RevocationStatus.REVOKED, source=source.kind, time=source.revoked_at
        )
    # A list counts as good news only when the chain that signs it was believed.
    if source is not None and outcome.is_passed:
        return RevocationVerdict(
            status=RevocationStatus.GOOD, source=source.kind, time=source.issued
        )
    return RevocationVerdict(status=RevocationStatus.UNKNOWN, source=None, time=None)

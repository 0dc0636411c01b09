"""Which list or response speaks about a certificate, and when it was issued."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import crl, ocsp, x509


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationSource:
    """A statement about a certificate.

    Attributes:
        kind: "OCSP" or "CRL".
        issued: When the statement was made, aware.
        revoked_at: Since when the certificate is revoked, None where it stands.
    """

    kind: str
    issued: datetime
    revoked_at: datetime | None


def find_source(
    certificate: x509.Certificate,
    lists: Iterable[crl.CertificateList],
    responses: Iterable[ocsp.OCSPResponse],
) -> RevocationSource | None:
    """Find the newest statement about a certificate; None where nothing speaks of it.

    The signatures of lists and responses are checked elsewhere; this only reads them.
    """
    found = [*_from_responses(certificate, responses), *_from_lists(certificate, lists)]
    return max(found, key=lambda source: source.issued, default=None)


def _from_responses(
    certificate: x509.Certificate, responses: Iterable[ocsp.OCSPResponse]
) -> Iterable[RevocationSource]:
    for response in responses:
        if response["response_status"].native != "successful":
            continue
        for single in response.response_data["responses"]:
            if single["cert_id"]["serial_number"].native == certificate.serial_number:
                status = single["cert_status"]
                revoked = status.name == "revoked"
                yield RevocationSource(
                    kind="OCSP",
                    issued=single["this_update"].native,
                    revoked_at=status.chosen["revocation_time"].native if revoked else None,
                )


def _from_lists(
    certificate: x509.Certificate, lists: Iterable[crl.CertificateList]
) -> Iterable[RevocationSource]:
    for listing in lists:
        if listing.issuer != certificate.issuer:
            continue
        body = listing["tbs_cert_list"]
        revoked_at = None
        for entry in body["revoked_certificates"] or ():
            if entry["user_certificate"].native == certificate.serial_number:
                revoked_at = entry["revocation_date"].native
        yield RevocationSource(kind="CRL", issued=body["this_update"].native, revoked_at=revoked_at)

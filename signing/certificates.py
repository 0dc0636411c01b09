"""What a certificate says, in the words of this package."""

from __future__ import annotations

from asn1crypto import x509

from signing.model import SignerIdentity


def identity_of(certificate: x509.Certificate) -> SignerIdentity:
    """Read subject and issuer of a certificate."""
    subject = certificate.subject.native
    issuer = certificate.issuer.native
    return SignerIdentity(
        cn=_first(subject.get("common_name")) or certificate.subject.human_friendly,
        organization=_first(subject.get("organization_name")),
        serial=f"{certificate.serial_number:X}",
        issuer=_first(issuer.get("common_name")) or certificate.issuer.human_friendly,
        issuer_organization=_first(issuer.get("organization_name")),
    )


def is_for_documents(certificate: x509.Certificate) -> bool:
    """Tell whether the key usage allows binding signatures (nonRepudiation, RFC 5280 4.2.1.3).

    Extended key usage does not decide: real certificates of the government PKI carry TLS, e-mail
    and log-on purposes beside nonRepudiation.
    """
    usage = certificate.key_usage_value
    return usage is not None and "non_repudiation" in usage.native


def is_for_timestamps(certificate: x509.Certificate) -> bool:
    """Tell whether the certificate is made for timestamps alone (RFC 3161 clause 2.3)."""
    purposes = certificate.extended_key_usage_value
    return purposes is not None and purposes.native == ["time_stamping"]


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate names itself as its issuer."""
    return bool(certificate.subject == certificate.issuer)


def _first(value: object) -> str | None:
    """Several values of one kind come as a list; the first one is the most general."""
    if isinstance(value, list):
        return str(value[0]) if value else None
    return str(value) if value else None

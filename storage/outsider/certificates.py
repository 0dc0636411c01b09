"""Certificates of timestamp authorities (RFC 5280), as far as a token needs them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storage.outsider.der import BITS, BOOLEAN, INTEGER, SEQUENCE, Node, read_one
from storage.outsider.public_keys import Signed, is_signed_by

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_COMMON_NAME = "2.5.4.3"
_USAGES, _CONSTRAINTS, _SUBJECT_KEY = "2.5.29.37", "2.5.29.19", "2.5.29.14"
_TIMESTAMPING = "1.3.6.1.5.5.7.3.8"
_MAX_CHAIN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate."""

    der: bytes
    """All of it."""
    signed: Signed
    """Its issuer's signature."""
    serial: int
    """Serial number."""
    issuer: bytes
    """Name of the issuer, DER."""
    subject: Node
    """Name of the holder."""
    begins: datetime
    """Valid from."""
    ends: datetime
    """Valid to."""
    key: Node
    """SubjectPublicKeyInfo."""
    extensions: dict[str, bytes]
    """Value of each extension."""

    @property
    def sha256(self) -> str:
        """Fingerprint, hex."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def name(self) -> str:
        """The holder's common name, or the fingerprint where there is none."""
        for part in self.subject.parts:
            for pair in part.parts:
                kind, value = pair.parts
                if kind.oid == _COMMON_NAME:
                    return value.content.decode("utf-8", errors="replace")
        return self.sha256

    @property
    def is_for_timestamps(self) -> bool:
        """Whether it is for timestamps and nothing else (RFC 3161, 2.3)."""
        usages = self.extensions.get(_USAGES)
        return usages is not None and [part.oid for part in read_one(usages).parts] == [
            _TIMESTAMPING
        ]

    @property
    def is_authority(self) -> bool:
        """Whether it may issue others."""
        found = self.extensions.get(_CONSTRAINTS)
        return found is not None and any(
            part.tag == BOOLEAN and part.content != b"\0" for part in read_one(found).parts
        )

    @property
    def key_identifier(self) -> bytes | None:
        """Its subject key identifier, or None."""
        found = self.extensions.get(_SUBJECT_KEY)
        return None if found is None else read_one(found).content

    def is_valid_at(self, at: datetime) -> bool:
        """Tell whether a moment lies in its term."""
        return self.begins <= at <= self.ends


def read_certificate(der: bytes) -> Certificate:
    """Read a certificate.

    Raises:
        ValueError: It is none.
    """
    body, algorithm, signature = read_one(der).expect(SEQUENCE).parts
    parts = [part for part in body.parts if part.tag != 0xA0]
    serial, _, issuer, term, subject, key = parts[:6]
    begins, ends = term.parts
    return Certificate(
        der=der,
        signed=Signed(algorithm=algorithm, message=body.raw, signature=signature.expect(BITS).bits),
        serial=serial.expect(INTEGER).integer,
        issuer=issuer.raw,
        subject=subject,
        begins=begins.time,
        ends=ends.time,
        key=key,
        extensions=_extensions(parts[6:]),
    )


def read_certificates(data: bytes) -> list[Certificate]:
    """Read the certificates of a PEM or DER file.

    Raises:
        ValueError: It holds none, or a broken one.
    """
    found = [base64.b64decode(match[1]) for match in _PEM.finditer(data)]
    return [read_certificate(der) for der in found or [data]]


def find_anchor(
    certificate: Certificate,
    others: Iterable[Certificate],
    anchors: Iterable[Certificate],
    at: datetime,
) -> Certificate | None:
    """Return the anchor that a certificate leads to, each one of the chain valid at a moment.

    Args:
        certificate: Where the chain begins.
        others: Certificates that may stand between.
        anchors: What is trusted.
        at: The moment.
    """
    known, trusted = list(others), {anchor.sha256: anchor for anchor in anchors}
    for _ in range(_MAX_CHAIN):
        if certificate.sha256 in trusted:
            return certificate
        if not certificate.is_valid_at(at):
            return None
        issuers = (*trusted.values(), *known)
        issuer = next((one for one in issuers if _is_issued(certificate, one)), None)
        if issuer is None:
            return None
        certificate = issuer
    return None


def _is_issued(certificate: Certificate, issuer: Certificate) -> bool:
    if issuer.subject.raw != certificate.issuer or not issuer.is_authority:
        return False
    return is_signed_by(issuer.key, certificate.signed)


def _extensions(parts: list[Node]) -> dict[str, bytes]:
    found = {}
    for part in parts:
        if part.tag == 0xA3:
            for extension in part.parts[0].parts:
                pieces = extension.parts
                found[pieces[0].oid] = pieces[-1].content
    return found

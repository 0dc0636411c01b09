"""Timestamp tokens (RFC 3161): what they are over, when, by whom, and do they hold?

Revocation of the authority's certificate is not asked: that needs the lists of its time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.outsider.certificates import Certificate, find_anchor, read_certificate
from storage.outsider.der import OCTETS, SEQUENCE, SET, Node, read_one
from storage.outsider.public_keys import (
    Signed,
    UnknownAlgorithm,
    digest_name,
    is_signed_by,
)

_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_CERT_V1, _CERT_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"


class BadToken(ValueError):
    """A token that does not hold; the message says why, in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a token that holds says."""

    time: datetime
    """When the authority saw the digest, UTC."""
    authority: str
    """Name of the authority."""
    anchor: str | None
    """Name of the trusted certificate that its own leads to; None where there is none."""


def check_token(token: bytes, sha256: str, anchors: Sequence[Certificate]) -> Stamp:
    """Check a token over a SHA-256.

    Args:
        token: DER of the token.
        sha256: What it shall be over, hex.
        anchors: Certificates that are trusted for timestamps.

    Raises:
        BadToken: It is broken, over something else, or not signed as it says.
    """
    try:
        return _checked(token, sha256, anchors)
    except BadToken:
        raise
    except UnknownAlgorithm as error:
        raise BadToken(f"it uses an algorithm that is not checked here: {error}") from error
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise BadToken(f"it cannot be read: {error}") from error


def _checked(token: bytes, sha256: str, anchors: Sequence[Certificate]) -> Stamp:
    parts = _signed_data(token)
    kind, holder = parts[2].parts
    stated = holder.parts[0].expect(OCTETS).content
    if kind.oid != _TST_INFO:
        raise BadToken("it is no timestamp")
    info = read_one(stated).expect(SEQUENCE).parts
    algorithm, imprint = info[2].parts
    if digest_name(algorithm) != "sha256" or imprint.content.hex() != sha256:
        raise BadToken("it is over something else")
    certificates = [
        read_certificate(node.raw)
        for part in parts
        if part.tag == 0xA0
        for node in part.parts
        if node.tag == SEQUENCE
    ]
    signers = parts[-1].expect(SET).parts
    if len(signers) != 1:
        raise BadToken("it has not one signer")
    signer = _check_signer(signers[0], stated, certificates)
    at = info[4].time
    if not signer.is_valid_at(at) or not signer.is_for_timestamps:
        raise BadToken("its certificate is not for timestamps, or not of that time")
    anchor = find_anchor(signer, certificates, anchors, at)
    return Stamp(time=at, authority=signer.name, anchor=anchor.name if anchor else None)


def _signed_data(token: bytes) -> list[Node]:
    kind, holder = read_one(token).expect(SEQUENCE).parts
    if kind.oid != _SIGNED_DATA:
        raise BadToken("it is no signed message")
    return holder.parts[0].expect(SEQUENCE).parts


def _check_signer(signer: Node, stated: bytes, certificates: Sequence[Certificate]) -> Certificate:
    _, identifier, digest, attributes, algorithm, signature = signer.parts[:6]
    name = digest_name(digest)
    found = _attributes(attributes.expect(0xA0))
    if found[_CONTENT_TYPE].oid != _TST_INFO:
        raise BadToken("it was signed as something else")
    if found[_MESSAGE_DIGEST].content != hashlib.new(name, stated).digest():
        raise BadToken("its content has changed")
    certificate = _find_signer(identifier, certificates)
    if not _is_named(certificate, found):
        raise BadToken("it was signed with another certificate")
    # Signed as a SET, whatever tag it has inside the message (RFC 5652, 5.4).
    signed = Signed(
        algorithm=algorithm,
        digest=name,
        message=bytes([SET]) + attributes.raw[1:],
        signature=signature.expect(OCTETS).content,
    )
    if not is_signed_by(certificate.key, signed):
        raise BadToken("its signature is wrong")
    return certificate


def _attributes(node: Node) -> dict[str, Node]:
    found = {}
    for attribute in node.parts:
        kind, values = attribute.parts
        found[kind.oid] = values.parts[0]
    return found


def _find_signer(identifier: Node, certificates: Sequence[Certificate]) -> Certificate:
    for certificate in certificates:
        if identifier.tag == SEQUENCE:
            issuer, serial = identifier.parts
            is_it = (issuer.raw, serial.integer) == (certificate.issuer, certificate.serial)
        else:
            is_it = identifier.content == certificate.key_identifier
        if is_it:
            return certificate
    raise BadToken("its certificate is not in it")


def _is_named(certificate: Certificate, attributes: dict[str, Node]) -> bool:
    """Tell whether the signed attributes name this certificate (RFC 5035, RFC 2634)."""
    named = attributes.get(_CERT_V2)
    if named is None:
        first = attributes[_CERT_V1].parts[0].parts[0].parts[0]
        return first.content == hashlib.sha1(certificate.der, usedforsecurity=False).digest()
    parts = named.parts[0].parts[0].parts
    name = digest_name(parts[0]) if parts[0].tag == SEQUENCE else "sha256"
    found = next(part for part in parts if part.tag == OCTETS)
    return found.content == hashlib.new(name, certificate.der).digest()

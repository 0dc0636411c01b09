"""Signed messages (CMS, RFC 5652) with one signer: who signed, and is it over just this?

Timestamp tokens are such messages, and so are the signatures of a PDF.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storage.outsider.certificates import Certificate, read_certificate
from storage.outsider.der import OCTETS, SEQUENCE, SET, Node
from storage.outsider.public_keys import Signed, digest_name, is_signed_by

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_CERT_V1, _CERT_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_SIGNED_ATTRIBUTES, _UNSIGNED_ATTRIBUTES = 0xA0, 0xA1

DigestOf = Callable[[str], bytes]
"""Gives the digest of what was signed, by the digest's name in `hashlib`."""


class BadMessage(ValueError):
    """A message that does not hold; the text says why, in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A signed message, taken apart."""

    content_type: str
    """Identifier of what it holds."""
    content: bytes | None
    """What it holds; None where that lies elsewhere."""
    certificates: Sequence[Certificate]
    """Certificates that came with it."""
    signer: Sequence[Node]
    """The parts of its one signer."""

    @property
    def signature(self) -> bytes:
        """The signature itself."""
        return self.signer[5].expect(OCTETS).content

    @property
    def unsigned(self) -> dict[str, Node]:
        """Attributes that were added after it was signed."""
        found = [part for part in self.signer[6:] if part.tag == _UNSIGNED_ATTRIBUTES]
        return _attributes(found[0]) if found else {}


def read_message(node: Node) -> Message:
    """Take a signed message apart.

    Raises:
        BadMessage: It is none, or has not one signer.
        ValueError, IndexError: It is broken.
    """
    kind, holder = node.expect(SEQUENCE).parts
    if kind.oid != _SIGNED_DATA:
        raise BadMessage("it is no signed message")
    parts = holder.parts[0].expect(SEQUENCE).parts
    content_type, *content = parts[2].parts
    signers = parts[-1].expect(SET).parts
    if len(signers) != 1:
        raise BadMessage("it has not one signer")
    return Message(
        content_type=content_type.oid,
        content=content[0].parts[0].expect(OCTETS).content if content else None,
        certificates=[
            read_certificate(one.raw)
            for part in parts[3:-1]
            if part.tag == 0xA0
            for one in part.parts
            if one.tag == SEQUENCE
        ],
        signer=signers[0].parts,
    )


def check_signer(message: Message, digest_of: DigestOf) -> Certificate:
    """Return the certificate of who signed a message, where it holds.

    Args:
        message: The message.
        digest_of: The digest of what it shall be over.

    Raises:
        BadMessage: It is over something else, or not signed as it says.
        UnknownAlgorithm: It is signed in a way that is not checked here.
        ValueError, IndexError, KeyError: It is broken.
    """
    _, identifier, digest, attributes, algorithm = message.signer[:5]
    found = _attributes(attributes.expect(_SIGNED_ATTRIBUTES))
    if found[_CONTENT_TYPE].oid != message.content_type:
        raise BadMessage("it was signed as something else")
    name = digest_name(digest)
    if found[_MESSAGE_DIGEST].content != digest_of(name):
        raise BadMessage("its content has changed")
    certificate = _find_signer(identifier, message.certificates)
    if not _is_named(certificate, found):
        raise BadMessage("it was signed with another certificate")
    # Signed as a SET, whatever tag it has inside the message (RFC 5652, 5.4).
    signed = Signed(
        algorithm=algorithm,
        digest=name,
        message=bytes([SET]) + attributes.raw[1:],
        signature=message.signature,
    )
    if not is_signed_by(certificate.key, signed):
        raise BadMessage("its signature is wrong")
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
    raise BadMessage("its certificate is not in it")


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

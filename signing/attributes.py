"""What a key on an officer's computer is asked to sign: the attributes of a PDF's signature, or no.

A key that signs whatever it is given can be made to log in somewhere, or to sign other papers. So
before it is used, what came over the wire must be the signed attributes of a CMS signature by this
very certificate, and nothing else.
"""

from __future__ import annotations

import hashlib

from asn1crypto import cms, tsp, x509

from signing.providers import DIGEST_BYTES

_NEEDED = {"content_type", "message_digest", "signing_certificate_v2"}


def are_signature_attributes(data: bytes, certificate: x509.Certificate) -> bool:
    """Tell whether bytes are the signed attributes of a PDF signature by a certificate.

    Args:
        data: What is to be signed, DER.
        certificate: The signer's certificate.
    """
    try:
        attributes = cms.CMSAttributes.load(data, strict=True)
        found = {item["type"].native: item["values"] for item in attributes}
        if not found.keys() >= _NEEDED or len(found) != len(attributes):
            return False
        digest, kind = found["message_digest"][0].native, found["content_type"][0].native
        certificates = found["signing_certificate_v2"][0]
        # Importing `tsp` is what teaches the library this attribute.
        if not isinstance(certificates, tsp.SigningCertificateV2):
            return False
        (named,) = certificates["certs"]
        named_hash = named["cert_hash"].native
        algorithm = named["hash_algorithm"]["algorithm"].native
    except (ValueError, TypeError, KeyError, IndexError):
        return False
    if kind != "data" or len(digest) != DIGEST_BYTES or algorithm != "sha256":
        return False
    return bool(named_hash == hashlib.sha256(certificate.dump()).digest())

"""Where keys are used: one interface in front of files, tokens and remote services.

A provider is a context manager around one open key. It takes what is to be signed with a title for
people and gives back raw signatures, one after the other, so that those made before a token was
pulled out are not lost. It knows nothing of PDF: preparing and finishing happen elsewhere, and a
provider may as well sit in another process or on another computer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from asn1crypto import algos, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

DIGEST = "sha256"
DIGEST_BYTES = 32


class Padding(StrEnum):
    """How an RSA key signs; other keys have one way only."""

    PKCS1 = "pkcs1"
    PSS = "pss"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """One signature that is wanted.

    Attributes:
        title: What people call the paper; shown where a person is asked.
        data: The bytes to sign: the signed attributes of a CMS signature, DER. They hold the
            digest of the paper, so that whoever owns the key can see what it is used for.
        reference: What the asker's own list calls the paper; empty where there is no list.
    """

    title: str
    data: bytes
    reference: str = ""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes to sign: what tokens and remote services are given."""
        return hashlib.sha256(self.data).digest()


class SignerProvider(Protocol):
    """An open key; valid inside its ``with`` block only."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        ...

    @property
    def issuers(self) -> Sequence[x509.Certificate]:
        """Certificates that came with it and help to build its chain."""
        ...

    @property
    def padding(self) -> Padding:
        """How an RSA key signs."""
        ...

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order; a signature is given out as soon as it exists.

        Raises:
            KeyDeviceError: The key cannot go on; signatures given out before are good.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...


def pss_parameters() -> algos.RSASSAPSSParams:
    """Give the one form of PSS used here: SHA-256 throughout, salt as long as the digest."""
    return algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": DIGEST},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": DIGEST}},
            "salt_length": DIGEST_BYTES,
        }
    )


def rsa_padding(wanted: Padding) -> padding.AsymmetricPadding:
    """Give a padding in the form of `cryptography`."""
    if wanted is Padding.PKCS1:
        return padding.PKCS1v15()
    return padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=DIGEST_BYTES)


def is_signature_of(
    item: ToSign, signature: bytes, certificate: x509.Certificate, wanted: Padding
) -> bool:
    """Tell whether a raw signature is the certificate's on exactly this."""
    public = load_der_public_key(certificate.public_key.dump())
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, item.data, rsa_padding(wanted), hashes.SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, item.data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True

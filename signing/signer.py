"""Open a signer's key, wherever it lies: one place chooses among the kinds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import assert_never

from asn1crypto import x509
from pyhanko.sign.signers import Signer

from signing.certificates import identity_of
from signing.errors import KeyMaterialError
from signing.model import SignerIdentity
from signing.pkcs12 import Pkcs12Key, load_pkcs12

# Tokens (PKCS#11) and remote services (CSC) join this union, each with a module beside pkcs12.
SignerKey = Pkcs12Key


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSigner:
    """A key ready to sign; valid inside ``open_signer`` only.

    Attributes:
        signer: pyHanko's interface to the key.
        certificate: The signer's certificate.
        identity: Who the certificate names.
    """

    signer: Signer
    certificate: x509.Certificate
    identity: SignerIdentity


@contextmanager
def open_signer(key: SignerKey) -> Iterator[OpenSigner]:
    """Open a key for a batch of signatures.

    Args:
        key: Which key.

    Raises:
        KeyMaterialError: The key cannot be opened.
    """
    match key:
        case Pkcs12Key():
            signer: Signer = load_pkcs12(key)
        case _:
            assert_never(key)
    certificate = signer.signing_cert
    if certificate is None:
        raise KeyMaterialError(
            "Khóa không kèm chứng thư. Hãy dùng khóa khác.",
            "the key comes without a certificate; use another key",
        )
    yield OpenSigner(signer=signer, certificate=certificate, identity=identity_of(certificate))

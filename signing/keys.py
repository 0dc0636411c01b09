"""New private keys and PKCS#12 files, written so that only their owner can read them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from signing.errors import KeyMaterialError
from signing.secrets import Secret


def write_private(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600; an existing file is never opened.

    Raises:
        KeyMaterialError: The file exists already or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        raise KeyMaterialError(
            f"Không ghi được tệp khóa {path}. Hãy kiểm tra tệp đã có chưa và quyền ghi.",
            f"cannot write key file {path}: {error.strerror}",
        ) from error


def write_rsa_key(path: Path, bits: int) -> None:
    """Make an RSA key of the given size in bits (PKCS#8 PEM without passphrase, mode 0600)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    write_private(path, _pem(key))


def write_ec_key(path: Path) -> None:
    """Make a P-256 key (PKCS#8 PEM without passphrase, mode 0600)."""
    write_private(path, _pem(ec.generate_private_key(ec.SECP256R1())))


def write_pkcs12(path: Path, key: Path, chain: Sequence[Path], passphrase: Secret) -> None:
    """Put a key and its certificate chain into a PKCS#12 file (mode 0600).

    Args:
        path: The file to make.
        key: The private key, PEM without passphrase.
        chain: PEM certificates: the signer's first, then its issuers.
        passphrase: What will open the file.

    Raises:
        KeyMaterialError: A part cannot be read, or the file cannot be written.
    """
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), None)
        certificates = [x509.load_pem_x509_certificate(part.read_bytes()) for part in chain]
    except (OSError, ValueError) as error:
        raise KeyMaterialError(
            f"Không đọc được khóa {key} hoặc chứng thư của nó.",
            f"cannot read key {key} or its certificates",
        ) from error
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise KeyMaterialError(
            f"Khóa {key} không phải RSA hoặc ECDSA. Hãy dùng khóa khác.",
            f"key {key} is neither RSA nor ECDSA; use another key",
        )
    content = pkcs12.serialize_key_and_certificates(
        name=None,
        key=private,
        cert=certificates[0],
        cas=certificates[1:],
        encryption_algorithm=serialization.BestAvailableEncryption(passphrase.reveal().encode()),
    )
    write_private(path, content)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

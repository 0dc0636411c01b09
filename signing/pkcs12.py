"""Keys in PKCS#12 files: tests, and agency seals by written decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signing.errors import KeyMaterialError
from signing.providers import Padding, ToSign, rsa_padding
from signing.secrets import SecretSource, obtain

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs12Key:
    """A key in a PKCS#12 file.

    Attributes:
        path: The file.
        passphrase: What opens it, or where to get that.
        padding: How an RSA key signs.
    """

    path: Path
    passphrase: SecretSource
    padding: Padding = Padding.PKCS1


class FileProvider:
    """The key of a PKCS#12 file, read once and kept.

    pyHanko's own signer parses and checks the key at each signature: 46 CPU ms for RSA-2048
    against 0.4.

    Args:
        key: File and passphrase.
    """

    def __init__(self, key: Pkcs12Key) -> None:
        self._key = key
        self._private: PrivateKey | None = None
        self._certificate: x509.Certificate | None = None
        self._issuers: tuple[x509.Certificate, ...] = ()

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        assert self._certificate is not None, "the provider is open"
        return self._certificate

    @property
    def issuers(self) -> Sequence[x509.Certificate]:
        """The chain that came with it."""
        return self._issuers

    @property
    def padding(self) -> Padding:
        """How an RSA key signs."""
        return self._key.padding

    def __enter__(self) -> Self:
        self._private, certificate, issuers = _load(self._key)
        self._certificate = x509.Certificate.load(certificate)
        self._issuers = tuple(x509.Certificate.load(issuer) for issuer in issuers)
        return self

    def __exit__(self, *raised: object) -> None:
        self._private = None

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order."""
        assert self._private is not None, "the provider is open"
        for item in wanted:
            if isinstance(self._private, rsa.RSAPrivateKey):
                yield self._private.sign(item.data, rsa_padding(self.padding), hashes.SHA256())
            else:
                yield self._private.sign(item.data, ec.ECDSA(hashes.SHA256()))


def _load(key: Pkcs12Key) -> tuple[PrivateKey, bytes, list[bytes]]:
    try:
        content = key.path.read_bytes()
    except OSError as error:
        raise KeyMaterialError(
            f"Không đọc được tệp khóa {key.path}. Hãy kiểm tra đường dẫn và quyền đọc.",
            f"cannot read key file {key.path}: {error.strerror}",
        ) from error
    try:
        private, certificate, issuers = pkcs12.load_key_and_certificates(
            content, obtain(key.passphrase).reveal().encode()
        )
    except ValueError as error:
        raise KeyMaterialError(
            f"Không mở được tệp khóa {key.path}: sai mật khẩu hoặc tệp hỏng. Hãy thử lại một lần.",
            f"cannot open key file {key.path}: wrong passphrase or damaged file",
        ) from error
    if certificate is None or not isinstance(private, PrivateKey):
        raise KeyMaterialError(
            f"Tệp {key.path} không có khóa RSA/ECDSA kèm chứng thư. Hãy dùng tệp khóa khác.",
            f"{key.path} holds no RSA or ECDSA key with a certificate; use another key file",
        )
    return (
        private,
        certificate.public_bytes(Encoding.DER),
        [issuer.public_bytes(Encoding.DER) for issuer in issuers],
    )

"""Keys in PKCS#12 files: tests, and agency seals by written decision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.errors import KeyMaterialError
from signing.secrets import Secret

# The digests that TT 15/2025/TT-BKHCN Phụ lục I allows and tokens offer; SHA-1 is not among them.
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs12Key:
    """A key in a PKCS#12 file.

    Attributes:
        path: The file.
        passphrase: What opens it.
    """

    path: Path
    passphrase: Secret


class CachedKeySigner(SimpleSigner):
    """A signer that keeps its key object.

    pyHanko's own parses and checks the key at each signature: 46 CPU ms for RSA-2048 against 0.4.

    Args:
        key: The private key.
        certificate: The signer's certificate.
        issuers: The chain that came with it.
    """

    def __init__(
        self, key: PrivateKey, certificate: x509.Certificate, issuers: list[x509.Certificate]
    ) -> None:
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        super().__init__(
            signing_cert=certificate,
            signing_key=keys.PrivateKeyInfo.load(der),
            cert_registry=_store_of(issuers),
            # A root in the file proves nothing: it must come from the trust folder.
            embed_roots=False,
        )
        self._private_key = key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """Sign with RSA PKCS#1 v1.5 (what government tokens do) or ECDSA.

        Args:
            data: The bytes to sign.
            digest_algorithm: Name of the digest, lower case.
        """
        digest = _DIGESTS[digest_algorithm.lower()]
        if isinstance(self._private_key, rsa.RSAPrivateKey):
            return self._private_key.sign(data, padding.PKCS1v15(), digest)
        return self._private_key.sign(data, ec.ECDSA(digest))


def _store_of(certificates: list[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko left it untyped
    store.register_multiple(certificates)
    return store


def load_pkcs12(key: Pkcs12Key) -> CachedKeySigner:
    """Open a PKCS#12 file.

    Args:
        key: File and passphrase.

    Raises:
        KeyMaterialError: Missing, unreadable, wrong passphrase, no key, or an unknown kind of key.
    """
    try:
        content = key.path.read_bytes()
    except OSError as error:
        raise KeyMaterialError(
            f"Không đọc được tệp khóa {key.path}. Hãy kiểm tra đường dẫn và quyền đọc.",
            f"cannot read key file {key.path}: {error.strerror}",
        ) from error
    try:
        private, certificate, issuers = pkcs12.load_key_and_certificates(
            content, key.passphrase.reveal().encode()
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
    return CachedKeySigner(
        private,
        x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        [x509.Certificate.load(issuer.public_bytes(Encoding.DER)) for issuer in issuers],
    )

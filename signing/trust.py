"""Which authorities are believed: a folder of certificates, read by us alone.

Nothing from the operating system's store is ever used. Signing and timestamping anchors are kept
apart; self-signed certificates are anchors, others only help to build chains (signatures from
tokens often embed the leaf alone).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import pem, x509
from pyhanko_certvalidator.registry import SimpleTrustManager

from signing.certificates import is_self_signed
from signing.errors import TrustFolderError

_SUFFIXES = {".pem", ".crt", ".cer", ".der"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """Anchors by purpose, and certificates that help to build chains.

    Attributes:
        signers: Anchors for signatures.
        timestamping: Anchors for timestamps.
        intermediates: Certificates that anchor nothing.
        anchors_sha256: Stable digest of all of them, lower-case hexadecimal.
    """

    signers: tuple[x509.Certificate, ...]
    timestamping: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    anchors_sha256: str

    def signer_manager(self) -> SimpleTrustManager:
        """Give the anchors for signatures in pyHanko's form."""
        return SimpleTrustManager.build(trust_roots=list(self.signers))

    def timestamp_manager(self) -> SimpleTrustManager:
        """Give the anchors for timestamps in pyHanko's form."""
        return SimpleTrustManager.build(trust_roots=list(self.timestamping))

    def any_manager(self) -> SimpleTrustManager:
        """Give all anchors in pyHanko's form: while signing, both chains are collected at once."""
        return SimpleTrustManager.build(trust_roots=[*self.signers, *self.timestamping])


def load_trust(folder: Path | None) -> TrustStore:
    """Read trust anchors.

    With subfolders ``signers/`` and ``timestamping/``, each serves its purpose; else every
    certificate of the folder serves both. Files with other suffixes (notes) are left alone.

    Args:
        folder: Folder of PEM or DER certificates; None gives an empty store.

    Raises:
        TrustFolderError: The folder is missing, or a file in it is no certificate.
    """
    if folder is None:
        return _store((), ())
    if not folder.is_dir():
        raise TrustFolderError(
            f"Không có thư mục tin cậy {folder}. Hãy kiểm tra đường dẫn.",
            f"trust folder {folder} does not exist; check the path",
        )
    signers, timestamping = folder / "signers", folder / "timestamping"
    if signers.is_dir() or timestamping.is_dir():
        return _store(_read_folder(signers), _read_folder(timestamping))
    both = _read_folder(folder)
    return _store(both, both)


def _store(
    signers: tuple[x509.Certificate, ...], timestamping: tuple[x509.Certificate, ...]
) -> TrustStore:
    lines = {f"signers:{certificate.sha256.hex()}" for certificate in signers}
    lines |= {f"timestamping:{certificate.sha256.hex()}" for certificate in timestamping}
    everything = {certificate.sha256: certificate for certificate in (*signers, *timestamping)}
    return TrustStore(
        signers=tuple(filter(is_self_signed, signers)),
        timestamping=tuple(filter(is_self_signed, timestamping)),
        intermediates=tuple(
            certificate for certificate in everything.values() if not is_self_signed(certificate)
        ),
        anchors_sha256=hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest(),
    )


def _read_folder(folder: Path) -> tuple[x509.Certificate, ...]:
    if not folder.is_dir():
        return ()
    found: list[x509.Certificate] = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in _SUFFIXES:
            found.extend(_read_certificates(path))
    return tuple(found)


def _read_certificates(path: Path) -> list[x509.Certificate]:
    try:
        content = path.read_bytes()
        parts = (
            [part for _, _, part in pem.unarmor(content, multiple=True)]
            if pem.detect(content)
            else [content]
        )
        certificates = [x509.Certificate.load(part, strict=True) for part in parts]
        for certificate in certificates:
            certificate.native  # noqa: B018  parsing is lazy; a broken file must show here
    except (OSError, ValueError, TypeError) as error:
        raise TrustFolderError(
            f"Không đọc được chứng thư tin cậy {path}. Hãy thay hoặc bỏ tệp này.",
            f"cannot read trust anchor {path}: replace or remove it",
        ) from error
    return certificates

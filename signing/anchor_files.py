"""Certificates in a folder, each with a note: where it was got, who checked it, its fingerprint.

A line `SHA-256: …` in the note `<name>.txt` pins the certificate: another one under that name is
refused. One that calls itself as a known authority of Vietnam and is not, is refused too, unless
its note pins it (an authority may have renewed its certificate).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import pem, x509

from config.signature_policy import known_authorities
from signing.certificates import identity_of
from signing.errors import TrustFolderError

_SUFFIXES = {".pem", ".crt", ".cer", ".der"}
_NOTE_SUFFIX = ".txt"
_PIN = re.compile(r"SHA-?256\s*[:=]?\s*((?:[0-9a-f]{2}[ :]?){31}[0-9a-f]{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A certificate of a trust folder.

    Attributes:
        certificate: The certificate.
        path: The file that holds it.
        is_pinned: Whether the file's note states its fingerprint.
    """

    certificate: x509.Certificate
    path: Path
    is_pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorFacts:
    """What is told of a certificate of the trust folder.

    Attributes:
        folder: Where it lies, relative to the trust folder: what it is trusted for.
        name: Whose it is.
        sha256: Its fingerprint, hex.
        valid_to: When it ends, aware.
        is_pinned: Whether the file's note states its fingerprint.
    """

    folder: str
    name: str
    sha256: str
    valid_to: datetime
    is_pinned: bool


def describe_anchors(trust: Path) -> list[AnchorFacts]:
    """Return what lies in a trust folder and the folders in it.

    Raises:
        TrustFolderError: A file is no certificate, not the one that its note pins, or a look-alike.
    """
    folders = [trust, *sorted(path for path in trust.rglob("*") if path.is_dir())]
    return [
        AnchorFacts(
            folder=folder.relative_to(trust).as_posix(),
            name=identity_of(anchor.certificate).cn or "",
            sha256=anchor.certificate.sha256.hex(),
            valid_to=anchor.certificate.not_valid_after,
            is_pinned=anchor.is_pinned,
        )
        for folder in folders
        for anchor in read_folder(folder)
    ]


def read_folder(folder: Path) -> tuple[Anchor, ...]:
    """Read the certificates of a folder; a folder that is not there has none.

    Args:
        folder: Folder of PEM or DER certificates; files with other suffixes are left alone.

    Raises:
        TrustFolderError: A file is no certificate, not the one that its note pins, or a look-alike.
    """
    if not folder.is_dir():
        return ()
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in _SUFFIXES]
    return tuple(anchor for path in paths if path.is_file() for anchor in _read_file(path))


def _read_file(path: Path) -> list[Anchor]:
    certificates, pins = _certificates(path), _pins(path)
    for certificate in certificates:
        if pins and certificate.sha256 not in pins:
            raise TrustFolderError(
                f"Chứng thư {path} không phải chứng thư mà ghi chú bên cạnh nêu: mã SHA-256 là "
                f"{certificate.sha256.hex()}. Đừng tin chứng thư này; hãy lấy lại từ nơi cấp.",
                f"{path} is not the certificate that its note pins (SHA-256 "
                f"{certificate.sha256.hex()}); do not believe it, get it anew",
            )
        if not pins:
            _refuse_lookalike(certificate, path)
    return [
        Anchor(certificate=certificate, path=path, is_pinned=bool(pins))
        for certificate in certificates
    ]


def _certificates(path: Path) -> list[x509.Certificate]:
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


def _pins(path: Path) -> set[bytes]:
    """Read the fingerprints that a certificate's note states; none where there is no note."""
    note = path.with_suffix(_NOTE_SUFFIX)
    try:
        text = note.read_text(encoding="utf-8-sig", errors="replace")
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise TrustFolderError(
            f"Không đọc được ghi chú {note}. Hãy kiểm tra quyền của tệp.",
            f"cannot read the note {note}: {error.strerror}",
        ) from error
    return {bytes.fromhex(re.sub(r"[ :]", "", found)) for found in _PIN.findall(text)}


def _refuse_lookalike(certificate: x509.Certificate, path: Path) -> None:
    known = known_authorities().get(identity_of(certificate).cn)
    if known is None or known.sha256 == certificate.sha256.hex():
        return
    raise TrustFolderError(
        f"Chứng thư {path} mang tên «{known.name}» nhưng mã SHA-256 không phải mã đã công bố "
        f"({known.sha256}). Nếu tổ chức đã đổi chứng thư, hãy ghi mã mới vào ghi chú "
        f"{path.with_suffix(_NOTE_SUFFIX).name}; nếu không, đừng tin chứng thư này.",
        f"{path} calls itself as a known authority and has another fingerprint than the published "
        "one; pin it in its note if the authority has renewed it, else do not believe it",
    )

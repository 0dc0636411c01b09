"""Signed tree heads: what the station vouched for, and when (Ed25519, RFC 8032)."""

from __future__ import annotations

import base64
import os
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from storage.errors import DamagedLog, StationKeyUnusable
from storage.merkle import Head
from storage.outsider.heads import SignedHead, head_bytes, parse_head, statement
from storage.safe_files import write_whole

PUBLIC_KEY_NAME = "station.pub"
PrivateKey = Ed25519PrivateKey
PublicKey = Ed25519PublicKey

_OWNER_ONLY = 0o600


def create_key(path: Path) -> PrivateKey:
    """Make the station's key (PKCS#8 PEM, 0600) and `station.pub` beside it.

    Raises:
        StationKeyUnusable: There is a key already; it is never replaced.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError as error:
        raise StationKeyUnusable(
            f"Đã có khóa {path}. Khóa cũ không bị ghi đè; hãy dùng khóa đó hoặc chuyển nó đi.",
            f"There is a key at {path}. It is never overwritten: use it, or move it away.",
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    path.with_name(PUBLIC_KEY_NAME).write_bytes(public_pem(key))
    return key


def public_pem(key: PrivateKey) -> bytes:
    """Return the public part of a key, PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def load_key(path: Path) -> PrivateKey:
    """Read the station's key.

    Raises:
        StationKeyUnusable: It is missing, unreadable or of another kind.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path)
    return key


def load_public_key(path: Path) -> PublicKey:
    """Read `station.pub`.

    Raises:
        StationKeyUnusable: It is missing, unreadable or of another kind.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(path) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _unusable(path)
    return key


def sign_head(head: Head, key: PrivateKey, at: datetime) -> SignedHead:
    """Sign size and root of the log."""
    root = head.root_hash.hex()
    signature = key.sign(statement(head.size, root, at))
    return SignedHead(
        size=head.size, root=root, at=at, signature=base64.b64encode(signature).decode()
    )


def verify_head(head: SignedHead, public_key: PublicKey) -> bool:
    """Tell whether the station's key signed this head."""
    try:
        signature = base64.b64decode(head.signature, validate=True)
    except ValueError:
        return False
    return is_signed(statement(head.size, head.root, head.at), signature, public_key)


def is_signed(data: bytes, signature: bytes, public_key: PublicKey) -> bool:
    """Tell whether the station's key signed these bytes."""
    try:
        public_key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def write_head(head: SignedHead, folder: Path) -> Path:
    """Write a head as `<size>.json`; the head of a size that is there already stays."""
    target = folder / f"{head.size}.json"
    if target.exists():
        return target
    write_whole(target, head_bytes(head))
    return target


def read_head(path: Path) -> SignedHead:
    """Read the file of a head.

    Raises:
        DamagedLog: It is not one.
    """
    try:
        return parse_head(path.read_bytes())
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedLog(
            f"Tệp {path} không còn đọc được. Hãy khôi phục từ bản sao lưu.",
            f"{path} is no signed head any more. Restore it from a backup.",
        ) from error


def head_paths(folder: Path) -> list[Path]:
    """Return the files of all heads, by size."""
    paths = (path for path in folder.glob("*.json") if path.stem.isascii())
    return sorted((path for path in paths if path.stem.isdecimal()), key=lambda p: int(p.stem))


def _unusable(path: Path) -> StationKeyUnusable:
    return StationKeyUnusable(
        f"Không dùng được khóa {path}. Hãy khôi phục tệp khóa từ bản sao lưu.",
        f"The key {path} cannot be used. Restore the key file from a backup.",
    )

"""Signed tree heads: what the station vouched for, and when (Ed25519, RFC 8032)."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from itertools import islice
from os.path import isfile
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

_SUFFIX = ".json"
_OWNER_ONLY = 0o600
# Heads that are further apart than some of them under so many events are few altogether.
_NEAR = 2000
# To read so many names takes less than to try those.
_FEW = 1000


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
    target = folder / f"{head.size}{_SUFFIX}"
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


def newest_heads(folder: Path, events: int, most: int) -> list[Path]:
    """Return the files of the newest heads, the newest first.

    A station signs a head in each minute in which its log grew, so that a few lie under the newest
    events; a folder that holds very many is not listed to find them.

    Args:
        folder: Where heads lie.
        events: How many events the log has.
        most: Of how many heads at most.
    """
    names = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, _FEW)]
    stems = _stems(names, _SUFFIX)[::-1] if len(names) < _FEW else _near(folder, events, most)
    return [folder / f"{stem}{_SUFFIX}" for stem in stems[:most]]


def _near(folder: Path, events: int, most: int) -> list[str]:
    tried = map(str, range(events, max(events - _NEAR, 0), -1))
    there = (size for size in tried if isfile(f"{folder}/{size}{_SUFFIX}"))  # noqa: PTH113  # text: a `Path` takes longer than the question
    found = list(islice(there, most))
    return found if len(found) == most else [path.stem for path in reversed(head_paths(folder))]


def head_paths(folder: Path) -> list[Path]:
    """Return the files of all heads, by size."""
    return numbered_paths(folder, _SUFFIX)


def numbered_paths(folder: Path, suffix: str) -> list[Path]:
    """Return the files of a folder that are named by a number, by that number.

    Args:
        folder: Where they lie.
        suffix: What follows the number.
    """
    names = (path.name for path in folder.glob(f"*{suffix}"))
    return [folder / f"{stem}{suffix}" for stem in _stems(names, suffix)]


def _stems(names: Iterable[str], suffix: str) -> list[str]:
    stems = (name.removesuffix(suffix) for name in names if name.endswith(suffix))
    return sorted((stem for stem in stems if stem.isascii() and stem.isdecimal()), key=int)


def _unusable(path: Path) -> StationKeyUnusable:
    return StationKeyUnusable(
        f"Không dùng được khóa {path}. Hãy khôi phục tệp khóa từ bản sao lưu.",
        f"The key {path} cannot be used. Restore the key file from a backup.",
    )

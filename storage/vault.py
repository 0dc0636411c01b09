"""Sealing what leaves the building: AES-256-GCM under keys made from a passphrase (scrypt).

A sealed piece is bound to its name, and its name to its content by a keyed digest: whoever lacks
the passphrase learns no digest of a paper, and no piece can take another's place.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import BackupKeyWrong, BackupUnusable

_NONCE_BYTES, _KEY_BYTES, _SALT_BYTES = 12, 32, 16
_PLAIN, _PACKED = b"\0", b"\1"
_MEMORY_BYTES = 256 << 20
# 32 MB and a tenth of a second for each guess (RFC 7914).
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What must be kept in the open to make the keys again from the passphrase."""

    salt: str
    """Random, hex."""
    n: int
    """Cost of scrypt."""
    r: int
    """Block size of scrypt."""
    p: int
    """Parallelisation of scrypt."""
    proof: str
    """Keyed digest, hex, by which a wrong passphrase is told."""


class Vault:
    """Seals and opens pieces.

    Args:
        master: 32 bytes that everything is derived from.
    """

    def __init__(self, master: bytes) -> None:
        self._cipher = AESGCM(_derive(master, b"seal"))
        self._naming = _derive(master, b"name")

    def name(self, data: bytes) -> str:
        """Return the name of a piece: a keyed digest of it, hex."""
        return hmac.new(self._naming, data, hashlib.sha256).hexdigest()

    def seal(self, data: bytes, name: str, *, packed: bool = False) -> bytes:
        """Seal a piece under a name; packed where that is worth it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = _PACKED + zlib.compress(data, 1) if packed else _PLAIN + data
        return nonce + self._cipher.encrypt(nonce, body, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """Open a piece.

        Raises:
            BackupUnusable: It is not what was sealed under this name.
        """
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            opened = self._cipher.decrypt(nonce, body, name.encode())
        except (InvalidTag, ValueError) as error:
            raise BackupUnusable(
                f"Mảnh sao lưu {name} bị hỏng hoặc bị đổi. Hãy dùng bộ sao lưu kia.",
                f"piece {name} of the backup is damaged or was changed; use the other set",
            ) from error
        return zlib.decompress(opened[1:]) if opened[:1] == _PACKED else opened[1:]


def make_vault(passphrase: bytes) -> tuple[Vault, Lock]:
    """Make keys from a passphrase, with a new salt."""
    salt = secrets.token_bytes(_SALT_BYTES)
    master = _master(passphrase, salt, _SCRYPT)
    return Vault(master), Lock(salt=salt.hex(), **_SCRYPT, proof=_derive(master, b"proof").hex())


def open_vault(passphrase: bytes, lock: Lock) -> Vault:
    """Make the same keys again.

    Raises:
        BackupKeyWrong: It is another passphrase.
    """
    cost = {"n": lock.n, "r": lock.r, "p": lock.p}
    master = _master(passphrase, bytes.fromhex(lock.salt), cost)
    if not hmac.compare_digest(_derive(master, b"proof").hex(), lock.proof):
        raise BackupKeyWrong(
            "Mật khẩu không mở được bộ sao lưu này. Hãy dùng đúng mật khẩu đã đặt cho bộ đó.",
            "the passphrase does not open this backup set; use the one that it was made with",
        )
    return Vault(master)


def _master(passphrase: bytes, salt: bytes, cost: dict[str, int]) -> bytes:
    return hashlib.scrypt(passphrase, salt=salt, **cost, maxmem=_MEMORY_BYTES, dklen=_KEY_BYTES)


def _derive(master: bytes, purpose: bytes) -> bytes:
    return hmac.new(master, b"hoso backup " + purpose, hashlib.sha256).digest()

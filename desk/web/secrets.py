"""Passwords as hashes, and what must be read again sealed by a key of the station."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from cryptography.fernet import Fernet, InvalidToken

from desk.errors import PathUnusable
from storage.safe_files import keep_first

MIN_PASSWORD = 12
"""Letters; with a second factor 8 are asked for at the level of such a system (TCVN 14423)."""
MAX_PASSWORD = 256
"""Letters; what is longer is not even hashed."""
# OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Checked where there is no such person, so that the answer takes as long.
_NOBODY = _HASHER.hash("nobody")


def hash_password(password: str) -> str:
    """Return the hash of a password, PHC string format."""
    return _HASHER.hash(password)


def is_password(hashed: str, password: str) -> bool:
    """Tell whether this is the password; it takes as long where there is none."""
    if len(password) > MAX_PASSWORD:
        return False
    try:
        return _HASHER.verify(hashed or _NOBODY, password) and bool(hashed)
    except VerificationError:
        return False


class WebKey:
    """The key that seals secrets of people.db and tells searches apart in the log.

    Args:
        path: its file, 0600; made where it is missing.

    Raises:
        PathUnusable: it can be neither read nor made.
    """

    def __init__(self, path: Path) -> None:
        try:
            if not path.exists():
                _write_once(path, Fernet.generate_key())
            key = path.read_bytes()
            self._fernet = Fernet(key)
        except (OSError, ValueError) as error:
            raise PathUnusable(
                f"Không dùng được khóa «{path}» của trang web. Hãy khôi phục từ bản sao lưu.",
                f"the key {path} of the pages cannot be used; restore it from a backup",
            ) from error
        self._key = key

    def seal(self, secret: bytes) -> bytes:
        """Seal a secret."""
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes | None:
        """Return a sealed secret; None where it was sealed by another key."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None

    def mark(self, text: str) -> str:
        """Return a mark of a text by which equal texts are seen to be equal, and nothing else."""
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()[:32]


def _write_once(path: Path, key: bytes) -> None:
    """Two programs may begin at once: the first one's key is everybody's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    keep_first(aside, path)

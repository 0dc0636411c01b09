"""Passphrases and PINs: held without a printable form, read from private files only."""

from __future__ import annotations

import stat
from pathlib import Path

from signing.errors import KeyMaterialError


class Secret:
    """A secret that no log line, traceback or ``repr`` can show.

    Args:
        value: The secret text.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the secret text, at the moment of use only."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret is never pickled")


def is_private(path: Path) -> bool:
    """Tell whether only the owner can read or write the file (mode 0600 or stricter)."""
    return not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def read_secret_file(path: Path) -> Secret:
    """Read a passphrase from a private file; one line end is taken off.

    Args:
        path: A UTF-8 text file that only its owner can read.

    Raises:
        KeyMaterialError: The file is missing, unreadable, empty, or open to group or world.
    """
    try:
        if not is_private(path):
            raise KeyMaterialError(
                f"Tệp mật khẩu {path} đang cho người khác đọc. Hãy đặt quyền 0600 rồi thử lại.",
                f"passphrase file {path} is open to others; set its mode to 0600 and try again",
            )
        value = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyMaterialError(
            f"Không đọc được tệp mật khẩu {path}. Hãy kiểm tra đường dẫn và quyền đọc.",
            f"cannot read passphrase file {path}: check path and permissions",
        ) from error
    if not value:
        raise KeyMaterialError(
            f"Tệp mật khẩu {path} trống. Hãy ghi mật khẩu vào tệp.",
            f"passphrase file {path} is empty; write the passphrase into it",
        )
    return Secret(value)

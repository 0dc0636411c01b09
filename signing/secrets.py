"""Passphrases and PINs: held without a printable form, from a person or a private file only.

Never from the environment or an argument: both can be read by others on the same machine. Where a
secret comes from is a value of its own, so that only the short-lived process that holds the key
ever has the secret itself.
"""

from __future__ import annotations

import getpass
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from signing.errors import KeyMaterialError, PinRefused


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFile:
    """A secret in a private file, such as systemd's credentials.

    Attributes:
        path: A UTF-8 text file that only its owner can read.
    """

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPrompt:
    """A secret that a person types, without echo.

    Attributes:
        question: What is asked, in Vietnamese.
    """

    question: str


SecretSource = Secret | SecretFile | SecretPrompt


def obtain(source: SecretSource) -> Secret:
    """Get a secret from where it is.

    Raises:
        KeyMaterialError: The file is missing, unreadable, empty, or open to group or world.
        PinRefused: Nobody is there to be asked, or nothing was typed.
    """
    match source:
        case Secret():
            return source
        case SecretFile():
            return read_secret_file(source.path)
        case SecretPrompt():
            return _ask(source.question)


def _ask(question: str) -> Secret:
    if not _has_terminal():
        raise PinRefused(
            "Không có màn hình để hỏi mã PIN. Hãy chạy lệnh trong cửa sổ dòng lệnh, hoặc khai báo "
            "tệp mật khẩu (quyền 0600).",
            "there is no terminal to ask for the PIN; run in one, or name a private secret file",
        )
    try:
        typed = getpass.getpass(f"{question}: ")
    except EOFError:
        typed = ""
    if not typed:
        raise PinRefused(
            "Chưa nhập mã PIN nên chưa ký. Hãy chạy lại và nhập mã PIN.",
            "no PIN was entered, so nothing was signed; run again and enter it",
        )
    return Secret(typed)


def _has_terminal() -> bool:
    """Tell whether `getpass` can ask: else it would take what stands on standard input."""
    if sys.platform == "win32":
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def find_credential(name: str, folder: Path) -> Path:
    """Find the file of a secret: systemd's credentials folder first, then the given folder.

    Args:
        name: Name of the credential, or a path.
        folder: What a relative path is relative to.
    """
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / name).is_file():
        return Path(credentials) / name
    return folder / name


def is_private(path: Path) -> bool:
    """Tell whether only the owner can read or write the file (mode 0600 or stricter).

    Windows keeps no such mode: there it is for the folder's access list, which is not looked at.
    """
    if sys.platform == "win32":
        return True
    return not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def require_private(path: Path) -> None:
    """Refuse a secret file that is missing or open to others, without reading it.

    Raises:
        KeyMaterialError: It is.
    """
    try:
        if is_private(path):
            return
    except OSError as error:
        raise _unreadable(path) from error
    raise KeyMaterialError(
        f"Tệp mật khẩu {path} đang cho người khác đọc. Hãy đặt quyền 0600 rồi thử lại.",
        f"passphrase file {path} is open to others; set its mode to 0600 and try again",
    )


def read_secret_file(path: Path) -> Secret:
    """Read a passphrase from a private file; one line end is taken off.

    Args:
        path: A UTF-8 text file that only its owner can read.

    Raises:
        KeyMaterialError: The file is missing, unreadable, empty, or open to group or world.
    """
    require_private(path)
    try:
        value = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error
    if not value:
        raise KeyMaterialError(
            f"Tệp mật khẩu {path} trống. Hãy ghi mật khẩu vào tệp.",
            f"passphrase file {path} is empty; write the passphrase into it",
        )
    return Secret(value)


def _unreadable(path: Path) -> KeyMaterialError:
    return KeyMaterialError(
        f"Không đọc được tệp mật khẩu {path}. Hãy kiểm tra đường dẫn và quyền đọc.",
        f"cannot read passphrase file {path}: check path and permissions",
    )

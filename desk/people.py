"""Who is at the keyboard, and whose file it is, as the operating system knows it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path


def current_account() -> str:
    """Return the account that runs this command: the kernel's word."""
    return _name_of(os.getuid())


def current_person() -> str:
    """Return the account that runs this command, and who took it on by sudo.

    The account is the kernel's word; the name behind sudo is only as sure as the account itself.
    """
    account = current_account()
    behind = os.environ.get("SUDO_USER")
    return f"{account} (sudo: {behind})" if behind and behind != account else account


def named_person(name: str | None) -> str:
    """Return who acts: this account's person, or one whom it names without proof."""
    if name is None or not name.strip():
        return current_person()
    return f"{' '.join(name.split())} (unauthenticated; account: {current_person()})"


def owner_of(path: Path) -> str:
    """Return the account that owns a file.

    Raises:
        OSError: there is no such file.
    """
    return _name_of(path.stat().st_uid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        # Files from other machines may belong to accounts that this one does not know.
        return f"uid {uid}"

"""Who is at the keyboard, and whose file it is, as the operating system knows it."""

from __future__ import annotations

import os
import pwd
import socket
from dataclasses import dataclass
from pathlib import Path

from config.telling import one_line

_LONGEST_NAME = 100
_BY_SUDO = " (sudo: "


def current_account() -> str:
    """Return the account that runs this command: the kernel's word."""
    return _name_of(os.getuid())


def current_person() -> str:
    """Return the account that runs this command, and who took it on by sudo.

    The account is the kernel's word; the name behind sudo is only as sure as the account itself.
    """
    account = current_account()
    behind = os.environ.get("SUDO_USER")
    return f"{account}{_BY_SUDO}{behind})" if behind and behind != account else account


def may_be_same(one: str, other: str) -> bool:
    """Tell whether two of what `current_person` returned may be one person.

    Two persons may take on the same account by sudo; the account of one is never the other's.
    """
    first, second = _accounts(one), _accounts(other)
    return first[-1] in second or second[-1] in first


def _accounts(person: str) -> tuple[str, ...]:
    """Return the account, then who took it on, where somebody did."""
    account, _, behind = person.removesuffix(")").partition(_BY_SUDO)
    return (account, behind) if behind else (account,)


def named_person(name: str | None) -> str:
    """Return who acts: this account's person, or one whom it names without proof."""
    told = one_line(name or "")[:_LONGEST_NAME]
    if not told:
        return current_person()
    return f"{told} (unauthenticated; account: {current_person()})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a person sits."""

    host: str
    """Name of the machine."""
    terminal: str
    """Its terminal; empty where there is none."""


def current_device() -> Device:
    """Return the machine and the terminal of this command."""
    terminal = next((os.ttyname(number) for number in (0, 1, 2) if os.isatty(number)), "")
    return Device(host=socket.gethostname(), terminal=terminal)


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

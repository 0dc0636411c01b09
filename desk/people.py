"""Who is at the keyboard, as the operating system knows it."""

from __future__ import annotations

import os
import pwd


def current_person() -> str:
    """Return the account that runs this command, and who took it on by sudo.

    The account is the kernel's word; the name behind sudo is only as sure as the account itself.
    """
    account = pwd.getpwuid(os.getuid()).pw_name
    behind = os.environ.get("SUDO_USER")
    return f"{account} (sudo: {behind})" if behind and behind != account else account

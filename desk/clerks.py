"""Whose scans are whose: who copied a paper signs it (TT 01/2023/TT-VPCP Art. 8), and nobody else.

Without a word in the settings that is the account which owned the file where it was dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.tables import SettingsError
from storage.submissions import Submission

_ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    person: str
    source: str
    """An account, a folder with its slash, or `*`."""


def signer_of(item: Submission, scans_of: Iterable[str]) -> str:
    """Return the account of the person who has to sign a scan; empty where nobody is known.

    Args:
        item: the scan.
        scans_of: the setting `[signing] scans_of`.

    Raises:
        SettingsError: a line of the setting cannot be understood.
    """
    rules = [_read(line) for line in scans_of]
    inside = f"{item.folder}/"
    by_folder = [r for r in rules if r.source.endswith("/") and inside.startswith(r.source)]
    by_account = [r for r in rules if r.source == item.owner]
    by_rest = [r for r in rules if r.source == _ALL]
    # The longest folder says most of where it lay.
    by_folder.sort(key=lambda rule: -len(rule.source))
    found = next(iter([*by_folder, *by_account, *by_rest]), None)
    return found.person if found else item.owner


def check_rules(scans_of: Iterable[str]) -> None:
    """Look whether the setting can be understood, before any scan is asked about.

    Raises:
        SettingsError: a line of it cannot.
    """
    for line in scans_of:
        _read(line)


def _read(line: str) -> _Rule:
    person, equals, source = (part.strip() for part in line.partition("="))
    if not (person and equals and source):
        raise SettingsError(
            f"[signing] scans_of: «{line}» chưa đúng. Mẫu: «người = tài khoản», «người = thư-mục/» "
            "hoặc «người = *».",
            f"[signing] scans_of: {line!r} is not understood; write 'person = account', "
            "'person = folder/' or 'person = *'",
        )
    return _Rule(person=person, source=source)

"""Hand-over to the archive of the agency (TT 13/2023/TT-BNV): what is due, late, and done."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from config.rules import HandoverRules, load_rule_set
from desk.errors import PathUnusable, UnknownCode
from desk.moments import now, vietnam
from storage.archive import Archive
from storage.handovers import DueHandover, Handover, months_after

SOON_DAYS = 60
"""Dossiers that are due within so many days are told before they are late."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Of a package that is a folder, its METS.xml speaks for all: it holds the digest of every file.
_METS = "METS.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How the dossiers stand to their deadlines."""

    on: dt.date
    """Today."""
    rule: HandoverRules
    """How long there is."""
    overdue: tuple[DueHandover, ...]
    """Late."""
    due: tuple[DueHandover, ...]
    """Due within the days that were asked for."""
    handed_over: int
    """Dossiers that were handed over."""
    damaged: tuple[str, ...] = ()
    """Dossiers of which the register cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineCount:
    """How many dossiers are to be handed over, or should be already."""

    overdue: int
    """Late."""
    due: int
    """Due within the days that were asked for."""
    damaged: tuple[str, ...]
    """Dossiers of which the register's day cannot be read."""


def measure_deadlines(archive: Archive, days: int = SOON_DAYS) -> Deadlines:
    """Tell which dossiers are late, and which are due within some days."""
    today = vietnam(now()).date()
    rule = load_rule_set(today).handover
    found, damaged = archive.handovers.due(rule.months, today + dt.timedelta(days=days))
    return Deadlines(
        on=today,
        rule=rule,
        overdue=tuple(dossier for dossier in found if dossier.due_on < today),
        due=tuple(dossier for dossier in found if dossier.due_on >= today),
        handed_over=archive.handovers.count(),
        damaged=tuple(damaged),
    )


def count_deadlines(archive: Archive, days: int = SOON_DAYS) -> DeadlineCount:
    """Count what `measure_deadlines` lists: dossiers end on few days, however many there are."""
    handovers, load = archive.handovers, archive.register.seals.newest_load()
    today = vietnam(now()).date()
    months = load_rule_set(today).handover.months
    counted = ("ended days", load, handovers.count())
    ended, damaged = archive.remembered.of(counted, handovers.ended_days)
    due_on = [(months_after(day, months), count) for day, count in ended.items()]
    until = today + dt.timedelta(days=days)
    return DeadlineCount(
        overdue=sum(count for day, count in due_on if day < today),
        due=sum(count for day, count in due_on if today <= day <= until),
        damaged=tuple(damaged),
    )


def mark_handed_over(
    archive: Archive, code: str, package: str, receiver: str, *, actor: str
) -> Handover:
    """Note that a dossier was handed over.

    Args:
        archive: whose.
        code: mã hồ sơ.
        package: the package that was handed over, or its SHA-256.
        receiver: who received it.
        actor: who says so.

    Raises:
        UnknownCode: neither register nor archive knows the dossier.
        PathUnusable: the package cannot be read.
    """
    if archive.register.dossier(code) is None and not archive.records.of_dossier(code):
        raise UnknownCode(
            f"Không có hồ sơ «{code}». Hãy kiểm tra lại mã.", f"no dossier is known under {code!r}"
        )
    return archive.handovers.mark(
        Handover(
            dossier_code=code,
            package_sha256=_digest(package),
            receiver=receiver,
            actor=actor,
            at=now(),
        )
    )


def _digest(package: str) -> str:
    if _SHA256.fullmatch(package.lower()):
        return package.lower()
    path = Path(package)
    try:
        with (path / _METS if path.is_dir() else path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise PathUnusable(
            f"Không đọc được gói «{package}»: {error.strerror}. Hãy chỉ đúng tệp hay thư mục của "
            "gói đã nộp, hoặc ghi mã SHA-256 của gói.",
            f"the package {package} cannot be read; name it, or its SHA-256",
        ) from error

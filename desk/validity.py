"""Until when a filed paper proves anything, and why it does not.

From its class (`config/classes.toml`), its own fields, the register, and what replaced it. What is
not known is said to be unknown: nobody is told that a paper holds because nothing was read.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from config.vietnamese import fold
from config.vocabulary import DocumentClass
from desk import results
from storage.archive import Archive
from storage.errors import ObjectMissing
from storage.model import Record

Standing = Literal["valid", "invalid", "unknown"]
_PASSED = "TOTAL-PASSED"
_TERM = re.compile(r"(\d{1,3})\s*(?:\([^)]*\)\s*)?(ngay|thang|nam)\b")
_OPEN = ("vo thoi han", "khong thoi han", "khong xac dinh thoi han", "lau dai", "vinh vien")
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One reason why a paper does not hold, or why that is unknown."""

    code: str
    """Stable word for programs."""
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Whether a paper holds on a day."""

    standing: Standing
    until: dt.date | None
    """Last day on which it holds, as far as is known; None: no end is known."""
    reasons: tuple[Why, ...]
    """Why it does not hold, or why that is unknown; empty for a valid one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The end that a paper or its class sets to it."""

    until: dt.date | None
    unclear: bool
    """It has an end, and which cannot be said."""


def judge_validity(
    record: Record, kind: DocumentClass | None, at: dt.date, archive: Archive
) -> Validity:
    """Say whether a filed paper holds on a day.

    Args:
        record: the paper.
        kind: its class; None where that is no longer in the table.
        at: the day.
        archive: the register, what replaced it, and its file.
    """
    term = find_term(record, kind)
    against = [*_against_copy(record, archive), *_against_day(record, kind, term, at)]
    if against:
        return Validity(standing="invalid", until=term.until, reasons=tuple(against))
    if kind is None or term.unclear:
        return Validity(standing="unknown", until=term.until, reasons=(_TERM_UNCLEAR,))
    return Validity(standing="valid", until=term.until, reasons=())


def find_term(record: Record, kind: DocumentClass | None) -> Term:
    """Find the last day of a paper: the earliest that its fields and its class set."""
    issued = _day(record, "issue_date") or _day(record, "registration_date")
    stated = _value(record, "validity")
    ends = [_day(record, "expiry_date")]
    unclear = _value(record, "expiry_date") is not None and ends[0] is None
    if kind is not None and kind.validity_months:
        ends.append(term_end(issued, kind.validity_months, "thang"))
        unclear = unclear or issued is None
    if stated and not any(word in fold(stated) for word in _OPEN):
        found = _TERM.search(fold(stated))
        ends.append(term_end(issued, int(found[1]), found[2]) if found else None)
        unclear = unclear or found is None or issued is None
    known = [day for day in ends if day is not None]
    return Term(until=min(known, default=None), unclear=unclear)


def term_end(issued: dt.date | None, count: int, unit: str) -> dt.date | None:
    """Return the day on which a term ends: that of the same number (BLDS 2015 Art. 148).

    Args:
        issued: the day on which it begins; None where not known.
        count: how long.
        unit: `ngay`, `thang` or `nam`.

    Returns:
        None where the beginning is not known, or no calendar has the end.
    """
    if issued is None:
        return None
    if unit == "ngay":
        return issued + dt.timedelta(days=count)
    months = issued.year * _MONTHS_A_YEAR + issued.month - 1
    months += count if unit == "thang" else count * _MONTHS_A_YEAR
    year, month = divmod(months, _MONTHS_A_YEAR)
    if year > dt.MAXYEAR:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(issued.day, last))


def _value(record: Record, name: str) -> str | None:
    return next((field.value for field in record.fields if field.name == name), None)


def _day(record: Record, name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(_value(record, name) or "")
    except ValueError:
        return None


def _against_copy(record: Record, archive: Archive) -> list[Why]:
    """Return what speaks against what is held, on any day."""
    against = []
    standing = results.standing(record, archive)
    if standing == "superseded":
        against.append(
            Why(code="superseded", vi="Đã có bản khác thay thế.", en="another took its place")
        )
    if standing == "revoked":
        against.append(
            Why(code="revoked", vi="Sổ ghi kết quả này đã bị thu hồi.", en="it was revoked")
        )
    if record.notes.get("duty_case") == "copy":
        against.append(
            Why(
                code="copy",
                vi="Giấy được lưu là bản sao, không phải bản số hóa từ bản chính.",
                en="what was filed is a copy, not digitised from the original",
            )
        )
    if record.verdict != _PASSED:
        against.append(
            Why(
                code="signature_not_passed",
                vi="Chữ ký số của bản lưu chưa đạt khi lưu kho.",
                en="its signature did not pass when it was filed",
            )
        )
    try:
        archive.objects.path(record.pdf.sha256)
    except ObjectMissing:
        against.append(
            Why(
                code="file_missing",
                vi="Kho không còn tệp của giấy này: hãy chạy hoso fixity.",
                en="its file is not in the store; run hoso fixity",
            )
        )
    return against


def _against_day(record: Record, kind: DocumentClass | None, term: Term, at: dt.date) -> list[Why]:
    """Return what speaks against a paper on a day."""
    against = []
    issued = _day(record, "issue_date")
    if issued is not None and issued > at:
        against.append(
            Why(
                code="issued_later",
                vi=f"Cấp ngày {issued:%d/%m/%Y}, sau ngày được hỏi.",
                en=f"it was issued on {issued}, after the day in question",
            )
        )
    if kind is not None and kind.invalid_from is not None and kind.invalid_from <= at:
        against.append(
            Why(
                code="class_ended",
                vi=f"Loại giấy này hết giá trị từ {kind.invalid_from:%d/%m/%Y}.",
                en=f"papers of this class are not valid from {kind.invalid_from} on",
            )
        )
    if term.until is not None and term.until < at:
        against.append(
            Why(
                code="expired",
                vi=f"Hết hạn ngày {term.until:%d/%m/%Y}.",
                en=f"it expired on {term.until}",
            )
        )
    return against


_TERM_UNCLEAR = Why(
    code="term_unclear",
    vi="Giấy này có thời hạn nhưng không biết hết ngày nào: hãy mở giấy xem.",
    en="the paper has an end, and which day is not known; look at it",
)

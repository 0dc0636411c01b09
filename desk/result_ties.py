"""Tie a paper to the register's entry of a result: by number, day and holder, never by guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.vietnamese import fold
from digitize.model import Description
from storage.register import ProcedureResult
from storage.submissions import Reason

# What papers are told apart by, where the register has one number for each.
_NUMBERS = ("number", "serial", "entry_number", "business_code", "certificate_number")
TYING = frozenset({*_NUMBERS, "issue_date", "holder"})
"""Fields by which a paper is tied to an entry."""


class Likeness(StrEnum):
    """How a paper compares with an entry of the register."""

    SAME = "same"
    NUMBER_DIFFERS = "number_differs"
    DAY_DIFFERS = "day_differs"
    UNKNOWN = "unknown"
    """Nothing that both state was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """The entry that a paper is, or the question to ask; neither where it is none of them."""

    result: ProcedureResult | None = None
    question: Reason | None = None


def compare(description: Description, result: ProcedureResult) -> Likeness:
    """Say whether a paper is an entry's: what both state must agree, and something must."""
    numbers = [value for name in _NUMBERS if (value := description.value(name))]
    same_number = any(is_same_number(result.number, value) for value in numbers)
    if numbers and result.number and not same_number:
        return Likeness.NUMBER_DIFFERS
    day = description.value("issue_date")
    if day and result.issue_date and day != result.issue_date.isoformat():
        return Likeness.DAY_DIFFERS
    holder = description.value("holder")
    same_day = bool(day and result.issue_date)
    same_holder = bool(holder and result.holder) and fold(holder or "") == fold(result.holder)
    return Likeness.SAME if same_number or same_day or same_holder else Likeness.UNKNOWN


def is_same_number(registered: str, read: str) -> bool:
    """Tell whether two ways of writing a number mean the same.

    Land certificates and civil status write letters before it or the year behind it; where both
    write a year, it must agree.
    """
    one, other = (re.match(r"\D*0*(\d+[a-z]?)", text) for text in (registered, read))
    if one is None or other is None or one[1] != other[1]:
        return False
    years = [re.search(r"/((?:19|20)\d{2})(?!\d)", text) for text in (registered, read)]
    return None in years or len({year[1] for year in years if year}) == 1


def find_tie(
    description: Description, results: Sequence[ProcedureResult], *, confirmed: bool
) -> Tie:
    """Return which of a dossier's results of one class a paper is.

    Args:
        description: what is written on it.
        results: the register's entries of its class; at least one.
        confirmed: a person has said dossier and class; where there is one entry, that is the one,
            whatever was read.
    """
    said = [(compare(description, result), result) for result in results]
    same = [result for likeness, result in said if likeness is Likeness.SAME]
    if confirmed and len(results) == 1:
        return Tie(result=results[0])
    if len(same) == 1:
        return Tie(result=same[0])
    (likeness, only), *others = said
    if not others and likeness is Likeness.UNKNOWN and not _is_described(only):
        return Tie(result=only)
    return Tie(question=_question(description, said))


def _is_described(result: ProcedureResult) -> bool:
    """Tell whether the register states anything that a paper could be compared with."""
    return bool(result.number or result.issue_date or result.holder)


def _question(description: Description, said: Sequence[tuple[Likeness, ProcedureResult]]) -> Reason:
    likenesses = {likeness for likeness, _ in said}
    number = description.value("number") or "không đọc được"
    day = description.value("issue_date") or "không đọc được"
    known = ", ".join(_told(result) for _, result in said)
    if likenesses <= {Likeness.NUMBER_DIFFERS, Likeness.DAY_DIFFERS}:
        only_days = likenesses == {Likeness.DAY_DIFFERS}
        return _day_differs(day, known) if only_days else _number_differs(number, known)
    return Reason(
        code="result_unclear",
        vi=f"Không rõ giấy này là kết quả nào trong sổ: số {number}, ngày {day}; sổ có: {known}.",
        en=f"which result of the register it is cannot be told: {known}",
    )


def _number_differs(number: str, known: str) -> Reason:
    return Reason(
        code="result_number_differs",
        vi=f"Số trên giấy ({number}) khác kết quả trong sổ ({known}).",
        en=f"the number on the paper ({number}) differs from the register ({known})",
    )


def _day_differs(day: str, known: str) -> Reason:
    return Reason(
        code="result_day_differs",
        vi=f"Số trên giấy trùng sổ nhưng ngày cấp ({day}) khác kết quả trong sổ ({known}).",
        en=f"the day of issue on the paper ({day}) differs from the register ({known})",
    )


def _told(result: ProcedureResult) -> str:
    day = f" ngày {result.issue_date:%d/%m/%Y}" if result.issue_date else ""
    return f"{result.number or result.code}{day}"

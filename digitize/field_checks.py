"""What fields must say of each other: days in their order, numbers of possible persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from config.personal_numbers import agrees_with_birth, is_personal_number
from digitize.model import Box, Doubt, Evidence, Paper

# The birth of each person, and the number that says its year.
_BIRTHS = {
    "birth_date": "personal_number",
    "husband_birth_date": "husband_number",
    "wife_birth_date": "wife_number",
}
_NUMBERS = frozenset({*_BIRTHS.values(), "transferor_number", "agent_number"})
# The earlier of two days, and what comes no sooner.
_ORDER = (
    ("birth_date", "issue_date"),
    ("birth_date", "registration_date"),
    ("birth_date", "death_date"),
    ("husband_birth_date", "registration_date"),
    ("wife_birth_date", "registration_date"),
    ("death_date", "registration_date"),
    ("issue_date", "expiry_date"),
)
_MAY_COME = frozenset({"expiry_date"})
# Registries leave numbers to the pen, and then the day too. Where the day is print, so is the
# number, and its digits are right however unsure the engine is of them and the notation together;
# signs put right, and numbers without a day, must have been read the more surely.
_SURE_BESIDE_DAY, _SURE_REPAIRED, _SURE_WITHOUT_DAY = 0.3, 0.8, 0.88
_SURE_AMID_PEN = 0.95


def drop_handwritten(fields: Iterable[Evidence], paper: Paper) -> tuple[Evidence, ...]:
    """Leave out numbers and days that a pen wrote: what one means is read by people."""
    by_hand = {page.number: page.by_hand for page in paper.pages}
    return tuple(
        field
        for field in fields
        if field.source != "ocr"
        or not any(map(str.isdigit, field.value))
        or not any(_meet(field.box, box) for box in by_hand.get(field.page, ()))
    )


def _meet(one: Box, other: Box) -> bool:
    """Tell whether the middle of the other box lies in the first."""
    x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return one[0] < x < one[2] and one[1] < y < one[3]


def drop_impossible(
    fields: Iterable[Evidence],
    seen_on: dt.date,
    *,
    by_hand: bool = False,
    has_printed_day: bool = False,
) -> tuple[tuple[Evidence, ...], tuple[Doubt, ...]]:
    """Leave out what cannot be so; of two fields that contradict each other, both.

    Args:
        fields: as read; sources that check themselves are believed.
        seen_on: the day of the scan.
        by_hand: the form was filled in by pen; then the pen wrote its number, too.
        has_printed_day: its day is print, though it may not have been read rightly.

    Returns:
        The other fields, and what a person should look at.
    """
    read = tuple(fields)
    days = ("issue_date", "registration_date")
    has_day = has_printed_day or any(field.name in days for field in read)
    possible = [
        field
        for field in read
        if _is_possible(field, seen_on)
        and (field.name != "number" or field.confidence >= _bar(field, has_day, by_hand))
    ]
    said = {field.name: field for field in possible}
    doubts = tuple(_differing_births(said))
    wrong = {name for doubt in doubts for name in doubt.fields}
    wrong |= set(_disordered(said))
    kept = tuple(field for field in possible if field.name not in wrong or field.source != "ocr")
    return kept, doubts


def _bar(number: Evidence, has_day: bool, by_hand: bool) -> float:
    if by_hand:
        return _SURE_AMID_PEN
    if not has_day:
        return _SURE_WITHOUT_DAY
    return _SURE_REPAIRED if number.read else _SURE_BESIDE_DAY


def _is_possible(field: Evidence, seen_on: dt.date) -> bool:
    if field.name in _NUMBERS:
        return is_personal_number(field.value, seen_on)
    if not field.name.endswith("_date") or field.name in _MAY_COME:
        return True
    return dt.date.fromisoformat(field.value) <= seen_on


def _differing_births(said: Mapping[str, Evidence]) -> Iterable[Doubt]:
    for birth, number in _BIRTHS.items():
        if birth not in said or number not in said:
            continue
        if not agrees_with_birth(said[number].value, said[birth].value):
            yield Doubt(
                code="birth_differs",
                fields=(birth, number),
                vi=(
                    f"Số định danh {said[number].value} không khớp ngày sinh đọc được "
                    f"({said[birth].value}). Hãy nhìn giấy và nhập lại."
                ),
                en=(
                    f"personal number {said[number].value} does not fit the birth date "
                    f"{said[birth].value}; look at the paper"
                ),
            )


def _disordered(said: Mapping[str, Evidence]) -> Iterable[str]:
    for earlier, later in _ORDER:
        # ISO dates compare as text.
        if earlier in said and later in said and said[earlier].value > said[later].value:
            yield from (earlier, later)

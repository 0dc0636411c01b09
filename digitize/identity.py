"""What identity cards and passports say to machines: the rows of letters (MRZ) and the QR code.

The rows are those of ICAO Doc 9303 (TD1 on cards, TD3 in passports); they bear check digits, and
are taken only where every one of them holds. The QR code of a card is the national one: number,
old number, name, birth, sex, address, issue, parted by strokes; whatever follows is left alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle, pairwise
from typing import Literal

from config.codes import as_number
from config.personal_numbers import agrees_with_birth, birth_year, is_personal_number
from config.vietnamese import fold
from digitize.model import Box, Doubt, Evidence, Line, Paper, RecognizedPage

CLASSES = frozenset({"CCCD", "CMND", "HC"})
"""Kinds of paper that are about the person of the code."""
_FILLERS = str.maketrans({"«": "<<", "»": "<<", "‹": "<", "›": "<", "(": "<", "{": "<", "[": "<"})
_ROW = re.compile(r"[A-Z0-9<]+")
_CARD_ROW, _PASSPORT_ROW = 30, 44
_WEIGHTS = (7, 3, 1)
_NO_EXPIRY = "99"
_QR_PARTS = 7
_LONGEST_QR = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What one code says of a person."""

    source: Literal["qr", "mrz"]
    page: int
    box: Box
    values: Mapping[str, str] = field(default_factory=dict)
    """By field name."""
    folded_name: str = ""
    """Name as the rows have it, without marks; empty where the code writes it whole."""


def check_digit(text: str) -> str:
    """Return the check digit of a stretch of the rows (ICAO Doc 9303-3, 4.9)."""
    values = (0 if sign == "<" else int(sign, 36) for sign in text)
    return str(sum(value * weight for value, weight in zip(values, cycle(_WEIGHTS))) % 10)


def read_identity(paper: Paper, seen_on: dt.date) -> tuple[Identity, ...]:
    """Return what the codes of a paper say, QR codes first; nothing where a check fails.

    Args:
        paper: its pages.
        seen_on: the day of the scan: nobody was born later.
    """
    codes = [
        Identity(source="qr", page=page.number, box=code.box, values=values)
        for page in paper.pages
        for code in page.barcodes
        if (values := parse_card_code(code.text, seen_on))
    ]
    return (*codes, *(item for page in paper.pages for item in _rows_of(page, seen_on)))


def parse_card_code(text: str, seen_on: dt.date) -> dict[str, str]:
    """Return the fields of a card's QR code; none where it is no such code.

    Args:
        text: the payload.
        seen_on: the day of the scan.
    """
    parts = [part.strip() for part in text[:_LONGEST_QR].split("|")]
    if len(parts) < _QR_PARTS or not is_personal_number(parts[0], seen_on):
        return {}
    birth, issue = _day_of(parts[3]), _day_of(parts[6])
    name = " ".join(parts[2].split())
    is_name = bool(name) and all(sign.isalpha() or sign in " '-" for sign in name)
    if birth is None or not is_name or not agrees_with_birth(parts[0], birth):
        return {}
    found = {"personal_number": parts[0], "holder": name.upper(), "birth_date": birth}
    if re.fullmatch(r"\d{9}|\d{12}", parts[1], re.ASCII):
        found["old_number"] = parts[1]
    if issue is not None and birth < issue <= seen_on.isoformat():
        found["issue_date"] = issue
    return found


def _day_of(text: str) -> str | None:
    """Return the ISO date of ddmmyyyy; None where it is no day."""
    if not re.fullmatch(r"\d{8}", text, re.ASCII):
        return None
    return _iso(int(text[4:]), text[2:4], text[:2])


def _iso(year: int, month: str, day: str) -> str | None:
    try:
        return dt.date(year, int(month), int(day)).isoformat()
    except ValueError:
        return None


def _rows_of(page: RecognizedPage, seen_on: dt.date) -> Iterator[Identity]:
    rows = [(line, _as_row(line)) for line in sorted(page.lines, key=lambda line: line.box[1])]
    rows = [(line, text) for line, text in rows if len(text) >= _CARD_ROW - 2]
    for (first, upper), (second, lower) in pairwise(rows):
        for values, name in (
            (_card(upper, lower, seen_on), _name_below(rows, second)),
            (_passport(upper, lower, seen_on), upper[5:]),
        ):
            if values:
                yield Identity(
                    source="mrz",
                    page=page.number,
                    box=_around(first.box, second.box),
                    values=values,
                    folded_name=_plain_name(name),
                )


def _as_row(line: Line) -> str:
    """Return a line as a row of the code; empty where it is none."""
    text = "".join(word.text for word in line.words).translate(_FILLERS)
    return text if _ROW.fullmatch(text) and ("<" in text or text.isalnum()) else ""


def _name_below(rows: list[tuple[Line, str]], second: Line) -> str:
    texts = [text for line, text in rows if line.box[1] > second.box[1]]
    return texts[0] if texts else ""


def _plain_name(row: str) -> str:
    return " ".join(re.sub(r"[<0-9]+", " ", row).split()).lower()


def _around(one: Box, other: Box) -> Box:
    return (min(one[0], other[0]), one[1], max(one[2], other[2]), other[3])


def _card(upper: str, lower: str, seen_on: dt.date) -> dict[str, str]:
    """Return the fields of a card's first two rows (TD1); none where a check digit fails."""
    if len(upper) != _CARD_ROW or not _is_long(lower, _CARD_ROW) or upper[:1] not in "IAC":
        return {}
    lower = lower[:_CARD_ROW]
    number = as_number(upper[15:27])
    upper = upper[:5] + as_number(upper[5:15]) + number + upper[27:]
    lower = (
        as_number(lower[:7])
        + lower[7]
        + as_number(lower[8:15])
        + lower[15:29]
        + as_number(lower[29])
    )
    whole = upper[5:] + lower[:7] + lower[8:15] + lower[18:29]
    checked = ((upper[5:14], upper[14]), (whole, lower[29]))
    if not _holds((*checked, (lower[:6], lower[6]), (lower[8:14], lower[14]))):
        return {}
    if not is_personal_number(number, seen_on):
        return {}
    birth = _iso(birth_year(number), lower[2:4], lower[4:6])
    if birth is None or birth[2:4] != lower[:2]:
        return {}
    return {"personal_number": number, "birth_date": birth, **_expiry(lower[8:14])}


def _passport(upper: str, lower: str, seen_on: dt.date) -> dict[str, str]:
    """Return the fields of a passport's two rows (TD3); none where a check digit fails."""
    if upper[:1] != "P" or len(lower) != _PASSPORT_ROW or not _is_long(upper, _PASSPORT_ROW):
        return {}
    digits = as_number(lower[13:20]) + lower[20] + as_number(lower[21:28])
    lower = lower[:9] + as_number(lower[9]) + lower[10:13] + digits + lower[28:]
    whole = lower[:10] + lower[13:20] + lower[21:43]
    checked = ((lower[:9], lower[9]), (lower[13:19], lower[19]), (lower[21:27], lower[27]))
    if not _holds((*checked, (whole, lower[43]))):
        return {}
    century = 2000 if int(lower[13:15]) <= seen_on.year % 100 else 1900
    birth = _iso(century + int(lower[13:15]), lower[15:17], lower[17:19])
    if birth is None:
        return {}
    found = {"passport_number": lower[:9].rstrip("<"), "birth_date": birth, **_expiry(lower[21:27])}
    number = lower[28:42].rstrip("<")
    if is_personal_number(number, seen_on) and agrees_with_birth(number, birth):
        found["personal_number"] = number
    return found


def _is_long(row: str, size: int) -> bool:
    """Tell whether a row has its length; of the fillers at its end some may be lost or doubled."""
    return abs(len(row) - size) <= 2


def _holds(pairs: Iterable[tuple[str, str]]) -> bool:
    return all(
        sign == check_digit(text) or (sign == "<" and not text.strip("<")) for text, sign in pairs
    )


def _expiry(yymmdd: str) -> dict[str, str]:
    """Return the day until which a card is valid; none for one that is valid for life."""
    if yymmdd[:2] == _NO_EXPIRY or not yymmdd.isdigit():
        return {}
    day = _iso(2000 + int(yymmdd[:2]), yymmdd[2:4], yymmdd[4:])
    return {"expiry_date": day} if day else {}


def take_over(
    fields: Iterable[Evidence], identities: Iterable[Identity], class_code: str
) -> tuple[tuple[Evidence, ...], tuple[Doubt, ...]]:
    """Put what the codes of a card say in the place of what was read from its print.

    Where two codes differ neither is believed, and the print is not either.

    Args:
        fields: as read from the print.
        identities: what the codes say, the surest first.
        class_code: other papers may bear a card's code too, and are not about that person alone.

    Returns:
        The fields, and where print and codes differ.
    """
    known = tuple(fields)
    told = tuple(identities) if class_code in CLASSES else ()
    coded: dict[str, Evidence] = {}
    doubts: dict[str, Doubt] = {}
    for identity in told:
        for name, value in identity.values.items():
            said = coded.setdefault(name, _evidence(identity, name, value))
            if said.value != value:
                doubts[name] = _differs(name, said.value, value)
    for item in known:
        code = coded.get(item.name)
        if code is not None and _comparable(item, code):
            doubts.setdefault(item.name, _differs(item.name, code.value, item.value))
    for doubt in _names(known, told):
        doubts.setdefault("holder", doubt)
    unclear = {name for name in doubts if _is_disputed(name, told)}
    believed = [item for name, item in coded.items() if name not in unclear]
    kept = [item for item in known if item.name not in coded]
    return (*kept, *believed), tuple(doubts.values())


def _is_disputed(name: str, told: Iterable[Identity]) -> bool:
    return len({item.values[name] for item in told if name in item.values}) > 1


def _evidence(identity: Identity, name: str, value: str) -> Evidence:
    return Evidence(
        name=name,
        value=value,
        confidence=1.0,
        page=identity.page,
        box=identity.box,
        source=identity.source,
    )


def _comparable(item: Evidence, code: Evidence) -> bool:
    """Tell whether print and code differ in more than marks and capitals."""
    return fold(item.value) != fold(code.value)


def _names(known: Iterable[Evidence], told: Iterable[Identity]) -> Iterator[Doubt]:
    rows = [item.folded_name for item in told if item.folded_name]
    for item in known:
        if item.name == "holder" and rows and fold(item.value) not in rows:
            yield _differs("holder", rows[0].upper(), item.value)


def _differs(name: str, code: str, print_: str) -> Doubt:
    return Doubt(
        code="identity_differs",
        fields=(name,),
        vi=(
            f"Mã đọc bằng máy trên thẻ ghi «{code}» nhưng chữ in đọc được «{print_}» ({name}). "
            "Hãy nhìn thẻ và xác nhận."
        ),
        en=f"the card's code says {code}, its print reads {print_} ({name}); look at the card",
    )

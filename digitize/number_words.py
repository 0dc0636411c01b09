"""Numbers and dates written out in Vietnamese, as papers repeat them beside the digits.

Read with diacritics folded, since marks are what recognition loses; the words of numbers stay apart
without them, but for `tu` (bốn, after mươi) and `tư`, which are the same number.
"""

from __future__ import annotations

import datetime as dt
import re

from config.vietnamese import fold

_UNITS = {
    **{"khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5},
    **{"sau": 6, "bay": 7, "tam": 8, "chin": 9},
}
_TEN, _HUNDRED, _ODD = "muoi", "tram", ("linh", "le")
_SCALES = {"nghin": 1_000, "ngan": 1_000, "trieu": 1_000_000, "ty": 1_000_000_000, "ti": 10**9}
_COMMA = "phay"
_OF_NUMBERS = frozenset({*_UNITS, *_SCALES, *_ODD, _TEN, _HUNDRED})
_DATE = re.compile(
    r"^(?:(?:ngay )?(?:mung|mong)|ngay) (?P<day>\D+?) thang (?P<month>\D+?) nam (?P<year>\D+)$"
)
_MONTHS = {"gieng": 1, "chap": 12}


def read_number(text: str) -> int | None:
    """Return the whole number that words say; None where a word is no number's, or out of order."""
    words = _words(text)
    if not words:
        return None
    total, group, ceiling = 0, [], 10**12
    for word in words:
        scale = _SCALES.get(word)
        if scale is None:
            group.append(word)
            continue
        part = _below_thousand(group)
        if part is None or scale >= ceiling:
            return None
        total, group, ceiling = total + part * scale, [], scale
    part = _below_thousand(group) if group else 0
    return None if part is None else total + part


def read_date(text: str) -> dt.date | None:
    """Return the date that words say («ngày mười hai tháng năm năm hai nghìn …»); None for none."""
    match = _DATE.match(" ".join(_words(text)))
    if match is None:
        return None
    day, year = read_number(match["day"]), _year(match["year"])
    month = _MONTHS.get(match["month"].strip()) or read_number(match["month"])
    if day is None or month is None or year is None:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", " ", fold(text)).split()


def _year(words: str) -> int | None:
    """Return a year: whole, or read digit by digit («hai không hai sáu»)."""
    digits = [_UNITS.get(word) for word in words.split()]
    if len(digits) == 4 and None not in digits:
        return int("".join(map(str, digits)))
    return read_number(words)


def _below_thousand(words: list[str]) -> int | None:
    """Return what a group below a thousand says: hundreds, tens, units, in their order."""
    if _HUNDRED not in words:
        return _below_hundred(words)
    at = words.index(_HUNDRED)
    hundreds = _UNITS.get(words[0]) if at == 1 else None
    rest = _after_hundred(words[at + 1 :])
    return None if hundreds is None or rest is None else 100 * hundreds + rest


def _after_hundred(words: list[str]) -> int | None:
    if not words:
        return 0
    if words[0] in _ODD:
        return _UNITS.get(words[1]) if len(words) == 2 else None
    return _below_hundred(words)


def _below_hundred(words: list[str]) -> int | None:
    if words and words[0] in _ODD:
        words = words[1:]
    if _TEN not in words:
        return _UNITS.get(words[0]) if len(words) == 1 else _short_tens(words)
    at = words.index(_TEN)
    tens = 1 if at == 0 else _UNITS.get(words[0]) if at == 1 else None
    units = 0 if len(words) == at + 1 else _UNITS.get(words[-1]) if len(words) == at + 2 else None
    return None if tens is None or units is None else 10 * tens + units


def _short_tens(words: list[str]) -> int | None:
    """Return a number whose mươi was left out, as in speech: «hai lăm», never «hai năm»."""
    if len(words) != 2 or words[1] not in ("mot", "lam", "tu"):
        return None
    first = _UNITS.get(words[0])
    return 10 * first + _UNITS[words[1]] if first else None


def read_quantity(text: str) -> str | None:
    """Return the number at a text's start as digits: `152,4` for «một trăm năm mươi hai phẩy bốn».

    What follows the number (đồng, mét vuông) is left out; None where no number stands first.
    """
    words = _words(text)
    size = next((at for at, word in enumerate(words) if word not in _OF_NUMBERS), len(words))
    whole = read_number(" ".join(words[:size]))
    if whole is None:
        return None
    if words[size : size + 1] != [_COMMA]:
        return str(whole)
    rest = words[size + 1 :]
    ends = next((at for at, word in enumerate(rest) if word not in _OF_NUMBERS), len(rest))
    decimals = _decimals(rest[:ends])
    return None if decimals is None else f"{whole},{decimals}".rstrip("0").rstrip(",")


def _decimals(words: list[str]) -> str | None:
    """Return digits after a comma: said one by one, or as a number («phẩy hai mươi lăm»)."""
    digits = [_UNITS.get(word) for word in words]
    if digits and None not in digits:
        return "".join(map(str, digits))
    number = read_number(" ".join(words))
    return None if number is None else str(number)

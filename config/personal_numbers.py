"""Personal numbers: twelve digits with a structure (NĐ 137/2015/NĐ-CP Art. 13, now Luật Căn cước).

Three digits say where a birth was registered (province, or 1xx and up for abroad), one the century
and the sex, two the year of birth, six are drawn. There is no check digit: the structure and the
date of birth beside the number are all that tells a misreading.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_SHAPE = re.compile(r"\d{12}", re.ASCII)
# The fourth digit: 0 and 1 for the 20th century, 2 and 3 for the 21st, and so on.
_FIRST_CENTURY = 1900
_SEXES = 2
_BEFORE_ABROAD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthplaces:
    """Where a personal number may say that a birth was registered."""

    version: str
    provinces: frozenset[str]
    """Three digits below 100."""
    last_abroad: int
    """Numbers from 100 up to this one stand for other countries."""

    def has(self, code: str) -> bool:
        """Tell whether three digits name a place."""
        return code in self.provinces or _BEFORE_ABROAD <= int(code) <= self.last_abroad


@cache
def load_birthplaces() -> Birthplaces:
    """Read the places that come with the program."""
    table = tomllib.loads(files("config").joinpath("places.toml").read_text(encoding="utf-8"))
    entries = table["birthplace"]
    return Birthplaces(
        version=table["version"],
        provinces=frozenset(entry["code"] for entry in entries),
        last_abroad=table["abroad"]["last"],
    )


def birth_year(number: str) -> int:
    """Return the year of birth that a personal number of twelve digits says."""
    return _FIRST_CENTURY + 100 * (int(number[3]) // _SEXES) + int(number[4:6])


def is_personal_number(text: str, on: dt.date | None = None) -> bool:
    """Tell whether a text may be a personal number: its place, its century, its year.

    Args:
        text: the whole text.
        on: a day by which the person was born; None where none is known.
    """
    if _SHAPE.fullmatch(text) is None or not load_birthplaces().has(text[:3]):
        return False
    return birth_year(text) <= (on.year if on else dt.date.max.year)


def agrees_with_birth(number: str, birth: str) -> bool:
    """Tell whether a personal number says the year of a birth.

    The sex that it says is not compared: the number stays when the entry is corrected.

    Args:
        number: twelve digits.
        birth: an ISO date, or a year.
    """
    return birth[:4] == str(birth_year(number))

"""Agencies by the first level of their code (QĐ 20/2020/QĐ-TTg), with what became of provinces."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_LEVEL = re.compile(r"(?<![A-Z0-9])[A-Z]\d{2}(?![0-9])", re.ASCII)
_DAY = re.compile(r"-(\d{2})(\d{2})(\d{2})-", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """One province as agency codes name it."""

    code: str
    """H and two digits."""
    name: str
    merged_into: str = ""
    """Code of the province that it is part of now; empty where it is one itself."""
    merged_on: dt.date | None = None
    unverified: bool = False
    """True where no gazetted text was at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agencies:
    """First levels that agency codes can have."""

    version: str
    provinces: Mapping[str, Province]
    """By their code."""
    letters: tuple[str, ...]
    """Levels of others than provinces."""
    deleted: frozenset[str]
    """Codes that no dossier bears that was received since `deleted_on`."""
    deleted_on: dt.date

    def can_bear(self, dossier_code: str) -> bool:
        """Tell whether an agency of this code can have received a dossier on the day it says.

        Args:
            dossier_code: in normal form.
        """
        level, day = _LEVEL.search(dossier_code), _DAY.search(dossier_code)
        if level is None or day is None:
            return False
        if level[0][0] == "H":
            return level[0] in self.provinces
        year, month, of_month = (int(part) for part in day.groups())
        received = dt.date(2000 + year, month, of_month)
        gone = level[0] in self.deleted and received >= self.deleted_on
        return level[0][0] in self.letters and not gone

    def today(self, code: str) -> Province | None:
        """Return the province that a code stands for now; None where no province has it."""
        province = self.provinces.get(code)
        return (
            self.provinces[province.merged_into] if province and province.merged_into else province
        )


@cache
def load_agencies() -> Agencies:
    """Read the codes that come with the program."""
    table = tomllib.loads(files("config").joinpath("places.toml").read_text(encoding="utf-8"))
    provinces = (Province(**entry) for entry in table["province"])
    levels = table["levels"]
    return Agencies(
        version=table["version"],
        provinces={province.code: province for province in provinces},
        letters=tuple(levels["letters"]),
        deleted=frozenset(levels["deleted"]),
        deleted_on=levels["deleted_on"],
    )

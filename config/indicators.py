"""Indicators of digitisation and how they are scored (`config/indicators.toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.tables import Place, parse_tables, parse_toml, parse_version, read_own, refuse_unknown

_FILE = "indicators.toml"
_WHOLE = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """[[indicator]]: one metric of QĐ 766/QĐ-TTg."""

    code: str
    """As the National Portal calls it."""
    name: str
    """Vietnamese, for people."""
    max_score: float
    """Points at the threshold and above."""
    threshold: float
    """Per cent at which all points are given."""
    source: str
    """Where these were seen."""
    unverified: bool = False
    """True where only a secondary source was seen."""

    def score(self, ratio: float) -> float:
        """Return the points of a ratio from 0 to 1."""
        return min(self.max_score, self.max_score * ratio * _WHOLE / self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """All indicators, with the version of their file."""

    version: str
    """Of our file; with an agency's own, `<ours>+<theirs>`."""
    items: tuple[Indicator, ...]
    """In the order of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """[[indicator]] of an agency's file: what it says otherwise."""

    code: str
    max_score: float
    threshold: float
    source: str


def load_indicators(own: Path | None = None) -> Indicators:
    """Read the indicators that come with the program, scored as an agency says.

    Args:
        own: the agency's file (docs/reports.md); None, or no such file: it says nothing.

    Raises:
        SettingsError: the agency's file cannot be used; the message names line and nearest code.
    """
    theirs = read_own(own)
    return _ours() if own is None or theirs is None else _scored(_ours(), theirs, str(own))


@cache
def _ours() -> Indicators:
    """Read our own once: they come with the program."""
    text = files("config").joinpath(_FILE).read_text(encoding="utf-8")
    table, place = _parse(text, _FILE)
    items = parse_tables(Indicator, table, "indicator", place)
    return Indicators(version=parse_version(table, place), items=items)


def _scored(ours: Indicators, text: str, file: str) -> Indicators:
    table, place = _parse(text, file)
    said = {}
    for index, item in enumerate(parse_tables(_Own, table, "indicator", place)):
        at = replace(place, header="indicator", index=index)
        at.refuse_values((item.code,), (known.code for known in ours.items), "code")
        if item.max_score < 0 or not 0 < item.threshold <= _WHOLE:
            raise at.refuse(
                "«max_score» phải từ 0, «threshold» phải trên 0 và không quá 100.",
                "max_score must not be negative, threshold must be above 0 and at most 100",
            )
        said[item.code] = item
    items = tuple(_with(item, said.get(item.code)) for item in ours.items)
    return Indicators(version=f"{ours.version}+{parse_version(table, place)}", items=items)


def _with(item: Indicator, said: _Own | None) -> Indicator:
    if said is None:
        return item
    return replace(
        item,
        max_score=said.max_score,
        threshold=said.threshold,
        source=said.source,
        unverified=False,
    )


def _parse(text: str, file: str) -> tuple[Mapping[str, Any], Place]:
    place = Place(file=file, text=text)
    table = parse_toml(text, file)
    refuse_unknown(table, ("version", "indicator"), place)
    return table, place

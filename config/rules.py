"""Dated rule sets: legal constants with their source; a record keeps the version applied."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Legal constants in force from a date (`config/rules/<date>.toml` gives the sources)."""

    version: str
    valid_from: dt.date
    minimum_dpi: int
    """Below this a scan of an administrative paper is told as too coarse."""
    font_points: float
    """Size of the text in the signature block."""
    zone_width_mm: float
    """Width of the zone at the top right where the block may stand."""
    zone_height_mm: float
    edge_mm: float
    """Smallest distance of the block from the page's edges."""
    secret_marks: tuple[str, ...]
    """Marks that stop everything, the gravest first."""
    copy_marks: tuple[str, ...]
    """Marks of papers that are copies, not originals."""


def load_rule_set(on: dt.date) -> RuleSet:
    """Return the newest rule set whose validity began by `on`; the oldest where none had."""
    folder = files("config").joinpath("rules")
    tables = sorted(
        (tomllib.loads(entry.read_text(encoding="utf-8")) for entry in folder.iterdir()),
        key=lambda table: table["valid_from"],
    )
    in_force = [table for table in tables if table["valid_from"] <= on] or tables[:1]
    table = in_force[-1]
    return RuleSet(
        version=table["version"],
        valid_from=table["valid_from"],
        **table["image"],
        **table["block"],
        secret_marks=tuple(table["gate"]["secret_marks"]),
        copy_marks=tuple(table["gate"]["copy_marks"]),
    )

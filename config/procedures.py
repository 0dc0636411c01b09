"""Procedures that an agency states itself, where its one-stop system does not hand them over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.rules import code_rules
from config.tables import (
    Place,
    parse_tables,
    parse_toml,
    parse_version,
    read_own,
    refuse_unknown,
)
from config.vocabulary import Classes

# A province adds its own code, a portal the number of the case: `2.000815.000.00.00.H55.02`.
_LOCAL = r"(?:\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})?(?:\.\d{2})?"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProcedure:
    """[[procedure]]: what a procedure asks for and gives."""

    code: str
    """Mã thủ tục."""
    title: str
    sector: str = ""
    """Lĩnh vực."""
    required: tuple[str, ...] = ()
    """Class codes of the papers it always asks for."""
    optional: tuple[str, ...] = ()
    """Class codes of those it asks for in some cases."""
    shown: tuple[str, ...] = ()
    """Class codes of those it only has shown (TT 01/2023/TT-VPCP Art. 4)."""
    shared: tuple[str, ...] = ()
    """Class codes of those whose data is shared with the agency already (Art. 4)."""
    results: tuple[str, ...] = ()
    """Class codes of the papers it gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProcedures:
    """The agency's file of procedures."""

    version: str
    items: tuple[OwnProcedure, ...]


def load_procedures(path: Path, classes: Classes) -> OwnProcedures:
    """Read an agency's procedures; none where there is no such file.

    Args:
        path: the file (docs/rules.md).
        classes: all kinds of paper, the agency's own included.

    Raises:
        SettingsError: the file cannot be used; the message names line and nearest valid key.
    """
    text = read_own(path)
    if text is None:
        return OwnProcedures(version="", items=())
    place = Place(file=str(path), text=text)
    table: Mapping[str, Any] = parse_toml(text, str(path))
    refuse_unknown(table, ("version", "procedure"), place)
    items = parse_tables(OwnProcedure, table, "procedure", place)
    seen: set[str] = set()
    for index, item in enumerate(items):
        at = Place(file=str(path), text=text, header="procedure", index=index)
        _check(item, classes, at)
        if item.code in seen:
            raise at.refuse(f"mã «{item.code}» ghi hai lần.", f"{item.code!r} twice", "code")
        seen.add(item.code)
    return OwnProcedures(version=parse_version(table, place), items=items)


def _check(item: OwnProcedure, classes: Classes, place: Place) -> None:
    if not re.fullmatch(code_rules().procedure + _LOCAL, item.code, re.ASCII):
        raise place.refuse(
            f"«{item.code}» không phải mã thủ tục, ví dụ 1.001193.",
            f"{item.code!r} is no procedure code such as 1.001193",
            "code",
        )
    known = [kind.code for kind in classes.items]
    for key in ("required", "optional", "shown", "shared", "results"):
        place.refuse_values(getattr(item, key), known, key)

"""Forms of the backup log and of its minutes (`config/backup_forms.toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from config.tables import Place, parse_tables, parse_toml, parse_version, read_own, refuse_unknown

_FILE = "backup_forms.toml"
ACTS = ("backup", "check", "restore", "mend")
KEYS = (
    "number",
    "at",
    "act",
    "kind",
    "set",
    "run",
    "medium",
    "records",
    "items",
    "bytes",
    "sha256",
    "actor",
    "result",
)
"""What a line of the log can tell."""
MINUTES_KEYS = (*KEYS, "agency", "agency_code")
"""What minutes can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """[[column]]: one column of the log."""

    key: str
    """Of `KEYS`."""
    heading: str
    """As the form words it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """[[minutes]]: the minutes of one kind of act."""

    act: str
    """Of `ACTS`."""
    title: str
    """Heading."""
    text: str
    """With `{key}` of `MINUTES_KEYS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupForms:
    """All forms, with the version of their file."""

    version: str
    source: str
    unverified: bool
    """True where the gazetted forms were not at hand."""
    columns: tuple[Column, ...]
    minutes: Mapping[str, Minutes]
    """By act."""


def load_backup_forms(own: Path | None = None) -> BackupForms:
    """Read the forms that come with the program, or an agency's own in their place.

    Args:
        own: the agency's file (docs/backup.md); None, or no such file: ours.

    Raises:
        SettingsError: the agency's file cannot be used; the message names line and nearest key.
    """
    theirs = read_own(own)
    if own is not None and theirs is not None:
        return _read(theirs, str(own))
    return _read(files("config").joinpath(_FILE).read_text(encoding="utf-8"), _FILE)


def _read(text: str, file: str) -> BackupForms:
    place = Place(file=file, text=text)
    table: Mapping[str, Any] = parse_toml(text, file)
    refuse_unknown(table, ("version", "source", "unverified", "column", "minutes"), place)
    columns = parse_tables(Column, table, "column", place)
    for index, column in enumerate(columns):
        at = replace(place, header="column", index=index)
        at.refuse_values((column.key,), KEYS, "key")
    minutes = parse_tables(Minutes, table, "minutes", place)
    for index, form in enumerate(minutes):
        _check(form, replace(place, header="minutes", index=index))
    missing = [act for act in ACTS if act not in {form.act for form in minutes}]
    if missing or not columns:
        lacking = ", ".join(missing) or "column"
        raise place.refuse(f"thiếu mẫu: {lacking}.", f"forms are missing: {lacking}")
    return BackupForms(
        version=parse_version(table, place),
        source=str(table.get("source", "")),
        unverified=bool(table.get("unverified", False)),
        columns=columns,
        minutes={form.act: form for form in minutes},
    )


def _check(form: Minutes, place: Place) -> None:
    place.refuse_values((form.act,), ACTS, "act")
    try:
        named = [name for _, name, _, _ in Formatter().parse(form.text) if name is not None]
    except ValueError as error:
        raise place.refuse(
            f"dấu ngoặc nhọn không khớp: {error}.", f"unmatched braces: {error}", "text"
        ) from error
    place.refuse_values(named, MINUTES_KEYS, "text")

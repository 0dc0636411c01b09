"""Which fields each kind of paper has, by the labels of its forms (`config/fields.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.own_places import OwnPlaces, load_own_places
from config.signatories import Signatories


class FieldKind(StrEnum):
    """What may stand in a field."""

    NAME = "name"
    """Of a person; begins what is said of that person."""
    DATE = "date"
    """ISO, from digits or words."""
    YEAR = "year"
    PERSONAL_NUMBER = "personal_number"
    """Twelve digits of a possible person."""
    PATTERN = "pattern"
    """What a pattern of the rule matches, right behind the label."""
    TEXT = "text"
    """Running words to the next label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """One field of some kinds of paper."""

    name: str
    """Field name of docs/glossary.md."""
    kind: FieldKind
    classes: tuple[str, ...]
    """Codes of the kinds of paper that have it."""
    labels: tuple[str, ...]
    """As printed, the surest first."""
    of: str = ""
    """Field of the person that it is said of; empty for a field of the paper."""
    pattern: str = ""
    """For PATTERN: of the whole value."""
    inline: bool = False
    """Its labels count within a clause too; else where a line or a part of one begins."""
    like: str = ""
    """Pattern of the whole of other labels, folded, that mean it as well; empty for none."""
    is_span: bool = False
    """Of two days, «từ ... đến ...», the second one is meant."""
    is_alone: bool = False
    """Nothing but the name may stand behind the label: an office there says whose letter it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """All fields, with the version of their file."""

    version: str
    """Of our file; with an agency's own places, `<ours>+<theirs>`."""
    rules: tuple[FieldRule, ...]
    persons: tuple[str, ...]
    """Labels of persons that no field is read of: what follows is said of them."""
    others: tuple[str, ...]
    """Labels of what no field is read of; they end the value before them."""
    places: OwnPlaces = field(default_factory=OwnPlaces)
    """What the agency lists of its places and offices."""
    signatories: Signatories = field(default_factory=Signatories)
    """Who signed for offices before, as its people wrote it."""

    def of_class(self, code: str) -> tuple[FieldRule, ...]:
        """Return the fields of one kind of paper."""
        return tuple(rule for rule in self.rules if code in rule.classes)


def load_field_rules(own: Path | None = None) -> FieldRules:
    """Read the fields that come with the program, and the places that an agency lists.

    Args:
        own: the agency's file of places (docs/rules.md); None, or one that is not there: none.

    Raises:
        SettingsError: the agency's file cannot be used.
    """
    ours, places = _ours(), load_own_places(own)
    if not places.version:
        return ours
    return replace(ours, version=f"{ours.version}+{places.version}", places=places)


@cache
def _ours() -> FieldRules:
    text = files("config").joinpath("fields.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return FieldRules(
        version=table["version"],
        rules=tuple(_rule(entry, table["shared"], table["words"]) for entry in table["field"]),
        persons=tuple(table["persons"]),
        others=tuple(table["others"]),
    )


def _rule(entry: dict[str, Any], shared: dict[str, list[str]], words: dict[str, str]) -> FieldRule:
    labels = [label for text in entry["labels"] for label in shared.get(text, [text])]
    like = entry.get("like", "")
    for name, pattern in words.items():
        like = like.replace(name, pattern)
    spelled = {**entry, "labels": list(dict.fromkeys(labels)), "like": like}
    lists = {key: tuple(value) for key, value in spelled.items() if isinstance(value, list)}
    return FieldRule(**{**spelled, **lists, "kind": FieldKind(entry["kind"])})

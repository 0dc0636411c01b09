"""Places and offices that an agency lists itself, as the headings of its papers name them.

The State's list has the provinces (`config/places.toml`) and the usual offices (`config.offices`);
communes and wards are many and change, so each agency lists those that it has to do with.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.offices import LEVELS, OFFICES, with_own
from config.tables import (
    Place,
    parse_tables,
    parse_toml,
    parse_version,
    read_own,
    refuse_unknown,
)
from config.vietnamese import fold

_STROKES = ("-", "–")
_DOUBLED = re.compile(r"([aeiouy])\1+")
# Letters, digits (PHƯỜNG 14) and what joins them (Ea H'leo, Bà Rịa - Vũng Tàu); of offices a comma.
_NAME = re.compile(r"[^\W_]+(?:['’.,]?(?: - | – | |-)?[^\W_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPlaces:
    """What one agency lists; by default nothing."""

    version: str = ""
    """Of its file; empty where there is none."""
    spellings: Mapping[tuple[str, ...], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Levels and spellings of places by their letters (`letters_of`)."""
    offices: tuple[tuple[str, ...], ...] = OFFICES
    """The State's and its own, as `config.offices` has them."""

    def named(self, parts: Iterable[str], level: str = "") -> tuple[str, ...]:
        """Return the spellings of the places that letters may name, NFC.

        Args:
            parts: the words of the name, without what stands between them.
            level: the last word of the level before it, folded; empty where none stands there.
        """
        found = self.spellings.get(letters_of(parts), ())
        return tuple(
            dict.fromkeys(name for of, name in found if not level or fold(of).split()[-1] == level)
        )

    def is_beginning(self, parts: Iterable[str]) -> bool:
        """Tell whether words are the beginning of a listed name, and no whole one themselves."""
        read = letters_of(parts)
        return read not in self.spellings and any(
            name[: len(read)] == read for name in self.spellings
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlacesEntry:
    """[[places]]: names of one level."""

    level: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfficesEntry:
    """[[offices]]: what offices are called, without the name of their place."""

    names: tuple[str, ...]


def letters_of(parts: Iterable[str]) -> tuple[str, ...]:
    """Return the words of a name without marks, and vowels once that were read twice: KIẾỂM."""
    return tuple(_DOUBLED.sub(r"\1", fold(part)) for part in parts)


def load_own_places(path: Path | None) -> OwnPlaces:
    """Read an agency's places and offices; none where there is no such file.

    Args:
        path: the file (docs/rules.md); None for none.

    Raises:
        SettingsError: the file cannot be used; the message names line and nearest valid key.
    """
    text = read_own(path)
    if text is None:
        return OwnPlaces()
    top = Place(file=str(path), text=text)
    table = parse_toml(text, str(path))
    refuse_unknown(table, ("version", "places", "offices"), top)
    spellings: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for index, entry in enumerate(parse_tables(_PlacesEntry, table, "places", top)):
        place = replace(top, header="places", index=index)
        place.refuse_values([entry.level], LEVELS, "level")
        for name in _checked(entry.names, place):
            _refuse_level(name, place)
            parts = letters_of(part for part in name.split() if part not in _STROKES)
            spellings[parts].append((entry.level, name))
    offices = [
        name
        for index, entry in enumerate(parse_tables(_OfficesEntry, table, "offices", top))
        for name in _checked(entry.names, replace(top, header="offices", index=index))
    ]
    return OwnPlaces(
        version=parse_version(table, top),
        spellings={parts: tuple(found) for parts, found in spellings.items()},
        offices=with_own(offices),
    )


def _checked(names: Iterable[str], place: Place) -> Iterable[str]:
    for name in names:
        plain = " ".join(unicodedata.normalize("NFC", name).split())
        if not _NAME.fullmatch(plain):
            raise place.refuse(
                f"«{name}» không phải một tên; hãy ghi như «Bà Rịa - Vũng Tàu», mỗi tên một mục.",
                f"{name!r} is no name; write one name an item, such as 'Bà Rịa - Vũng Tàu'",
                "names",
            )
        yield plain


def _refuse_level(name: str, place: Place) -> None:
    """Refuse a name that begins with a level: headings that have none would never be known by it.

    Raises:
        SettingsError: it does.
    """
    level = next((item for item in LEVELS if name.lower().startswith(f"{item} ")), None)
    if level is not None:
        raise place.refuse(
            f"«{name}»: hãy bỏ chữ «{level}», cấp đã ghi ở «level».",
            f"{name!r}: leave out {level!r}, which 'level' says already",
            "names",
        )

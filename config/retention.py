"""How long papers are kept: by kind of paper and by procedure, ours and the office's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from config.rules import RetentionPeriod, code_rules
from config.tables import (
    Place,
    parse_table,
    parse_tables,
    parse_toml,
    parse_version,
    read_own,
    refuse_unknown,
)
from config.vocabulary import Classes

FOR_EVER, OTHER = "01", "07"
"""Codes of the terms that no number of years goes with, or one that is stated."""
Origin = Literal["class", "procedure", "default", "dossier"]
"""What a term was stated for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long something is kept, and who says so."""

    code: str
    """Thời hạn lưu trữ, 01 to 07 (TT 05/2025/TT-BNV)."""
    years: int | None
    """Years after the end of the year in which the work ended; None: for ever."""
    source: str
    """Where that stands."""
    origin: Origin
    """What it was stated for."""
    unverified: bool = False
    """Nobody compared it with the law, and the office has not stated it either."""

    @property
    def length(self) -> float:
        """Return the years, endless for ever: the longest term wins."""
        return float("inf") if self.years is None else float(self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRules:
    """All terms that are stated, by code."""

    version: str
    """Of our file; with an office's own, `<ours>+<theirs>`."""
    classes: Mapping[str, Term]
    """By kind of paper."""
    procedures: Mapping[str, Term]
    """By procedure."""
    default: Term
    """What neither names."""

    def term_of(self, class_code: str, procedure_code: str | None) -> Term:
        """Return the longer term of a kind of paper and a procedure; of none, the default."""
        stated = (self.classes.get(class_code), self.procedures.get(procedure_code or ""))
        return longest([term for term in stated if term] or [self.default])


def longest(terms: list[Term]) -> Term:
    """Return the longest term; of equal ones the one that somebody verified."""
    return max(terms, key=lambda term: (term.length, not term.unverified))


def make_term(
    periods: tuple[RetentionPeriod, ...], code: str, years: int, source: str, origin: Origin
) -> Term | None:
    """Make a term of a code; None where the code, or years beside it, cannot be.

    Args:
        periods: the codes and their years, of the rule set.
        code: 01 to 07.
        years: of 07; 0 for every other code.
        source: where it stands.
        origin: what it was stated for.
    """
    known = next((period for period in periods if period.code == code), None)
    if known is None or (years > 0) != (code == OTHER):
        return None
    counted = None if code == FOR_EVER else years or known.years
    return Term(code=code, years=counted, source=source, origin=origin)


def load_retention(
    periods: tuple[RetentionPeriod, ...], own: Path | None = None, classes: Classes | None = None
) -> RetentionRules:
    """Read the terms that come with the program, and those that an office states itself.

    An office's term takes the place of ours for the same kind of paper or procedure, and is never
    unverified: whoever writes it has looked.

    Args:
        periods: the codes and their years, of the rule set.
        own: the office's file (docs/disposal.md); None, or a file that is not there: it has none.
        classes: kinds of paper that the office's file may name; None: any.

    Raises:
        SettingsError: a file cannot be used; the message names line and nearest valid key.
    """
    text = files("config").joinpath("retention.toml").read_text("utf-8")
    ours = _parse(text, "retention.toml", _Ground(periods=periods))
    stated = read_own(own)
    if own is None or stated is None:
        return _joined(ours)
    ground = _Ground(periods=periods, is_own=True, classes=classes)
    return _joined(ours, _parse(stated, str(own), ground))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Default:
    """[default]."""

    term: str
    source: str
    years: int = 0
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """[[class]] or [[procedure]]."""

    code: str
    term: str
    source: str
    years: int = 0
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a file is read against."""

    periods: tuple[RetentionPeriod, ...]
    is_own: bool = False
    classes: Classes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file of terms."""

    version: str
    classes: Mapping[str, Term]
    procedures: Mapping[str, Term]
    default: Term | None


def _joined(ours: _File, theirs: _File | None = None) -> RetentionRules:
    default = theirs.default if theirs and theirs.default else ours.default
    assert default is not None, "our own file states it"
    return RetentionRules(
        version=f"{ours.version}+{theirs.version}" if theirs else ours.version,
        classes={**ours.classes, **(theirs.classes if theirs else {})},
        procedures={**ours.procedures, **(theirs.procedures if theirs else {})},
        default=default,
    )


def _parse(text: str, file: str, ground: _Ground) -> _File:
    place = Place(file=file, text=text)
    table: Mapping[str, Any] = parse_toml(text, file)
    refuse_unknown(table, ("version", "default", "class", "procedure"), place)
    default = None
    if "default" in table:
        at = replace(place, header="default")
        default = _term(parse_table(_Default, table["default"], at), "default", at, ground)
    return _File(
        version=parse_version(table, place),
        classes=_terms(table, "class", place, ground),
        procedures=_terms(table, "procedure", place, ground),
        default=default,
    )


def _terms(
    table: Mapping[str, Any],
    header: Literal["class", "procedure"],
    place: Place,
    ground: _Ground,
) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for index, stated in enumerate(parse_tables(_Stated, table, header, place)):
        at = replace(place, header=header, index=index)
        if stated.code in found:
            raise at.refuse(f"mã «{stated.code}» ghi hai lần.", f"{stated.code!r} twice", "code")
        if header == "procedure":
            _check_procedure(stated.code, at)
        elif ground.classes is not None:
            at.refuse_values((stated.code,), [kind.code for kind in ground.classes.items], "code")
        found[stated.code] = _term(stated, header, at, ground)
    return found


def _check_procedure(code: str, place: Place) -> None:
    # A province's own ending may follow; the register writes it as the one-stop system does.
    if re.match(code_rules().procedure, code, re.ASCII) is None:
        raise place.refuse(
            f"«{code}» không phải mã thủ tục, ví dụ 1.001193.",
            f"{code!r} is no procedure code such as 1.001193",
            "code",
        )


def _term(stated: _Default | _Stated, origin: Origin, place: Place, ground: _Ground) -> Term:
    made = make_term(ground.periods, stated.term, stated.years, stated.source, origin)
    if made is None:
        raise place.refuse(
            f"thời hạn «{stated.term}» không đúng: dùng 01 đến 07; «years» chỉ đi với 07 và phải "
            "từ 1 năm.",
            f"no such term: {stated.term!r}; 01 to 07, and 'years' (from 1) with 07 alone",
            "term",
        )
    return replace(made, unverified=stated.unverified and not ground.is_own)

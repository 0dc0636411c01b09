"""Whose term is over: each record's longest term, from the end of the year in which its work ended.

A record in several dossiers is kept as long as any of them asks. Where the register does not say
when the work of a dossier ended, nothing is counted: such papers are listed as unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from config.retention import RetentionRules, Term, longest, make_term
from config.rules import RetentionPeriod
from storage.canonical import canonical_text
from storage.damaged_rows import Garbled
from storage.database import Database
from storage.errors import RowDamaged
from storage.retention import OwnTerm, is_held

Ground = Literal["expired", "duplicate"]
"""Why a paper may be destroyed."""
CountedFrom = Literal["settled", "result"]
"""What the register says of the end: the case was settled, or its result was issued."""

# What a place tells by which its term is found.
_FINDING_TERMS = ("class_code", "procedure_code", "dossier_code")
_THESE = "IN (SELECT value FROM json_each(:ids))"
_PAPERS = """SELECT record.number, record.id, record.class_code, record.class_name, record.title,
    link.dossier_code, dossier.procedure_code, dossier.settled_at,
    (SELECT max(issue_date) FROM procedure_result
        WHERE dossier_code = link.dossier_code) AS issued_at
    FROM record JOIN link ON link.record = record.number
    LEFT JOIN dossier ON dossier.code = link.dossier_code
    WHERE {these} ORDER BY record.number, link.seq"""
# Scanned again and replaced, as the same kind of paper and the same result: the later scan stands
# for it. Or the same paper of the same bytes, filed twice: the first does. Whatever stands for a
# paper lies in every dossier that the paper lies in, or one of them would lose it.
_DUPLICATES = """SELECT record.id, later.id AS kept FROM record
    JOIN version ON version.supersedes = record.id AND version.kind = 'replacement'
    JOIN record AS later ON later.id = version.record_id AND later.class_code = record.class_code
    WHERE {these} AND NOT EXISTS (SELECT 1 FROM link AS there WHERE there.record = record.number
        AND NOT EXISTS (SELECT 1 FROM link AS here WHERE here.record = later.number
            AND here.dossier_code = there.dossier_code AND here.role = there.role
            AND here.procedure_result_code IS there.procedure_result_code))
    UNION ALL SELECT record.id, first.id FROM record
    JOIN record AS first ON first.original_sha256 = record.original_sha256
        AND first.paper = record.paper AND first.number < record.number
        AND first.class_code = record.class_code AND first.submission_id <> record.submission_id
    WHERE {these} AND NOT EXISTS (SELECT 1 FROM link AS there WHERE there.record = record.number
        AND NOT EXISTS (SELECT 1 FROM link AS here WHERE here.record = first.number
            AND here.dossier_code = there.dossier_code))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How long a record is to be kept."""

    record_id: str
    """The record."""
    class_code: str
    """Mã loại giấy tờ."""
    class_name: str
    """Its Vietnamese name."""
    title: str
    """Title of the paper."""
    dossiers: tuple[str, ...]
    """Mã hồ sơ, the first place first."""
    term: Term
    """The longest that anything asks for."""
    ended_on: date | None
    """Day on which the work ended; of several dossiers the last; None: not known."""
    counted_from: CountedFrom | None
    """What says so."""
    expires_on: date | None
    """First day after the term; None: never, or not known."""
    is_held: bool
    """A hold stands on it or on one of its dossiers."""
    duplicate_of: str | None
    """The record that stands for it, where it is one too many."""

    def ground(self, on: date) -> Ground | None:
        """Return why it may be destroyed on a day, or None."""
        is_over = self.expires_on is not None and self.expires_on <= on
        # That another paper stands for it counts where the term alone would not do.
        if self.duplicate_of is not None and (self.term.unverified or not is_over):
            return "duplicate"
        return "expired" if is_over else None

    @property
    def is_unknown(self) -> bool:
        """Whether its term cannot be counted."""
        return self.ended_on is None and self.term.years is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What terms are found by."""

    rules: RetentionRules
    """Terms by kind of paper and procedure."""
    periods: tuple[RetentionPeriod, ...]
    """Codes of terms and their years."""
    own_terms: Mapping[str, OwnTerm]
    """Terms of single dossiers."""
    held: frozenset[str]
    """Dossier codes and record ids that a hold stands on."""

    def term_of(self, class_code: str, procedure_code: str | None, dossier_code: str) -> Term:
        """Return the longest term that kind, procedure and dossier ask for."""
        term = self.rules.term_of(class_code, procedure_code)
        own = self.own_terms.get(dossier_code)
        stated = own and make_term(self.periods, own.code, own.years, "hồ sơ", "dossier")
        return longest([term, stated]) if stated else term


def standings(
    db: Database, keeping: Keeping, record_ids: Collection[str] | None = None
) -> Iterator[Standing]:
    """Yield how long each record, or each of some, is to be kept; the oldest first.

    Args:
        db: records.db.
        keeping: what terms are found by.
        record_ids: which records; None for all.
    """
    these = "true" if record_ids is None else f"record.id {_THESE}"
    chosen = {} if record_ids is None else {"ids": canonical_text(sorted(record_ids))}
    duplicates = {
        row["id"]: row["kept"] for row in db.salvaged(_DUPLICATES.format(these=these), chosen)
    }
    rows = _salvaging(db, _PAPERS.format(these=these), chosen)
    for _, places in groupby(rows, key=itemgetter("number")):
        yield _standing(list(places), keeping, duplicates)


def _salvaging(db: Database, query: str, values: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield rows one by one; from the first damaged one on, what is left of them."""
    count = 0
    try:
        for row in db.iterate(query, values):
            count += 1
            yield row
    except RowDamaged:
        yield from db.salvaged(query, values)[count:]


def _standing(
    places: list[dict[str, Any]], keeping: Keeping, duplicates: Mapping[str, str]
) -> Standing:
    first = places[0]
    codes = tuple(place["dossier_code"] for place in places)
    counted = [_counted(place, keeping) for place in places]
    ended = [one.ended_on for one in counted]
    expiries = [one.expires_on for one in counted]
    known = [day for day in ended if day is not None]
    over = [day for day in expiries if day is not None]
    last = max(counted, key=lambda one: one.ended_on or date.min)
    return Standing(
        record_id=first["id"],
        class_code=first["class_code"],
        class_name=first["class_name"],
        title=first["title"],
        dossiers=codes,
        term=longest([one.term for one in counted]),
        ended_on=max(known) if len(known) == len(ended) else None,
        counted_from=last.counted_from,
        expires_on=max(over) if len(over) == len(expiries) else None,
        is_held=is_held(keeping.held, first["id"], codes),
        duplicate_of=duplicates.get(first["id"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """The term of a record in one of its dossiers."""

    term: Term
    ended_on: date | None
    counted_from: CountedFrom | None
    expires_on: date | None


def _counted(place: dict[str, Any], keeping: Keeping) -> _Counted:
    term = keeping.term_of(place["class_code"], place["procedure_code"], place["dossier_code"])
    origin: CountedFrom | None = None
    if place["settled_at"] is not None:
        origin = "settled"
    elif place["issued_at"] is not None:
        origin = "result"
    written = place["settled_at"] or place["issued_at"]
    # The term of a damaged code would be that of something else, and could be over sooner.
    is_known = not any(isinstance(place[code], Garbled) for code in _FINDING_TERMS)
    ended = _day(written) if is_known else None
    return _Counted(
        term=term, ended_on=ended, counted_from=origin, expires_on=first_day_after(term, ended)
    )


def _day(written: str | None) -> date | None:
    """Return a day of the register; of a damaged one nothing is known, so nothing ends by it."""
    with suppress(ValueError):
        return None if written is None else date.fromisoformat(written)
    return None


def first_day_after(term: Term, ended: date | None) -> date | None:
    """Return the first day after a term; None for ever, where the end is not known or too far.

    Years are counted from the end of the year in which the work ended.
    """
    if ended is None or term.years is None or ended.year + 1 + term.years > date.max.year:
        return None
    return date(ended.year + 1 + term.years, 1, 1)

"""What is asked of the index, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which records may be found: any of the values of each list; an empty list allows all."""

    agency: tuple[str, ...] = ()
    """Mã định danh of the agencies; the scope of a person is given here, never in the query."""
    year: tuple[str, ...] = ()
    """Years of filing, Vietnam time."""
    procedure: tuple[str, ...] = ()
    """Mã thủ tục."""
    class_code: tuple[str, ...] = ()
    """Mã loại giấy tờ."""
    verdict: tuple[str, ...] = ()
    """Overall indications."""
    role: tuple[str, ...] = ()
    """Roles in a dossier."""
    dossier: tuple[str, ...] = ()
    """Mã hồ sơ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One page of a search."""

    query: str = ""
    """What was typed; blank lists everything."""
    limit: int = 20
    """At most so many records, 1 to 1,000."""
    after: str | None = None
    """`next` of the page before."""
    overlay: bool = False
    """Look into seals, stamps and pen strokes too."""
    filters: Filters = field(default_factory=Filters)
    """Limits that no query can lift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page on which the query was found."""

    page: int
    """Page number, from 1."""
    line: int
    """Line of the page's text that answers best, from 1; of its overlay where it stands there."""
    overlay: bool = False
    """It was read in a seal, a stamp or pen strokes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A record that was found."""

    record_id: str
    """The record."""
    hits: tuple[Hit, ...]
    """Pages in order; empty where only the description of the record matched."""
    tier: int
    """1: spelled as typed and standing together; 2: spelled as typed; 3: together, without regard
    to diacritics; 4: without regard to diacritics; 0: listed, nothing typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of answers."""

    records: tuple[SearchHit, ...]
    """By tier, then newest first."""
    next: str | None
    """Cursor of the next page, or None."""
    count: int
    """How many records match."""
    more: bool
    """True where `count` is only a lower bound, as matches are counted up to 10,000 pages."""

"""What is asked of the index, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Order = Literal["newest", "relevance"]
Kind = Literal["papers", "dossiers"]


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
    holder: tuple[str, ...] = ()
    """Chủ giấy tờ: whole names, diacritics or not, or their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One page of a search."""

    query: str = ""
    """What was typed; blank lists everything."""
    limit: int = 20
    """At most so many answers, 1 to 1,000."""
    after: str | None = None
    """`next` of the page before."""
    kind: Kind = "papers"
    """Papers by all that is on them, or dossiers by code, title and names."""
    order: Order = "newest"
    """Within a tier: the newest first, or the best of the newest 2,000 first."""
    overlay: bool = False
    """Look into seals, stamps and pen strokes too."""
    near: bool = False
    """Take words one letter away as well, for what recognition misread; they come last."""
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
    to diacritics; 4: without regard to diacritics; 5: with words one letter away; 0: listed,
    nothing typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierHit:
    """A dossier that was found."""

    code: str
    """Mã hồ sơ."""
    tier: int
    """As for a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of answers."""

    records: tuple[SearchHit, ...] = ()
    """By tier, then in the order asked for; of a search for papers."""
    dossiers: tuple[DossierHit, ...] = ()
    """The same of a search for dossiers."""
    next: str | None = None
    """Cursor of the next page, or None."""
    count: int = 0
    """How many records, or dossiers, match."""
    more: bool = False
    """True where `count` is only a lower bound, as matches are counted up to 10,000."""
    newest: tuple[int, ...] = field(default=(), compare=False)
    """Row numbers of the newest that match, as many as filters count: no part of the answer."""

    def knows(self, wanted: int) -> bool:
        """Tell whether `newest` has all that match, or as many as are wanted."""
        return len(self.newest) >= wanted or (not self.more and len(self.newest) == self.count)

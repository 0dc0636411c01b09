"""How many of the papers found are of which agency, kind, year, verdict: of the newest ones.

What is counted of a paper is remembered until a change of the archive names the paper: most
searches find, among the newest, papers that searches before them found.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from storage.canonical import canonical_text
from storage.damaged_rows import read_each, require_whole
from storage.database import Database
from storage.scopes import AGENCY, IN_SCOPE

COUNTED = 1_000
"""So many of the newest matches are counted: counting all would cost more than finding them."""
EVERY_VALUE = 1 << 30
"""More values than there can be, for who wants to be told all."""

# Papers of a worker: some megabytes. With more all are forgotten.
_REMEMBERED = 20_000
# More changes than these are not looked at one by one.
_MOST_CHANGES = 1_000
_PLACES = (
    "SELECT record.number, class_code, verdict, "  # noqa: S608  # our own names
    f"strftime('%Y', filed_at, '+7 hours') AS year, link.role, {AGENCY} AS agency, "
    "dossier.procedure_code AS procedure FROM json_each(:numbers) AS asked "
    "CROSS JOIN record ON record.number = asked.value JOIN link ON link.record = record.number "
    "LEFT JOIN dossier ON dossier.code = link.dossier_code"
)
_OUTSIDE = (
    "SELECT DISTINCT link.record AS number FROM link "  # noqa: S608  # our own names
    "LEFT JOIN dossier ON dossier.code = link.dossier_code "
    f"WHERE link.record IN (SELECT value FROM json_each(:numbers)) AND NOT {IN_SCOPE}"
)
_LAST_CHANGE = "SELECT max(seq) AS seq FROM change"
_CHANGED = "SELECT record FROM change WHERE seq > ? LIMIT ?"
_OF_RECORD = ("class_code", "verdict", "year")
_OF_PLACES = ("role", "agency", "procedure")
_KINDS = (*_OF_RECORD, *_OF_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """How many of the papers counted have a value."""

    value: str
    """As a filter takes it."""
    count: int
    """Papers that have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What a search could be narrowed by; each list the most frequent first."""

    of: int
    """Papers counted: the newest that match, 1,000 at most."""
    agency: tuple[FacetCount, ...]
    """Mã định danh of the agencies."""
    procedure: tuple[FacetCount, ...]
    """Mã thủ tục."""
    role: tuple[FacetCount, ...]
    """Roles in a dossier."""
    class_code: tuple[FacetCount, ...]
    """Mã loại giấy tờ."""
    verdict: tuple[FacetCount, ...]
    """Overall indications at filing."""
    year: tuple[FacetCount, ...]
    """Years of filing, Vietnam time."""


Values = str | tuple[str, ...]
"""One value, as nearly every paper has, or several: text alone is counted in half the time."""


class _Counted(NamedTuple):
    """What is counted of a paper: of each kind every value once, in however many places it is."""

    class_code: Values
    verdict: Values
    year: Values
    role: Values
    agency: Values
    procedure: Values
    places: tuple[tuple[str, ...], ...]
    """Role, agency and procedure of each place, where there are several."""


class FacetCounter:
    """Counts papers of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._guard = threading.Lock()
        self._seen = 0
        self._known: dict[int, _Counted] = {}
        # Most papers have values that others have: each is kept once.
        self._shared: dict[str, str] = {}

    def count(
        self, numbers: Sequence[int], scope: Sequence[str] = (), most: int = EVERY_VALUE
    ) -> Facets:
        """Count what papers have, by filing number.

        Args:
            numbers: what `SearchIndex.newest` gave.
            scope: agencies of whose dossiers alone something is told; empty for all.
            most: of each list so many values are told, the most frequent.
        """
        counted = self._look_up(numbers)
        if scope:
            shown = frozenset(scope)
            counted = [_within(item, shown) for item in counted]
        columns = zip(*counted, strict=True) if counted else repeat(())
        found = {name: _tally(column, most) for name, column in zip(_KINDS, columns, strict=False)}
        return Facets(of=len(numbers), **found)

    def _look_up(self, numbers: Sequence[int]) -> list[_Counted]:
        with self._guard:
            # Before what is new is read: what changes meanwhile is forgotten the next time.
            self._forget_changed()
            known = list(map(self._known.get, numbers))
            if None in known:
                self._learn(numbers)
                known = list(map(self._known.get, numbers))
            # A damaged paper is named where it is listed; of what it was nothing can be counted.
            return list(filter(None, known))

    def _learn(self, numbers: Sequence[int]) -> None:
        missing = [number for number in numbers if number not in self._known]
        if len(self._known) + len(missing) > _REMEMBERED:
            self._forget()
            missing = list(numbers)
        rows = self._db.salvaged(_PLACES, {"numbers": canonical_text(missing)})
        found = {number: list(all_) for number, all_ in groupby(rows, itemgetter("number"))}
        whole, _ = read_each(lambda number: self._counted(found[number]), found)
        self._known |= whole

    def _counted(self, rows: Sequence[dict[str, Any]]) -> _Counted:
        """Return what is counted of a paper, by its row for each place."""
        for row in rows:
            require_whole(row)
        alone = _Counted(**{name: self._once(rows[0][name] or "") for name in _KINDS}, places=())
        if len(rows) == 1:
            return alone
        return _placed(alone, tuple(tuple(row[name] or "" for name in _OF_PLACES) for row in rows))

    def _once(self, value: str) -> str:
        return self._shared.setdefault(value, value)

    def _forget_changed(self) -> None:
        row = self._db.row(_LAST_CHANGE)
        last = (row["seq"] if row else None) or 0
        if last == self._seen:
            return
        changed = list(self._db.values(_CHANGED, (self._seen, _MOST_CHANGES)))
        # Changes of papers that were destroyed are gone: the last one may be an earlier one.
        if last < self._seen or len(changed) == _MOST_CHANGES:
            self._forget()
        for number in changed:
            self._known.pop(number, None)
        self._seen = last

    def _forget(self) -> None:
        self._known.clear()
        self._shared.clear()


def _placed(counted: _Counted, places: tuple[tuple[str, ...], ...]) -> _Counted:
    """Return what is counted of a paper that lies in these places."""
    named = {name: tuple({place[at] for place in places}) for at, name in enumerate(_OF_PLACES)}
    return counted._replace(**named, places=places)


def _within(counted: _Counted, scope: frozenset[str]) -> _Counted:
    """Return what is counted of a paper where only the dossiers of some agencies are told of."""
    agencies = counted.agency
    if scope.issuperset((agencies,) if isinstance(agencies, str) else agencies):
        return counted
    at = _OF_PLACES.index("agency")
    return _placed(counted, tuple(place for place in counted.places if place[at] in scope))


def _tally(column: Iterable[Values], most: int) -> tuple[FacetCount, ...]:
    """Count how many papers have each value, the most frequent first."""
    tally: Counter[Any] = Counter(column)
    for values in [each for each in tally if type(each) is tuple]:
        count = tally.pop(values)
        for value in values:
            tally[value] += count
    tally.pop("", None)
    # Only what may be told is put in order: of some hundred values most are not.
    least = min(nlargest(most, tally.values()), default=0)
    frequent = [(value, count) for value, count in tally.items() if count >= least]
    frequent.sort(key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value=value, count=count) for value, count in frequent[:most])


def partly_outside(db: Database, numbers: Sequence[int], scope: Sequence[str]) -> set[int]:
    """Return which of some papers also lie in dossiers of agencies outside a scope."""
    among = {"numbers": canonical_text(list(numbers)), "scope": canonical_text(list(scope))}
    return {row["number"] for row in db.rows(_OUTSIDE, among)}

"""Everything that the archive holds on one person, found by number, then by the names beside it.

A number says who somebody is; a name does not. What only a name points at is offered as possible,
for an officer to judge, and never handed to the person as theirs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.vietnamese import fold
from storage.archive import Archive
from storage.canonical import canonical_text
from storage.database import Database
from storage.model import Record
from storage.personal_others import entry_without, names_any, result_without, words_of
from storage.register import Dossier, ProcedureResult
from storage.reuse import OWNER_FIELDS
from storage.search_values import Filters, SearchRequest

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "holder": (
        "personal_number",
        "old_number",
        "passport_number",
        "business_code",
        "birth_date",
        "death_date",
        "marital_status",
    ),
    "husband": ("husband_number", "husband_birth_date"),
    "wife": ("wife_number", "wife_birth_date"),
    "father": (),
    "mother": (),
    "transferor": ("transferor_number",),
    "agent": ("agent_number",),
    "signatory": ("signatory_title",),
}
"""Whom a paper can speak of, by the field of the name, and what else is said of that person."""
_BESIDE = ("personal_number", "old_number", "passport_number")
_NUMBERS = ("personal_number", "old_number", "passport_number", "business_code")
# Not the signatory: an officer's name on a thousand papers makes none of them that officer's.
_NAMED = tuple(name for name in PEOPLE if name != "signatory")
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A record that speaks of the person."""

    record: Record
    """The record."""
    roles: tuple[str, ...]
    """As whom it does: of `PEOPLE`; empty where only its text holds the number."""
    why: str
    """`number`, `name`, `text` or `said`: an officer says that it is this person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table that holds the number or a name as text."""

    table: str
    """Its name."""
    column: str
    """Its column."""
    rows: int
    """How many rows of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held on one person."""

    numbers: tuple[str, ...]
    """What was asked for, then other numbers of the person that papers with it tell."""
    names: tuple[str, ...]
    """Names beside that number, as they are spelled."""
    own: tuple[Paper, ...]
    """Papers of which the person is an owner."""
    mentioned: tuple[Paper, ...]
    """Papers of others with the number on them."""
    possible: tuple[Paper, ...]
    """Papers with one of the names and no number that tells whose it is; and those with a number
    that other persons have too, as old cards did."""
    dossiers: tuple[Dossier, ...]
    """Register entries that name the person and hold one of the own papers; others left out."""
    possible_dossiers: tuple[Dossier, ...]
    """Register entries that name somebody so, and hold none."""
    results: tuple[ProcedureResult, ...]
    """Results of those dossiers that name the person."""
    in_work: tuple[str, ...]
    """Ids of submissions that are not filed and hold number or name."""
    places: tuple[Place, ...]
    """Tables with number or name in them: what an export must cover."""
    index_lag: int
    """How far the search index is behind: so many papers may hold the number unseen."""


def find_person(
    archive: Archive, number: str, names: Sequence[str] = (), said: Sequence[str] = ()
) -> Held:
    """Find everything held on a person.

    Args:
        archive: Where.
        number: As a field holds it.
        names: More names of the person, beside those that papers tell.
        said: Ids of records that an officer says are this person's.
    """
    archive.keep_up()
    with archive.db.snapshot():
        numbers, sure, unsure = _by_numbers(archive, number)
        sure += [paper for paper in _said(archive, said) if not _has(sure, paper.record.id)]
        own = [paper for paper in sure if is_owner(paper)]
        known = _names([*(_name_of(paper) for paper in own), *names])
        seen = {paper.record.id for paper in sure}
        mentioned = [paper for paper in sure if not is_owner(paper)]
        mentioned += [
            Paper(record=record, roles=(), why="text")
            for record in _by_text(archive, numbers)
            if record.id not in seen and not _has(unsure, record.id)
        ]
        seen |= {paper.record.id for paper in mentioned}
        possible = {paper.record.id: paper for paper in (*unsure, *_by_name(archive, known))}
        entries = [*_dossiers(archive, known)]
        folded = [fold(name) for name in known]
        others = frozenset[str]().union(*map(strangers_on, own)) - set(folded)
        theirs = {link.dossier_code for paper in own for link in paper.record.links}
        return Held(
            numbers=numbers,
            names=known,
            own=tuple(own),
            mentioned=tuple(mentioned),
            possible=tuple(paper for key, paper in possible.items() if key not in seen),
            dossiers=tuple(
                entry_without(entry, folded, others) for entry in entries if entry.code in theirs
            ),
            possible_dossiers=tuple(entry for entry in entries if entry.code not in theirs),
            results=tuple(
                result_without(result, folded, others)
                for result in _results(archive, theirs, folded)
            ),
            in_work=tuple(dict.fromkeys(_in_work(archive.db, (*numbers, *known)))),
            places=tuple(_places(archive.db, (*numbers, *known))),
            index_lag=archive.index_lag(),
        )


def is_owner(paper: Paper) -> bool:
    """Tell whether a paper is the person's own, and not one that only names the person."""
    owners = {name for name in PEOPLE if set(OWNER_FIELDS) & set(PEOPLE[name])}
    return paper.why == "said" or bool(owners & set(paper.roles))


def others_on(paper: Paper) -> tuple[str, ...]:
    """Return the roles of the other persons that a paper has fields of."""
    present = {value.name for value in paper.record.fields if value.value}
    return tuple(
        name for name, more in PEOPLE.items() if name not in paper.roles and present & {name, *more}
    )


def strangers_on(paper: Paper) -> frozenset[str]:
    """Return the names and numbers of other persons on a paper, folded; not who signed it."""
    own = {"signatory", *paper.roles}
    theirs = words_of(value for value in paper.record.fields if value.name in paper.roles)
    told = (
        value
        for value in paper.record.fields
        if (value.name in PEOPLE or _is_number(value.name)) and role_of_field(value.name) not in own
    )
    return words_of(told) - theirs


def role_of_field(name: str) -> str | None:
    """Return whom a field speaks of; None for what is said of the paper itself."""
    return next((role for role, more in PEOPLE.items() if name == role or name in more), None)


def _by_number(archive: Archive, number: str) -> Iterator[Paper]:
    numbers = [name for more in PEOPLE.values() for name in more if _is_number(name)]
    rows = archive.db.rows(
        "SELECT DISTINCT record.id, record.number FROM field "
        "JOIN record ON record.number = field.record WHERE field.value = :number "
        "AND field.name IN (SELECT value FROM json_each(:names)) ORDER BY record.number",
        {"number": number, "names": canonical_text(numbers)},
    )
    for row in rows:
        record = archive.records.get(row["id"])
        roles = [
            role_of_field(value.name) or ""
            for value in record.fields
            if value.value == number and value.name in numbers
        ]
        yield Paper(record=record, roles=tuple(dict.fromkeys(roles)), why="number")


def _by_numbers(archive: Archive, number: str) -> tuple[tuple[str, ...], list[Paper], list[Paper]]:
    """Find papers by a number, and by the old card's and passports' that stand beside it.

    Returns:
        The numbers, the papers, and papers with one of the numbers that may be another person's.
    """
    found = {paper.record.id: paper for paper in _by_number(archive, number)}
    whose = {told for paper in found.values() if (told := _personal_number(paper))}
    if number not in whose and len(whose) > 1:
        # Old cards of different provinces bear the same number: it says of nobody who it is.
        return (number,), [], list(found.values())
    numbers, unsure = [number], dict[str, Paper]()
    for one in numbers:
        for paper in _by_number(archive, one):
            told = _personal_number(paper)
            if told and whose and told not in whose:
                unsure[paper.record.id] = paper
                continue
            whose |= {told} if told else set()
            found.setdefault(paper.record.id, paper)
            # These are looked for in their turn.
            numbers.extend(other for other in _beside(paper) if other not in numbers)
    ordered = sorted(found.values(), key=lambda paper: paper.record.number)
    return tuple(numbers), ordered, list(unsure.values())


def _beside(paper: Paper) -> tuple[str, ...]:
    """Return the numbers of the holder of a paper, once each; none where that is somebody else."""
    if "holder" not in paper.roles:
        return ()
    told = (value.value for value in paper.record.fields if value.name in _BESIDE)
    return tuple(dict.fromkeys(number for number in told if number))


def _personal_number(paper: Paper) -> str | None:
    """Return the personal number of the person as whom a paper was found, the holder's."""
    if "holder" not in paper.roles:
        return None
    told = (value.value for value in paper.record.fields if value.name == "personal_number")
    return next((number for number in told if number), None)


def _has(papers: Sequence[Paper], record_id: str) -> bool:
    return any(paper.record.id == record_id for paper in papers)


def _said(archive: Archive, said: Sequence[str]) -> Iterator[Paper]:
    for record_id in said:
        yield Paper(record=archive.records.get(record_id), roles=("holder",), why="said")


def _by_text(archive: Archive, numbers: Sequence[str]) -> list[Record]:
    """Return the records whose pages hold a number, seals and pen strokes included."""
    found = {
        record.id: record
        for number in numbers
        for record in _found(archive, SearchRequest(query=f'"{number}"', limit=_PAGE, overlay=True))
    }
    return list(found.values())


def _by_name(archive: Archive, names: Sequence[str]) -> Iterator[Paper]:
    """Yield papers that name somebody so, and have no number that tells whom."""
    if not names:
        return
    folded = {fold(name) for name in names}
    ids = {record.id for record in _found(archive, _of_holders(names))}
    ids |= {row["id"] for row in _rows_of_names(archive.db, names)}
    for record_id in sorted(ids):
        record = archive.records.get(record_id)
        roles = [
            value.name
            for value in record.fields
            if value.name in _NAMED and fold(value.value or "") in folded
        ]
        unsure = tuple(role for role in roles if not _has_number(record, role))
        if unsure:
            yield Paper(record=record, roles=unsure, why="name")


def _of_holders(names: Sequence[str]) -> SearchRequest:
    return SearchRequest(limit=_PAGE, filters=Filters(holder=tuple(names)))


def _rows_of_names(db: Database, names: Sequence[str]) -> list[dict[str, str]]:
    """Return the records of fathers, mothers and others whom the index has no filter for."""
    return db.rows(
        "SELECT DISTINCT record.id FROM field JOIN record ON record.number = field.record "
        "WHERE field.value IN (SELECT value FROM json_each(:values)) "
        "AND field.name IN (SELECT value FROM json_each(:names))",
        {
            "values": canonical_text([form for name in names for form in _spelled(name)]),
            "names": canonical_text(list(_NAMED)),
        },
    )


def _spelled(name: str) -> tuple[str, ...]:
    return name, name.upper(), name.title()


def _found(archive: Archive, request: SearchRequest) -> Iterator[Record]:
    after: str | None = None
    while True:
        page = archive.search.search(
            SearchRequest(
                query=request.query,
                limit=request.limit,
                after=after,
                overlay=request.overlay,
                filters=request.filters,
            )
        )
        yield from (archive.records.get(hit.record_id) for hit in page.records)
        after = page.next
        if after is None:
            return


def _has_number(record: Record, role: str) -> bool:
    numbers = [name for name in PEOPLE[role] if _is_number(name)]
    return any(value.value for value in record.fields if value.name in numbers)


def _is_number(name: str) -> bool:
    return name in _NUMBERS or name.endswith("_number")


def _name_of(paper: Paper) -> str:
    named = (value.value for value in paper.record.fields if value.name in paper.roles)
    return next((name for name in named if name), "")


def _names(found: Sequence[str]) -> tuple[str, ...]:
    """Return names once each, however they are spelled."""
    # Rows are composed; what somebody types or a file brings may not be.
    told = (unicodedata.normalize("NFC", name).strip() for name in found)
    return tuple({fold(name): name for name in told if len(name.split()) > 1}.values())


def _dossiers(archive: Archive, names: Sequence[str]) -> Iterator[Dossier]:
    """Yield the register's dossiers whose applicant or title names somebody so."""
    folded = [fold(name) for name in names]
    for row in archive.db.iterate("SELECT code, applicant, title FROM dossier ORDER BY code"):
        is_named = names_any(row["applicant"], folded) or names_any(row["title"], folded)
        entry = archive.register.dossier(row["code"]) if is_named else None
        if entry is not None:
            yield entry


def _results(
    archive: Archive, dossiers: set[str], folded: Sequence[str]
) -> Iterator[ProcedureResult]:
    for code in sorted(dossiers):
        for result in archive.register.results(code):
            if names_any(result.holder, folded) or names_any(result.title, folded):
                yield result


def _in_work(db: Database, wanted: Sequence[str]) -> Iterator[str]:
    """Yield submissions that are not filed, with number or name in what is kept of them."""
    for text in wanted:
        rows = db.iterate(
            "SELECT id FROM submission WHERE state NOT IN ('filed', 'duplicate') AND ("
            "instr(name, :text) OR instr(folder, :text) OR instr(coalesce(reason_vi, ''), :text) "
            "OR EXISTS (SELECT 1 FROM outcome WHERE submission_id = submission.id "
            "AND instr(body, :text)) OR EXISTS (SELECT 1 FROM correction "
            "WHERE submission_id = submission.id AND instr(before || after || reason, :text)))",
            {"text": text},
        )
        yield from (row["id"] for row in rows)


def _places(db: Database, wanted: Sequence[str]) -> Iterator[Place]:
    """Yield every column of text in records.db that holds number or name, however it is used."""
    for table, column in _text_columns(db):
        hits = " OR ".join(f'instr("{column}", ?)' for _ in wanted)
        query = f'SELECT count(*) AS n FROM "{table}" WHERE {hits}'  # noqa: S608  # names of our own tables
        row = db.row(query, wanted)
        if row and row["n"]:
            yield Place(table=table, column=column, rows=row["n"])


def _text_columns(db: Database) -> list[tuple[str, str]]:
    rows = db.rows(
        "SELECT tables.name AS table_name, columns.name AS column_name "
        "FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns "
        "WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' "
        "AND columns.type = 'TEXT' ORDER BY 1, columns.cid"
    )
    return [(row["table_name"], row["column_name"]) for row in rows]

"""What the one-stop system knows: procedures, dossiers, and the results they gave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from config.codes import parse_result_code, result_code
from storage.canonical import canonical_text, read_json
from storage.damaged_rows import read_each, read_row, require_whole, told_as
from storage.database import Database
from storage.register_seals import RegisterSeals

ResultStatus = Literal["", "revoked"]
"""What the register says of a result: nothing against it, or that it was revoked (thu hồi)."""
_NAMED = "SELECT * FROM dossier WHERE code IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedComponent:
    """One paper that a procedure asks for (thành phần hồ sơ)."""

    class_code: str
    """Mã loại giấy tờ."""
    name: str
    """Name as the procedure calls it."""
    required: bool = True
    """False where the paper is needed only in some cases."""
    case: str = ""
    """What it is to the duty to digitise (`config.rules.CASES`), where the one-stop system says."""
    type_code: str = ""
    """Mã thành phần of the national database of procedures, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """An administrative procedure (thủ tục hành chính)."""

    code: str
    """Mã thủ tục, as 1.001193."""
    title: str
    """Name of the procedure."""
    sector: str = ""
    """Lĩnh vực."""
    components: tuple[ExpectedComponent, ...] = ()
    """Papers it asks for."""
    result_classes: tuple[str, ...] = ()
    """Classes of the papers it gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier (hồ sơ TTHC) as the one-stop system registered it."""

    code: str
    """Mã hồ sơ, kept unchanged in the archive (TT 13/2023/TT-BNV Art. 4.4)."""
    title: str
    """Tiêu đề hồ sơ."""
    procedure_code: str
    """Mã thủ tục."""
    agency_code: str
    """Mã định danh điện tử of the receiving agency."""
    agency_name: str = ""
    """Its name."""
    applicant: str = ""
    """Who asked."""
    received_at: date | None = None
    """Day of receipt."""
    due_at: date | None = None
    """Day on which the result is due."""
    settled_at: date | None = None
    """Day on which the case ended."""
    status: str = ""
    """Status in the words of the one-stop system."""
    reused_components: int | None = None
    """Components whose digitised data was used again; None where the one-stop system is silent."""
    portal_components: int | None = None
    """Those of them that came from the National Portal; None likewise."""
    synced_at: date | None = None
    """Day on which it was shared with the applicant's store on the portal (Kho dữ liệu điện tử)."""
    citizen_data: bool | None = None
    """Whether data of the population database was used; None likewise."""
    electronic_result: bool | None = None
    """Whether its result was given in electronic form; None likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureResult:
    """A result of a dossier (NĐ 45/2020/NĐ-CP Art. 14.3)."""

    dossier_code: str
    """Mã hồ sơ."""
    ordinal: int
    """n of KQ(n), from 1."""
    class_code: str
    """Mã loại kết quả."""
    title: str = ""
    """Title of the paper."""
    number: str = ""
    """Số, ký hiệu."""
    issue_date: date | None = None
    """Day of issue."""
    issuing_body: str = ""
    """Who issued it."""
    holder: str = ""
    """Chủ giấy tờ."""
    status: ResultStatus = ""
    """`revoked` where it no longer holds."""
    replaces: int | None = None
    """Ordinal of the result of the same dossier that this one corrects."""
    type_code: str = ""
    """Mã loại kết quả of the national database of procedures, as KQ.G15.000031."""

    @property
    def code(self) -> str:
        """The code `<mã hồ sơ>-KQ(n)`."""
        return result_code(self.dossier_code, self.ordinal)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBatch:
    """What one register file holds."""

    procedures: tuple[Procedure, ...] = ()
    """Procedures with their components."""
    dossiers: tuple[Dossier, ...] = ()
    """Dossiers."""
    results: tuple[ProcedureResult, ...] = ()
    """Results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCount:
    """What a load met."""

    procedures: int
    """Procedures read."""
    dossiers: int
    """Dossiers read."""
    results: int
    """Results read."""
    changed: int
    """How many of them were new or different."""


class Register:
    """The register of one archive: a copy of what the one-stop system says.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.seals = RegisterSeals(db)

    def load(self, batch: RegisterBatch) -> LoadCount:
        """Take a batch in, in one transaction; the same batch again changes nothing.

        Of dossiers whose papers were all destroyed, no names are taken in. The caller logs the
        event, with what `seals.told` gives then.
        """
        with self._db.transaction():
            batch = self._without_forgotten(batch)
            renamed = [item.code for item in batch.procedures if self._is_renamed(item)]
            changed = {
                "procedure": [item.code for item in batch.procedures if self._put_procedure(item)],
                "dossier": [item.code for item in batch.dossiers if self._put_dossier(item)],
                "procedure_result": [item.code for item in batch.results if self._put_result(item)],
            }
            self.seals.add(changed)
            self._queue_for_search(changed["dossier"], renamed)
        return LoadCount(
            procedures=len(batch.procedures),
            dossiers=len(batch.dossiers),
            results=len(batch.results),
            changed=sum(map(len, changed.values())),
        )

    def procedure(self, code: str) -> Procedure | None:
        """Return a procedure, or None."""
        with told_as(f"procedure {code}"):
            row = self._db.row("SELECT * FROM procedure WHERE code = ?", (code,))
            return None if row is None else _procedure(row)

    def dossier(self, code: str) -> Dossier | None:
        """Return a dossier, or None where it is not registered.

        Raises:
            RowDamaged: Its row cannot be read; so of a procedure, or a result.
        """
        with told_as(f"dossier {code}"):
            row = self._db.row("SELECT * FROM dossier WHERE code = ?", (code,))
            return None if row is None else _dossier(row)

    def named(self, codes: Collection[str]) -> tuple[dict[str, Dossier], list[str]]:
        """Return those of some dossiers that are registered, and those whose rows are damaged."""
        rows = {row["code"]: row for row in self._db.salvaged(_NAMED, (canonical_text([*codes]),))}
        return read_each(lambda code: read_row(_dossier, rows[code], f"dossier {code}"), rows)

    def agency_of(self, code: str) -> str | None:
        """Return the agency of a dossier, or None; none that is known where its row is damaged."""
        rows = self._db.salvaged("SELECT agency_code FROM dossier WHERE code = ?", (code,))
        return str(rows[0]["agency_code"]) if rows else None

    def dossiers(self) -> list[Dossier]:
        """Return all dossiers, by code."""
        with told_as("dossier"):
            return [_dossier(row) for row in self._db.rows("SELECT * FROM dossier ORDER BY code")]

    def codes_like(self, code: str, distance: int) -> dict[str, int]:
        """Return the registered codes that differ from one in so many signs at most, and how many.

        A sign that was lost or added counts as one, like a sign that was read for another.
        """
        rows = self._db.rows(
            "SELECT code FROM dossier WHERE length(code) BETWEEN ? AND ?",
            (len(code) - distance, len(code) + distance),
        )
        near = process.extract_iter(
            code,
            [row["code"] for row in rows],
            scorer=Levenshtein.distance,
            score_cutoff=distance,
        )
        return dict(sorted((found, int(differing)) for found, differing, _ in near))

    def gives(self, class_code: str) -> bool:
        """Tell whether any registered procedure gives papers of a class as its result."""
        query = "SELECT 1 FROM procedure, json_each(result_classes) WHERE value = ? LIMIT 1"
        return self._db.row(query, (class_code,)) is not None

    def results(self, dossier_code: str) -> list[ProcedureResult]:
        """Return the results of a dossier, by ordinal."""
        with told_as(f"procedure_result {dossier_code}"):
            rows = self._db.rows(
                "SELECT * FROM procedure_result WHERE dossier_code = ? ORDER BY ordinal",
                (dossier_code,),
            )
            return [_result(row) for row in rows]

    def find_result(self, code: str) -> ProcedureResult | None:
        """Return the result with the code `<mã hồ sơ>-KQ(n)`, or None."""
        parsed = parse_result_code(code)
        if parsed is None:
            return None
        dossier_code, ordinal = parsed
        found = (item for item in self.results(dossier_code) if item.ordinal == ordinal)
        return next(found, None)

    def _without_forgotten(self, batch: RegisterBatch) -> RegisterBatch:
        """Return a batch without the names of dossiers in which every paper was destroyed."""
        rows = self._db.rows(
            "SELECT DISTINCT dossier_code FROM destroyed_link AS gone WHERE NOT EXISTS "
            "(SELECT 1 FROM link WHERE link.dossier_code = gone.dossier_code)"
        )
        gone = {row["dossier_code"] for row in rows}
        return replace(
            batch,
            dossiers=tuple(
                replace(entry, title=entry.code, applicant="") if entry.code in gone else entry
                for entry in batch.dossiers
            ),
            results=tuple(
                replace(entry, title="", holder="") if entry.dossier_code in gone else entry
                for entry in batch.results
            ),
        )

    def _put_procedure(self, entry: Procedure) -> bool:
        row = {
            "code": entry.code,
            "title": entry.title,
            "sector": entry.sector,
            "components": canonical_text([_component_row(part) for part in entry.components]),
            "result_classes": canonical_text(list(entry.result_classes)),
        }
        return self._put("procedure", ("code",), row)

    def _put_dossier(self, entry: Dossier) -> bool:
        row = {
            "code": entry.code,
            "title": entry.title,
            "procedure_code": entry.procedure_code,
            "agency_code": entry.agency_code,
            "agency_name": entry.agency_name,
            "applicant": entry.applicant,
            "received_at": _text(entry.received_at),
            "due_at": _text(entry.due_at),
            "settled_at": _text(entry.settled_at),
            "status": entry.status,
            "reused_components": entry.reused_components,
            "portal_components": entry.portal_components,
            "synced_at": _text(entry.synced_at),
            "citizen_data": entry.citizen_data,
            "electronic_result": entry.electronic_result,
        }
        return self._put("dossier", ("code",), row)

    def _put_result(self, entry: ProcedureResult) -> bool:
        row = {
            "dossier_code": entry.dossier_code,
            "ordinal": entry.ordinal,
            "class_code": entry.class_code,
            "title": entry.title,
            "number": entry.number,
            "issue_date": _text(entry.issue_date),
            "issuing_body": entry.issuing_body,
            "holder": entry.holder,
            "status": entry.status,
            "replaces": entry.replaces,
            "type_code": entry.type_code,
        }
        return self._put("procedure_result", ("dossier_code", "ordinal"), row)

    def _put(self, table: str, key: Sequence[str], row: Mapping[str, object]) -> bool:
        """Write a row; tell whether it was new or different."""
        where = " AND ".join(f"{column} = :{column}" for column in key)
        query = f"SELECT * FROM {table} WHERE {where}"  # noqa: S608  # our own names
        if self._db.row(query, row) == dict(row):
            return False
        self._db.tables.table(table).upsert(dict(row), pk=tuple(key))
        return True

    def _is_renamed(self, entry: Procedure) -> bool:
        known = self.procedure(entry.code)
        return known is None or known.title != entry.title

    def _queue_for_search(self, dossiers: Sequence[str], procedures: Sequence[str]) -> None:
        # The index holds title, applicant and procedure of the dossier with each of its records.
        self._db.execute(
            "INSERT INTO change (record) SELECT DISTINCT record FROM link WHERE dossier_code IN ("
            "SELECT value FROM json_each(?) UNION SELECT code FROM dossier "
            "WHERE procedure_code IN (SELECT value FROM json_each(?))) ORDER BY record",
            (canonical_text(list(dossiers)), canonical_text(list(procedures))),
        )


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _flag(kept: int | None) -> bool | None:
    return None if kept is None else bool(kept)


def _component_row(part: ExpectedComponent) -> list[object]:
    # As short as it was before there was more to say: an import of the same changes nothing.
    row: list[object] = [part.class_code, part.name, part.required]
    return [*row, part.case, part.type_code] if part.case or part.type_code else row


def _component(row: list[Any]) -> ExpectedComponent:
    class_code, name, required, case, type_code = [*row, "", ""][:5]
    return ExpectedComponent(
        class_code=class_code, name=name, required=required, case=case, type_code=type_code
    )


def _procedure(row: dict[str, Any]) -> Procedure:
    require_whole(row)
    return Procedure(
        code=row["code"],
        title=row["title"],
        sector=row["sector"],
        components=tuple(_component(part) for part in read_json(row["components"])),
        result_classes=tuple(read_json(row["result_classes"])),
    )


def _dossier(row: dict[str, Any]) -> Dossier:
    require_whole(row)
    days = {key: _day(row[key]) for key in ("received_at", "due_at", "settled_at", "synced_at")}
    flags = {key: _flag(row[key]) for key in ("citizen_data", "electronic_result")}
    return Dossier(**{**row, **days, **flags})


def _result(row: dict[str, Any]) -> ProcedureResult:
    require_whole(row)
    return ProcedureResult(**{**row, "issue_date": _day(row["issue_date"])})

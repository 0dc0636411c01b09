"""Which dossiers of a period are digitised: the facts that indicators are counted from.

The unit of count is the dossier. Its components are digitised when every paper that its procedure
always asks for is filed; its result, once the case is settled, when every result in force is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from storage.canonical import canonical_text
from storage.database import Database
from storage.reuse import EVENT_OBJECT, HELD

REPORTED_TYPES = "'quarantine', 'release', 'unquarantine', 'withdrawal'"
"""Types of events that reports ask for by time, as the index that finds them is limited."""
Grouping = Literal["unit", "field", "month", "quarter", "year", "dossier"]
Column = Literal["received_at", "settled_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From one day to another, both included."""

    begins: date
    """First day, of Vietnam's clocks."""
    ends: date
    """Last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which dossiers are counted."""

    period: Period
    """Days of receipt, and of settling."""
    agencies: Sequence[str] = ()
    """Mã định danh; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Dossiers that were received in the period."""

    received: int = 0
    """All of them (tiếp nhận)."""
    components_digitised: int = 0
    """Every component that is always asked for is filed (có số hóa TPHS)."""
    components_missing: int = 0
    """At least one is not (chưa số hóa TPHS)."""
    components_begun: int = 0
    """Of those, some are filed."""
    nothing_due: int = 0
    """Their procedure asks for nothing that is digitised, and nothing is filed."""
    procedure_unknown: int = 0
    """The register has no list of components: one filed component counts as all."""
    judged: int = 0
    """Of which it can be said whether they are digitised: without those where nothing is due."""
    digitised: int = 0
    """Components, and the result where the case is settled, are digitised."""
    synced: int = 0
    """Of the digitised ones, shared with the store on the National Portal, by the register."""
    reused: int = 0
    """A component was used again: filed earlier for another dossier, found by asking, or by the
    register (có tái sử dụng thành phần)."""
    portal_known: int = 0
    """The register says whether components came from the National Portal."""
    portal_reused: int = 0
    """Of those, some did (có tái sử dụng từ Cổng DVCQG)."""
    citizen_known: int = 0
    """The register says whether data of the population database was used."""
    citizen_used: int = 0
    """Of those, it was."""
    procedures: int = 0
    """Procedures of which the register says so for at least one dossier."""
    procedures_connected: int = 0
    """Of those, with at least one dossier that used it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Dossiers that were settled in the period."""

    settled: int = 0
    """All of them (đã giải quyết)."""
    result_digitised: int = 0
    """Every result in force is filed (kết quả đã số hóa)."""
    result_missing: int = 0
    """At least one is not (kết quả chưa số hóa)."""
    result_unlisted: int = 0
    """The register lists no result: one filed result counts as all."""
    result_electronic: int = 0
    """The result was given in electronic form: it came signed, or the register says so."""
    electronic_unknown: int = 0
    """Nothing says in which form it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What was counted of a unit, a field, a time or one dossier."""

    key: str
    """Code of the agency, field, time, or code of the dossier; empty for all together."""
    name: str
    """For people."""
    received: Received
    """Of those received in the period."""
    settled: Settled
    """Of those settled in the period."""


# What a dossier is asked for, and which of it lies here. Papers that are only shown, or whose data
# is shared, are not kept (TT 01/2023/TT-VPCP Art. 4). What was filed and then lawfully destroyed
# had been digitised.
_FACTS = """
WITH asked AS MATERIALIZED (
    SELECT procedure.code AS procedure_code, json_extract(part.value, '$[0]') AS class_code,
        json_extract(part.value, '$[2]')
        AND coalesce(json_extract(part.value, '$[3]'), '') NOT IN ('shown', 'shared') AS due
    FROM procedure, json_each(iif(json_valid(procedure.components), procedure.components, '[]'))
        AS part
), due AS MATERIALIZED (
    SELECT procedure_code, class_code FROM asked WHERE due
), listed AS MATERIALIZED (
    SELECT DISTINCT procedure_code FROM asked
), answered AS MATERIALIZED (
    SELECT DISTINCT body ->> '$.detail.dossier' AS code FROM event
    WHERE object = :reuse AND outcome = :held AND json_valid(body)
        AND body ->> '$.detail.dossier' IS NOT NULL
), facts AS MATERIALIZED (
    SELECT dossier.*, coalesce(procedure.sector, '') AS sector,
        dossier.procedure_code IN (SELECT procedure_code FROM listed) AS is_listed,
        EXISTS (SELECT 1 FROM due WHERE due.procedure_code = dossier.procedure_code) AS is_due,
        EXISTS (
            SELECT 1 FROM due WHERE due.procedure_code = dossier.procedure_code AND NOT EXISTS (
                SELECT 1 FROM link JOIN record ON record.number = link.record
                WHERE link.dossier_code = dossier.code AND link.role = 'component'
                AND record.class_code = due.class_code)
            AND NOT EXISTS (SELECT 1 FROM destroyed_link AS gone
                WHERE gone.dossier_code = dossier.code AND gone.role = 'component'
                AND gone.class_code = due.class_code)) AS lacks,
        EXISTS (
            SELECT 1 FROM link WHERE link.dossier_code = dossier.code AND link.role = 'component'
            UNION ALL SELECT 1 FROM destroyed_link AS gone
            WHERE gone.dossier_code = dossier.code AND gone.role = 'component'
        ) AS has_component,
        EXISTS (SELECT 1 FROM procedure_result AS given WHERE given.dossier_code = dossier.code
        ) AS has_entry,
        EXISTS (
            SELECT 1 FROM procedure_result AS given WHERE given.dossier_code = dossier.code
            AND given.status <> 'revoked' AND NOT EXISTS (
                SELECT 1 FROM procedure_result AS later
                WHERE later.dossier_code = dossier.code AND later.replaces = given.ordinal)
            AND NOT EXISTS (
                SELECT 1 FROM link WHERE link.procedure_result_code
                = given.dossier_code || '-KQ(' || given.ordinal || ')')
            AND NOT EXISTS (SELECT 1 FROM destroyed_link AS gone
                WHERE gone.dossier_code = dossier.code AND gone.procedure_result_code
                = given.dossier_code || '-KQ(' || given.ordinal || ')')) AS lacks_result,
        EXISTS (
            SELECT 1 FROM link WHERE link.dossier_code = dossier.code AND link.role = 'result'
            UNION ALL SELECT 1 FROM destroyed_link AS gone
            WHERE gone.dossier_code = dossier.code AND gone.role = 'result'
        ) AS has_result,
        EXISTS (
            SELECT 1 FROM link JOIN record ON record.number = link.record
            WHERE link.dossier_code = dossier.code AND link.role = 'result'
            AND record.original_sha256 = record.pdf_sha256 AND record.verdict = 'TOTAL-PASSED'
        ) AS came_signed,
        EXISTS (
            SELECT 1 FROM link AS place JOIN link AS earlier ON earlier.record = place.record
            WHERE place.dossier_code = dossier.code AND place.role = 'component'
            AND earlier.seq < place.seq
        ) OR dossier.code IN (SELECT code FROM answered) AS is_reused
    FROM dossier LEFT JOIN procedure ON procedure.code = dossier.procedure_code
    WHERE dossier.{column} BETWEEN :begins AND :ends
    AND (:all OR dossier.agency_code IN (SELECT value FROM json_each(:agencies)))
), judged AS MATERIALIZED (
    SELECT *,
        iif(is_due, NOT lacks, has_component) AS components,
        is_listed AND NOT is_due AND NOT has_component AS is_nothing,
        iif(has_entry, NOT lacks_result, has_result) AS result,
        coalesce(electronic_result, 0) OR came_signed AS is_electronic,
        is_reused OR coalesce(reused_components, 0) > 0 OR coalesce(portal_components, 0) > 0
            AS reuses
    FROM facts
)
"""
_IS_DIGITISED = "NOT is_nothing AND components AND (settled_at IS NULL OR result)"
_SUMS: Mapping[Column, Mapping[str, str]] = {
    "received_at": {
        "received": "count(*)",
        "components_digitised": "sum(components AND NOT is_nothing)",
        "components_missing": "sum(NOT components AND NOT is_nothing)",
        "components_begun": "sum(NOT components AND has_component)",
        "nothing_due": "sum(is_nothing)",
        "procedure_unknown": "sum(NOT is_listed)",
        "judged": "sum(NOT is_nothing)",
        "digitised": f"sum({_IS_DIGITISED})",
        "synced": f"sum({_IS_DIGITISED} AND synced_at IS NOT NULL)",
        "reused": "sum(reuses)",
        "portal_known": "count(portal_components)",
        "portal_reused": "sum(coalesce(portal_components, 0) > 0)",
        "citizen_known": "count(citizen_data)",
        "citizen_used": "sum(coalesce(citizen_data, 0))",
        "procedures": "count(DISTINCT iif(citizen_data IS NULL, NULL, procedure_code))",
        "procedures_connected": "count(DISTINCT iif(citizen_data, procedure_code, NULL))",
    },
    "settled_at": {
        "settled": "count(*)",
        "result_digitised": "sum(result)",
        "result_missing": "sum(NOT result)",
        "result_unlisted": "sum(NOT has_entry)",
        "result_electronic": "sum(is_electronic)",
        "electronic_unknown": "sum(electronic_result IS NULL AND NOT came_signed)",
    },
}
_KEYS: Mapping[Grouping | None, tuple[str, str]] = {
    None: ("''", "''"),
    "unit": ("agency_code", "max(agency_name)"),
    "field": ("sector", "max(sector)"),
    "month": ("substr({column}, 1, 7)", "''"),
    "quarter": ("substr({column}, 1, 4) || '-Q' || ((substr({column}, 6, 2) + 2) / 3)", "''"),
    "year": ("substr({column}, 1, 4)", "''"),
    # No title: that of a dossier names a person.
    "dossier": ("code", "max(procedure_code)"),
}


def count_dossiers(db: Database, scope: Scope, by: Grouping | None = None) -> tuple[Group, ...]:
    """Count the dossiers of a period, by what is asked for; as the archive stands now.

    Args:
        db: records.db.
        scope: Which dossiers.
        by: None for all together: then there is one group.
    """
    received = _sums(db, scope, "received_at", by)
    settled = _sums(db, scope, "settled_at", by)
    keys = sorted(received.keys() | settled.keys()) or ([""] if by is None else [])
    return tuple(
        Group(
            key=key,
            name=received.get(key, settled.get(key, {})).get("name", ""),
            received=_taken(Received, received.get(key, {})),
            settled=_taken(Settled, settled.get(key, {})),
        )
        for key in keys
    )


def is_syncing_stated(db: Database) -> bool:
    """Tell whether the register says of any dossier that it was shared with the portal's store."""
    return db.row("SELECT 1 FROM dossier WHERE synced_at IS NOT NULL LIMIT 1") is not None


def count_undated(db: Database, agencies: Sequence[str] = ()) -> int:
    """Return how many registered dossiers have no day of receipt, and so are in no period."""
    row = db.row(
        "SELECT count(*) AS n FROM dossier WHERE received_at IS NULL "
        "AND (:all OR agency_code IN (SELECT value FROM json_each(:agencies)))",
        _agencies(agencies),
    )
    return int(row["n"]) if row else 0


def _sums(
    db: Database, scope: Scope, column: Column, by: Grouping | None
) -> dict[str, dict[str, Any]]:
    key, name = (part.format(column=column) for part in _KEYS[by])
    sums = ", ".join(f"{value} AS {word}" for word, value in _SUMS[column].items())
    query = (
        f"{_FACTS.format(column=column)} SELECT {key} AS key, {name} AS name, {sums} "  # noqa: S608  # our own words
        "FROM judged GROUP BY 1"
    )
    period = {"begins": scope.period.begins.isoformat(), "ends": scope.period.ends.isoformat()}
    told = {"reuse": EVENT_OBJECT, "held": HELD}
    # One garbled name is a group of its own, under what is left of it.
    rows = db.salvaged(query, {**period, **told, **_agencies(scope.agencies)})
    return {row["key"]: row for row in rows}


def _agencies(agencies: Sequence[str]) -> dict[str, object]:
    return {"all": not agencies, "agencies": canonical_text(sorted(agencies))}


def _taken(kind: Any, row: Mapping[str, Any]) -> Any:
    return kind(**{item.name: row[item.name] for item in fields(kind) if item.name in row})

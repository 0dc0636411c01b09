"""A dossier counts as digitised when its papers are here, and as what the register says else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.codes import result_code
from config.vocabulary import EventType, Role
from storage.archive import Archive, open_archive
from storage.database import Database
from storage.destruction import NO_COPIES, Order, destroy
from storage.model import NewEvent, NewLink
from storage.register import (
    Dossier,
    ExpectedComponent,
    Procedure,
    ProcedureResult,
    RegisterBatch,
)
from storage.report_times import count_causes, count_papers, measure_times
from storage.reports import (
    Grouping,
    Period,
    Received,
    Scope,
    Settled,
    count_dossiers,
    count_undated,
    is_syncing_stated,
)
from storage.submissions import NewSubmission
from tests.storage.conftest import make_record

NOVEMBER = Period(begins=date(2026, 11, 1), ends=date(2026, 11, 30))
SCOPE = Scope(period=NOVEMBER)
AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ASKED = Procedure(
    code="1.000001",
    title="Thủ tục có hai giấy",
    sector="Hộ tịch",
    components=(
        ExpectedComponent(class_code="TK", name="Tờ khai"),
        ExpectedComponent(class_code="CCCD", name="Căn cước", case="shown"),
        ExpectedComponent(class_code="GKS", name="Giấy khai sinh"),
        ExpectedComponent(class_code="KH", name="Tùy trường hợp", required=False),
    ),
)
NOTHING = Procedure(
    code="1.000002",
    title="Thủ tục chỉ xuất trình",
    sector="Đất đai",
    components=(ExpectedComponent(class_code="CCCD", name="Căn cước", case="shown"),),
)


class Desk:
    """A register, and papers for its dossiers."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.filed = 0
        archive.register.load(RegisterBatch(procedures=(ASKED, NOTHING)))

    def dossier(self, code: str, procedure: str = ASKED.code, **changes: object) -> str:
        entry = Dossier(
            code=code,
            title="Hồ sơ",
            procedure_code=procedure,
            agency_code=code.partition("-")[0],
            received_at=date(2026, 11, 3),
        )
        changed = replace(entry, **changes)  # type: ignore[arg-type]  # names are the test's care
        self.archive.register.load(RegisterBatch(dossiers=(changed,)))
        return code

    def result(self, code: str, ordinal: int = 1, **changes: object) -> None:
        entry = ProcedureResult(dossier_code=code, ordinal=ordinal, class_code="KQ")
        changed = replace(entry, **changes)  # type: ignore[arg-type]  # names are the test's care
        self.archive.register.load(RegisterBatch(results=(changed,)))

    def paper(self, code: str, kind: str, role: Role = Role.COMPONENT, ordinal: int = 0) -> str:
        self.filed += 1
        link = NewLink(
            dossier_code=code,
            role=role,
            procedure_result_code=result_code(code, ordinal) if ordinal else None,
        )
        record = make_record(self.archive, self.filed, class_code=kind)
        return self.archive.file(record, link, actor="thử nghiệm", at=AT).id

    def whole(self, **scope: object) -> tuple[Received, Settled]:
        asked = replace(SCOPE, **scope)  # type: ignore[arg-type]  # names are the test's care
        (group,) = count_dossiers(self.archive.db, asked)
        return group.received, group.settled

    def keys(self, by: Grouping) -> dict[str, tuple[int, int]]:
        groups = count_dossiers(self.archive.db, SCOPE, by)
        return {group.key: (group.received.received, group.settled.settled) for group in groups}


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return Desk(archive)


def test_components_count_when_all_that_is_always_asked_for_is_filed(desk: Desk) -> None:
    code = desk.dossier("H1-261103-0001")
    desk.paper(code, "TK")
    received, _ = desk.whole()
    assert (received.components_digitised, received.components_missing) == (0, 1)
    assert (received.components_begun, received.digitised) == (1, 0)
    desk.paper(code, "GKS")
    received, _ = desk.whole()
    assert (received.components_digitised, received.components_missing) == (1, 0)
    assert (received.components_begun, received.digitised) == (0, 1)


def test_a_result_among_the_papers_is_no_component(desk: Desk) -> None:
    code = desk.dossier("H1-261103-0001")
    desk.paper(code, "TK")
    desk.paper(code, "GKS", Role.RESULT)
    assert desk.whole()[0].components_digitised == 0


def test_a_settled_dossier_needs_every_result_in_force(desk: Desk) -> None:
    code = desk.dossier("H1-261103-0001", settled_at=date(2026, 11, 5))
    desk.paper(code, "TK")
    desk.paper(code, "GKS")
    desk.result(code, 1)
    desk.result(code, 2)
    desk.result(code, 3, status="revoked")
    desk.paper(code, "KQ", Role.RESULT, ordinal=1)
    received, settled = desk.whole()
    assert (settled.result_digitised, settled.result_missing, received.digitised) == (0, 1, 0)
    desk.result(code, 4, replaces=2)
    desk.paper(code, "KQ", Role.RESULT, ordinal=4)
    received, settled = desk.whole()
    assert (settled.result_digitised, settled.result_missing, received.digitised) == (1, 0, 1)


def test_where_the_register_lists_no_result_one_that_is_filed_is_enough(desk: Desk) -> None:
    code = desk.dossier("H1-261103-0001", settled_at=date(2026, 11, 5))
    assert desk.whole()[1] == Settled(
        settled=1, result_missing=1, result_unlisted=1, electronic_unknown=1
    )
    desk.paper(code, "KQ", Role.RESULT)
    assert desk.whole()[1].result_digitised == 1


def test_what_is_only_shown_is_in_no_ratio_and_an_unknown_procedure_is_told(desk: Desk) -> None:
    desk.dossier("H1-261103-0001", NOTHING.code)
    desk.dossier("H1-261103-0002", "1.009999")
    received, _ = desk.whole()
    assert (received.received, received.judged, received.nothing_due) == (2, 1, 1)
    assert (received.procedure_unknown, received.components_missing) == (1, 1)
    desk.paper("H1-261103-0001", "GK")
    desk.paper("H1-261103-0002", "GK")
    received, _ = desk.whole()
    assert (received.judged, received.nothing_due, received.digitised) == (2, 0, 2)


def test_a_paper_of_an_earlier_dossier_is_reused_by_the_later_one_alone(desk: Desk) -> None:
    first, second = desk.dossier("H1-261103-0001"), desk.dossier("H1-261103-0002")
    filed = desk.paper(first, "GKS")
    assert desk.whole()[0].reused == 0
    link = NewLink(dossier_code=second, role=Role.COMPONENT)
    desk.archive.link(filed, link, actor="thử nghiệm", at=AT)
    assert desk.whole()[0].reused == 1


@pytest.mark.parametrize(("outcome", "reused"), [("held", 1), ("unclear", 0), ("not_held", 0)])
def test_a_paper_that_was_asked_for_and_held_is_reused(
    desk: Desk, outcome: str, reused: int
) -> None:
    code = desk.dossier("H1-261103-0001")
    asked = NewEvent(
        type=EventType.REUSE,
        object="reuse",
        actor="thử nghiệm",
        at=AT,
        outcome=outcome,
        detail={"dossier": code},
    )
    desk.archive.events.append(asked, replace(asked, detail={"dossier": None}))
    assert desk.whole()[0].reused == reused


def test_the_register_says_what_the_station_cannot_know(desk: Desk) -> None:
    desk.dossier("H1-261103-0001", portal_components=2, citizen_data=True, electronic_result=True)
    desk.dossier("H1-261103-0002", portal_components=0, citizen_data=False)
    desk.dossier("H1-261103-0003", "1.009999", reused_components=1, settled_at=date(2026, 11, 4))
    received, settled = desk.whole()
    assert (received.portal_known, received.portal_reused, received.reused) == (2, 1, 2)
    assert (received.citizen_known, received.citizen_used) == (2, 1)
    assert (received.procedures, received.procedures_connected) == (1, 1)
    assert (settled.settled, settled.electronic_unknown, settled.result_electronic) == (1, 1, 0)


def test_a_result_that_came_signed_is_an_electronic_one(desk: Desk) -> None:
    code = desk.dossier("H1-261103-0001", settled_at=date(2026, 11, 5))
    record = make_record(desk.archive, 7, class_code="KQ")
    link = NewLink(dossier_code=code, role=Role.RESULT)
    desk.archive.file(replace(record, original=record.pdf), link, actor="thử nghiệm", at=AT)
    assert desk.whole()[1].result_electronic == 1


def test_days_of_the_period_are_both_included_and_each_column_has_its_own(desk: Desk) -> None:
    desk.dossier("H1-261031-0001", received_at=date(2026, 10, 31), settled_at=date(2026, 11, 1))
    desk.dossier("H1-261101-0002", received_at=date(2026, 11, 1), settled_at=date(2026, 12, 1))
    desk.dossier("H1-261130-0003", received_at=date(2026, 11, 30))
    desk.dossier("H1-000000-0004", received_at=None)
    received, settled = desk.whole()
    assert (received.received, settled.settled) == (2, 1)


def test_lines_are_agencies_fields_times_and_dossiers(desk: Desk) -> None:
    desk.dossier("H1-261103-0001", settled_at=date(2026, 11, 9))
    desk.dossier("H2-261103-0002", NOTHING.code)
    desk.dossier("H2-261001-0003", received_at=date(2026, 10, 1), settled_at=date(2026, 11, 2))
    assert desk.keys("unit") == {"H1": (1, 1), "H2": (1, 1)}
    assert desk.keys("field") == {"Hộ tịch": (1, 2), "Đất đai": (1, 0)}
    for by, key in (("month", "2026-11"), ("quarter", "2026-Q4"), ("year", "2026")):
        assert desk.keys(by) == {key: (2, 2)}  # type: ignore[arg-type]  # of Grouping
    assert desk.keys("dossier")["H2-261001-0003"] == (0, 1)
    assert desk.whole(agencies=("H2",))[0].received == 1


def test_lines_add_up_to_the_whole(desk: Desk) -> None:
    for number in range(12):
        code = desk.dossier(
            f"H{number % 3}-261103-{number:04}",
            (ASKED.code, NOTHING.code)[number % 2],
            settled_at=date(2026, 11, 20) if number % 4 else None,
        )
        if number % 5:
            desk.paper(code, "TK")
    received, settled = desk.whole()
    for by in ("unit", "field", "month", "dossier"):
        groups = count_dossiers(desk.archive.db, SCOPE, by)
        assert sum(group.received.judged for group in groups) == received.judged
        assert sum(group.settled.result_missing for group in groups) == settled.result_missing


def test_times_and_causes_come_from_the_log(
    archive: Archive, submission: Callable[[str], NewSubmission]
) -> None:
    log = archive.events.append
    archive.ledger.claim(replace(submission("nop-1"), received_at=AT), "thử nghiệm")

    def told(kind: EventType, minutes: int, outcome: str = "success", **detail: object) -> None:
        at = AT + timedelta(minutes=minutes)
        event = NewEvent(type=kind, object="nop-1", actor="x", at=at, outcome=outcome)
        log(replace(event, detail=detail))

    told(EventType.NORMALIZATION, 1)
    told(EventType.QUARANTINE, 2, "class_unclear+rescan", state="to_confirm")
    told(EventType.UNQUARANTINE, 12)
    told(EventType.RELEASE, 42)
    told(EventType.SIGNATURE_GENERATION, 43)
    told(EventType.QUARANTINE, 44, "class_unclear")
    told(EventType.QUARANTINE, 45, "secret_mark", state="secret")
    told(EventType.RELEASE, 46, "automatic")
    link = NewLink(dossier_code="H1-261103-0001", role=Role.COMPONENT)
    archive.file(make_record(archive, 1), link, actor="x", at=AT + timedelta(hours=1))

    times = measure_times(archive.db, NOVEMBER)
    assert times.received_to_filed.longest_seconds == 3600
    assert (times.waited_for_release.count, times.waited_for_release.median_seconds) == (1, 1800)
    assert (times.released_to_signed.count, times.released_to_signed.p90_seconds) == (1, 60)
    assert (times.waited_for_person.count, times.waited_for_person.longest_seconds) == (1, 600)
    causes = {
        item.code: (item.to_confirm, item.unknown) for item in count_causes(archive.db, NOVEMBER)
    }
    assert causes == {"class_unclear": (1, 1), "rescan": (1, 0)}
    assert (count_papers(archive.db, NOVEMBER).filed, count_papers(archive.db, NOVEMBER).must) == (
        1,
        1,
    )


def test_the_few_events_are_found_by_their_own_index(archive: Archive) -> None:
    asked: list[str] = []
    archive.db.tables.conn.set_trace_callback(asked.append)
    count_causes(archive.db, NOVEMBER)
    archive.db.tables.conn.set_trace_callback(None)
    (plan,) = [
        " ".join(str(row["detail"]) for row in archive.db.rows(f"EXPLAIN QUERY PLAN {query}"))
        for query in asked
    ]
    assert "USING INDEX event_reported (type=? AND at>? AND at<?)" in plan


def test_an_archive_from_before_there_were_reports_is_brought_up_to_date(tmp_path: Path) -> None:
    columns = (
        "reused_components",
        "portal_components",
        "synced_at",
        "citizen_data",
        "electronic_result",
    )
    with open_archive(tmp_path / "archive") as archive:
        Desk(archive).dossier("H1-261103-0001")
        for name in ("0010_reports", "0022_periods_of_dossiers"):
            archive.db.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (name,))
        for index in ("event_reported", "dossier_received", "dossier_settled", "dossier_synced"):
            archive.db.execute(f"DROP INDEX {index}")
        for column in columns:
            archive.db.execute(f"ALTER TABLE dossier DROP COLUMN {column}")
    with open_archive(tmp_path / "archive") as archive:
        entry = archive.register.dossier("H1-261103-0001")
        assert entry is not None
        assert [getattr(entry, column) for column in columns] == [None] * len(columns)
        (whole,) = count_dossiers(archive.db, SCOPE)
        assert (whole.received.received, whole.received.citizen_known) == (1, 0)


def test_a_day_is_one_of_vietnam(archive: Archive) -> None:
    last_hour = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
    link = NewLink(dossier_code="H1-261103-0001", role=Role.COMPONENT)
    archive.file(make_record(archive, 1), link, actor="x", at=last_hour)
    december = Period(begins=date(2026, 12, 1), ends=date(2026, 12, 1))
    assert count_papers(archive.db, NOVEMBER).filed == 0
    assert count_papers(archive.db, december).filed == 1


def test_what_was_destroyed_had_been_digitised(desk: Desk) -> None:
    code = desk.dossier("H1-261103-0001", settled_at=date(2026, 11, 5))
    listless = desk.dossier("H1-261103-0002", "9.999999", settled_at=date(2026, 11, 5))
    desk.result(code)
    papers = [desk.paper(code, "TK"), desk.paper(code, "GKS"), desk.paper(listless, "TK")]
    papers += [desk.paper(code, "KQ", Role.RESULT, 1), desk.paper(listless, "KQ", Role.RESULT)]
    before = desk.whole()
    assert (before[0].digitised, before[1].result_digitised) == (2, 2)
    why = {"batch": "HUY-1", "ground": "expired", "term": "06", "years": 10, "decision": None}
    order = Order(batch="HUY-1", actor="x", at=AT)
    for paper in papers:
        destroy(desk.archive, paper, why, NO_COPIES, order)
    assert desk.whole() == before


def test_days_that_no_clock_can_hold_end_nothing(archive: Archive) -> None:
    for_ever = Period(begins=date.min, ends=date.max)
    assert count_papers(archive.db, for_ever).filed == 0
    assert measure_times(archive.db, for_ever).received_to_filed.count == 0


def _plans(desk: Desk, asking: Callable[[Database], object]) -> list[tuple[str, str]]:
    """Return each question that is asked, with how SQLite goes about it."""
    connection, asked = desk.archive.db.tables.conn, list[str]()
    connection.set_trace_callback(asked.append)
    asking(desk.archive.db)
    connection.set_trace_callback(None)
    steps = (desk.archive.db.rows(f"EXPLAIN QUERY PLAN {query}") for query in asked)
    plans = ("\n".join(step["detail"] for step in each) for each in steps)
    return list(zip(asked, plans, strict=True))


def test_papers_of_a_period_are_found_without_reading_all_that_was_filed(desk: Desk) -> None:
    plans = [
        *_plans(desk, lambda db: count_papers(db, NOVEMBER)),
        *_plans(desk, lambda db: measure_times(db, NOVEMBER)),
    ]
    of_papers = [plan for query, plan in plans if "FROM record" in query]
    assert len(of_papers) == 2
    for plan in of_papers:
        assert "record USING INDEX record_filed_at" in plan.splitlines()[0], plan


@pytest.mark.parametrize(
    ("asking", "indexes"),
    [
        (lambda db: count_dossiers(db, SCOPE), ["received", "settled"]),
        (lambda db: count_undated(db), ["received"]),
        (lambda db: count_undated(db, ("H57",)), ["received"]),
        (is_syncing_stated, ["synced"]),
    ],
)
def test_dossiers_of_a_period_are_found_without_reading_the_whole_register(
    desk: Desk, asking: Callable[[Database], object], indexes: list[str]
) -> None:
    plans = [plan for _, plan in _plans(desk, asking)]
    assert len(plans) == len(indexes)
    for plan, index in zip(plans, indexes, strict=True):
        uses = f"USING (?:COVERING )?INDEX dossier_{index}"
        assert re.search(rf"(?:SEARCH|SCAN) dossier {uses}", plan), plan
        assert not re.search(r"SCAN dossier(?! USING)", plan), plan

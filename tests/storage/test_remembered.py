"""What is remembered of the whole archive is what would be counted now, whatever changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from config.vocabulary import EventType, Role
from storage import revisions
from storage.archive import Archive
from storage.fingerprints import Version
from storage.model import NewEvent, NewLink, Record
from storage.pdf_versions import PdfVersion, adopt
from storage.proof_ends import count_proof_ends
from storage.register import Dossier, ExpectedComponent, Procedure, RegisterBatch
from storage.remembered import Remembered
from tests.storage.conftest import AT, make_record
from tests.storage.disposing import make_office, record_id

ONE, TWO, THREE = "H20.01-261101-0001", "H20.02-261101-0002", "H20.01-261101-0003"
EVENT = NewEvent(type=EventType.VIEW, object="web", actor="desk", at=AT)
MOMENTS = (AT, AT + timedelta(days=90), AT + timedelta(days=365))


class Undone(Exception):
    """What a transaction fails by."""


def counts(archive: Archive) -> list[object]:
    """Return all that is remembered, as `archive` tells it."""
    ends = [count_proof_ends(archive, scope, MOMENTS) for scope in ((), ("H20.01",), ("H77",))]
    filed = archive.remembered.of("filed", archive.records.count)
    return [archive.results.count_incomplete(), filed, *ends]


def counted_anew(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the same of somebody who remembers nothing."""
    with monkeypatch.context() as patched:
        fresh = Remembered(archive.db)
        patched.setattr(archive, "remembered", fresh)
        patched.setattr(archive.results, "_remembered", fresh)
        return counts(archive)


def procedure(*needed: str) -> Procedure:
    parts = tuple(ExpectedComponent(class_code=code, name=code, required=True) for code in needed)
    return Procedure(code="1.001", title="Thử nghiệm", components=parts)


def dossier(code: str, agency: str, procedure_code: str = "1.001") -> Dossier:
    return Dossier(code=code, title="", procedure_code=procedure_code, agency_code=agency)


def file(archive: Archive, n: int, code: str, kind: str = "GKS", days: int | None = 30) -> Record:
    paper = make_record(archive, n, class_code=kind)
    (signature,) = paper.signatures
    until = None if days is None else AT + timedelta(days=days)
    signed = replace(paper, signatures=(replace(signature, proven_until=until),))
    link = NewLink(dossier_code=code, role=Role.COMPONENT)
    return archive.file(signed, link, actor="desk", at=AT)


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """Three papers in a dossier that has all it needs, in a strange one, and in one that lacks."""
    load(archive, procedure("GKS", "TKKS"), dossier(ONE, "H20.01"), dossier(THREE, "H20.01"))
    file(archive, 1, ONE)
    file(archive, 2, ONE, "TKKS", 400)
    file(archive, 3, TWO, "GCS", None)
    file(archive, 5, THREE, "GKS", None)
    return archive


def load(archive: Archive, *entries: Dossier | Procedure) -> None:
    archive.register.load(
        RegisterBatch(
            procedures=tuple(entry for entry in entries if isinstance(entry, Procedure)),
            dossiers=tuple(entry for entry in entries if isinstance(entry, Dossier)),
        )
    )


def revise(archive: Archive, n: int, **changes: object) -> None:
    record = archive.records.by_number(n)
    assert record is not None
    with archive.db.transaction():
        revisions.write(archive.db, archive.records, replace(record, **changes))  # type: ignore[arg-type]  # named by each case


def place(archive: Archive, n: int, code: str) -> None:
    record = archive.records.by_number(n)
    assert record is not None
    link = NewLink(dossier_code=code, role=Role.COMPONENT)
    archive.link(record.id, link, actor="desk", at=AT)


def replace_first(archive: Archive) -> None:
    earlier, later = archive.records.by_number(1), file(archive, 4, ONE)
    assert earlier is not None
    counts(archive)
    version = Version(record_id=later.id, supersedes=earlier.id, kind="replacement", at=AT)
    archive.supersede(version, actor="desk")


CHANGES: dict[str, Callable[[Archive], object]] = {
    "a paper is filed": lambda archive: file(archive, 4, TWO),
    "a paper gets another kind": lambda archive: revise(archive, 2, class_code="GCS"),
    "a paper lies elsewhere, too": lambda archive: place(archive, 3, ONE),
    "a procedure needs more": lambda archive: load(archive, procedure("GKS", "TKKS", "HDCN")),
    "a procedure needs less": lambda archive: load(archive, procedure()),
    "a dossier has another procedure": lambda archive: load(archive, dossier(THREE, "H20.01", "9")),
    "a dossier has another agency": lambda archive: load(archive, dossier(ONE, "H77")),
    "a dossier is registered late": lambda archive: load(archive, dossier(TWO, "H77")),
    "a paper takes the place of another": replace_first,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_after_a_change_everything_is_counted_anew(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, change: Callable[[Archive], object]
) -> None:
    before = counts(filled)
    assert before == counted_anew(filled, monkeypatch)
    change(filled)
    after = counts(filled)
    assert after != before
    assert after == counted_anew(filled, monkeypatch)


def test_a_later_form_of_a_paper_has_another_end(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, record = counts(filled), filled.records.by_number(1)
    assert record is not None
    (signature,) = record.signatures
    version = PdfVersion(
        pdf=record.pdf,
        earlier_sha256=record.pdf.sha256,
        verdict="TOTAL-PASSED",
        signatures=(replace(signature, proven_until=AT + timedelta(days=800)),),
    )
    act = NewEvent(type=EventType.METADATA_MODIFICATION, object=record.id, actor="desk", at=AT)
    assert adopt(filled, record.id, version, act) is not None
    assert counts(filled) == counted_anew(filled, monkeypatch) != before


def test_what_is_destroyed_counts_no_more(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office(archive)
    before = counts(archive)
    office.destroy(record_id(1), record_id(2))
    assert counts(archive) == counted_anew(archive, monkeypatch) != before


def test_what_did_not_change_is_not_counted_again(filled: Archive) -> None:
    asked: list[int] = []
    for _ in range(3):
        filled.remembered.of("this", lambda: asked.append(1))
        # Each view of a page is an event; nothing is counted from those.
        filled.events.append(EVENT)
    assert asked == [1]


def test_what_may_be_undone_is_not_remembered(filled: Archive) -> None:
    before = counts(filled)
    with suppress(Undone), filled.db.transaction():
        revise(filled, 2, class_code="GCS")
        assert counts(filled) != before
        raise Undone
    assert counts(filled) == before
    # The next change has the number of the one that was undone.
    revise(filled, 2, class_code="HDCN")
    assert counts(filled) != before


def test_what_is_asked_in_many_ways_is_bounded(filled: Archive) -> None:
    for number in range(1000):
        assert filled.remembered.of(number, partial(abs, number)) == number
    assert len(filled.remembered._known) < 300

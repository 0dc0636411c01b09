from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vocabulary import EventType, Role
from storage.accessions import Accession
from storage.archive import Archive, open_archive
from storage.corrections import Act
from storage.errors import PackageConflict
from storage.events import EventLog
from storage.fixity import check_archive
from storage.model import FieldValue, NewLink, PageText, Record
from storage.outsider.zips import write_zip
from storage.packages.admitting import Admission, admit
from storage.packages.arriving import read_arrival
from storage.packages.holdings import gather, holdings_bytes, read_holdings
from storage.packages.model import METS
from storage.packages.sources import open_source
from storage.packages.writing import PackageOrder, write_package
from storage.submissions import NewSubmission, SubmissionState
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.packages.conftest import REGISTERED, TERMS, Source, Taking, state

OTHER = "H15.50.05.13-261009-0001"


def facts(archive: Archive, record_id: str) -> tuple[Record, bytes, object]:
    """Return a record without its filing number, its canonical form, and its fingerprint."""
    record = archive.records.get(record_id)
    kept = archive.fingerprints
    form = archive.records.canonical(record)
    return replace(record, number=0), form, (kept.pictures(record_id), kept.version_of(record_id))


def test_what_comes_out_goes_in_field_by_field(
    source: Source, aip: Path, target: Archive, take: Taking
) -> None:
    admitted = take(aip, source.public_key)
    ids = [record.id for record in source.records]
    assert (list(admitted.taken), admitted.held) == (ids, ())
    for record_id in ids:
        assert facts(target, record_id) == facts(source.archive, record_id)
    assert target.register.dossier(DOSSIER) == REGISTERED.dossiers[0]
    assert target.register.procedure("1.001193") == REGISTERED.procedures[0]
    assert target.register.results(DOSSIER) == list(REGISTERED.results)
    said = [replace(item, id=0, salt="") for item in target.corrections.of_record(ids[0])]
    told = source.archive.corrections.of_record(ids[0])
    assert said == [replace(item, id=0, salt="") for item in told]
    assert len(said) == 1
    assert check_archive(target).findings == ()
    assert target.referenced_objects() == set(target.objects)


def test_the_source_s_proof_is_kept_with_the_event(
    source: Source, aip: Path, target: Archive, take: Taking
) -> None:
    take(aip)
    record = source.records[0]
    accession = target.accessions.of_record(record.id)
    assert isinstance(accession, Accession)
    event = next(
        item for item in target.events.events(record.id) if item.type is EventType.ACCESSION
    )
    assert event.detail["record_sha256"] == source.archive.records.digest(record)
    assert event.detail["package"] == accession.package
    assert event.detail["mets_sha256"] == hashlib.sha256((aip / METS).read_bytes()).hexdigest()
    assert event.detail["source_root"] == accession.source_root
    assert accession.source_key == hashlib.sha256(source.public_key).hexdigest()
    packed = target.objects.read(accession.evidence_sha256)
    assert b"proof.json" in packed
    assert b"kiem-tra.pyz" in packed
    # What is kept of the source names nobody the paper is about: lawful erasure leaves it whole.
    assert "TRẦN".encode() not in packed


@pytest.mark.parametrize("form", ["sip_hoso", "aip_tailieu", "sip_tailieu"])
def test_other_kinds_go_in_too(
    form: str, source: Source, tmp_path: Path, target: Archive, take: Taking
) -> None:
    source.write(form, tmp_path / "goi.zip")
    admitted = take(tmp_path / "goi.zip")
    for record_id in admitted.taken:
        assert facts(target, record_id)[:2] == facts(source.archive, record_id)[:2]
    assert len(admitted.taken) == (1 if form.endswith("tailieu") else 3)


def test_the_same_package_again_changes_nothing(
    aip: Path, source: Source, target: Archive, take: Taking
) -> None:
    take(aip)
    before = state(target)
    admitted = take(aip)
    assert admitted.taken == ()
    assert len(admitted.held) == len(source.records)
    assert state(target) == before


def test_a_dossier_completes_what_came_before(
    source: Source, aip: Path, tmp_path: Path, target: Archive, take: Taking
) -> None:
    source.write("aip_tailieu", tmp_path / "mot.zip")
    first = take(tmp_path / "mot.zip").taken
    admitted = take(aip)
    assert admitted.held == first
    assert {*admitted.taken, *first} == {record.id for record in source.records}
    assert check_archive(target).findings == ()


def test_a_paper_that_differs_here_refuses_the_whole(
    source: Source, aip: Path, target: Archive, take: Taking
) -> None:
    source_record = source.records[2]
    mine = make_record(target, 3, title="Giấy khác")
    assert mine.id == source_record.id
    target.file(mine, NewLink(dossier_code=OTHER, role=Role.COMPONENT), actor="desk", at=AT)
    before = state(target)
    with pytest.raises(PackageConflict, match="nội dung khác"):
        take(aip)
    assert state(target) == before


def test_a_place_that_is_taken_here_refuses_the_whole(
    aip: Path, target: Archive, take: Taking
) -> None:
    link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
    target.file(make_record(target, 9), link, actor="desk", at=AT)
    before = state(target)
    with pytest.raises(PackageConflict, match="trùng số thứ tự"):
        take(aip)
    assert state(target) == before
    assert check_archive(target).findings == ()


def test_what_was_destroyed_here_does_not_come_back(
    source: Source, aip: Path, target: Archive, take: Taking
) -> None:
    target.destroyed.add(source.records[1], {"batch": "2026-1"}, {}, AT)
    before = state(target)
    with pytest.raises(PackageConflict, match="hủy hợp pháp"):
        take(aip)
    assert state(target) == before


def test_the_register_here_is_not_overwritten(aip: Path, target: Archive, take: Taking) -> None:
    own = replace(REGISTERED.dossiers[0], title="Tên ở đây")
    target.register.load(replace(REGISTERED, dossiers=(own,), results=()))
    take(aip)
    assert target.register.dossier(DOSSIER) == own


def test_a_scan_that_waits_at_its_source_waits_for_nobody_here(
    source: Source, tmp_path: Path, target: Archive, take: Taking
) -> None:
    record = source.records[0]
    claimed = NewSubmission(
        id=record.submission_id,
        name="quét 1.tif",
        tray_path="2-dang-xu-ly/quét 1.tif",
        size_bytes=1,
        received_at=AT,
    )
    source.archive.ledger.claim(claimed, actor="desk")
    source.write("aip_tailieu", tmp_path / "goi.zip")
    take(tmp_path / "goi.zip")
    entered = target.ledger.get(record.submission_id)
    assert (entered.state, entered.tray_path) == (SubmissionState.FILED, "")
    assert (entered.name, entered.received_at) == ("quét 1.tif", AT)
    assert target.ledger.unfinished() == []


def test_a_correction_meanwhile_is_in_the_package(
    source: Source, tmp_path: Path, target: Archive, take: Taking
) -> None:
    with open_archive(tmp_path / "nguon") as archive:
        link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
        record = archive.file(make_record(archive, 1), link, actor="desk", at=AT)
        order = PackageOrder(
            form="aip_hoso", code=DOSSIER, records=[record], terms=TERMS, ground=source.ground
        )
        archive.revise(replace(record, title="Tên đúng"), Act.CORRECT, actor="văn thư", at=AT)
        write_package(archive, order, tmp_path / "goi.zip")
    take(tmp_path / "goi.zip")
    assert target.records.get(record.id).title == "Tên đúng"


def test_an_import_that_fails_half_way_leaves_orphans_at_most(
    aip: Path, take: Taking, target: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(target)
    appended = EventLog.append
    calls: list[int] = []

    def dying(log: EventLog, *events: object) -> list[int]:
        calls.append(len(events))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return appended(log, *events)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(EventLog, "append", dying)
    with pytest.raises(KeyboardInterrupt):
        take(aip)
    monkeypatch.undo()
    assert state(target) == before
    assert check_archive(target).findings == ()
    assert len(take(aip).taken) == 3
    assert check_archive(target).findings == ()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FIELDS = st.builds(
    FieldValue,
    name=st.sampled_from(["number", "holder", "issue_date"]),
    value=st.none() | TEXTS,
    confidence=st.floats(0, 1),
    page=st.none() | st.integers(1, 9),
    box=st.none() | st.tuples(*[st.floats(0, 999)] * 4),
    source=st.sampled_from(["ocr", "person", "register"]),
    read=TEXTS,
)


@given(
    titles=st.lists(TEXTS, min_size=1, max_size=3),
    fields=st.lists(FIELDS, max_size=4),
    pages=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=3),
)
def test_any_records_are_written_and_read_alike(
    titles: list[str], fields: list[FieldValue], pages: list[tuple[str, str, str]], source: Source
) -> None:
    texts = tuple(
        PageText(number=n, text=text, overlay_text=overlay, as_read=as_read)
        for n, (text, overlay, as_read) in enumerate(pages, start=1)
    )
    base = source.records[0]
    records = [replace(base, title=title, fields=tuple(fields), pages=texts) for title in titles]
    holdings = replace(gather(source.archive, DOSSIER, source.records), records=tuple(records))
    assert read_holdings(holdings_bytes(holdings)) == holdings


def drawn(rng: random.Random, archive: Archive, n: int) -> Record:
    """File a paper with drawn text, fields and places."""
    signs = "aáảãạăâđêôơưỳ 0123456789«»–\t\x07<&>\u200b🖋"
    words = ["".join(rng.choices(signs, k=rng.randint(0, 60))) for _ in range(6)]
    value = FieldValue(
        name=rng.choice(["number", "subject", "issue_date", "issuing_body"]),
        value=rng.choice([None, words[0], "2026-02-30", "2026-02-28"]),
        confidence=rng.random(),
        page=rng.choice([None, 1]),
        box=rng.choice([None, (1.5, 2, 3.25, 4)]),
        source=rng.choice(["ocr", "person"]),
        read=words[1],
    )
    paper = make_record(
        archive,
        n,
        *words[2:4],
        title=words[4],
        fields=(value,),
        duty=rng.choice(["must", "unknown"]),
    )
    until = rng.choice([None, AT + timedelta(days=rng.randint(1, 4000))])
    (signature,) = paper.signatures
    paper = replace(paper, signatures=(signature, replace(signature, proven_until=until)))
    paper = replace(
        paper,
        # What was read in seals, and before a repair, leaves and arrives with the page.
        pages=tuple(
            replace(
                page, overlay_text=rng.choice(["", words[5]]), as_read=rng.choice(["", words[0]])
            )
            for page in paper.pages
        ),
        mean_confidence=rng.choice([None, 1, rng.random()]),
        digitisation_code=rng.choice([None, f"H15.50.05.13-{n}"]),
        warnings=tuple(rng.sample(["copy_stamp", "low_dpi"], rng.randint(0, 2))),
    )
    role = rng.choice(list(Role))
    first, second = rng.sample([DOSSIER, OTHER], 2)
    filed = archive.file(paper, NewLink(dossier_code=first, role=role), actor="desk", at=AT)
    if rng.random() < 0.5:
        link = NewLink(dossier_code=second, role=role, procedure_result_code=f"{second}-KQ({n})")
        filed = archive.link(filed.id, link, actor="desk", at=AT)
    return filed


def round_trip(seed: int, count: int, source: Source, folder: Path) -> None:
    rng = random.Random(seed)
    with open_archive(folder / "a") as one, open_archive(folder / "b") as other:
        filed = [drawn(rng, one, n) for n in range(1, count + 1)]
        taken: set[str] = set()
        for code in (DOSSIER, OTHER):
            there = replace(source, archive=one)
            package = there.write_of(rng.choice(["aip_hoso", "sip_hoso"]), code, folder / code)
            packed = folder / f"{code}.zip"
            write_zip(folder / code, packed)
            (folder / f"work-{code}").mkdir()
            with open_source(packed) as opened:
                arrival = read_arrival(opened, other, folder / f"work-{code}", source.public_key)
            taken |= {*admit(other, arrival, Admission(actor="x", at=AT, verdicts={})).taken}
            assert arrival.identifier == package.identifier
        assert taken == {record.id for record in filed}
        for record in filed:
            assert facts(other, record.id) == facts(one, record.id)
        assert check_archive(other).findings == ()


def test_drawn_papers_in_two_dossiers_come_out_as_they_went_in(
    source: Source, tmp_path: Path
) -> None:
    round_trip(20261122, 8, source, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_many_drawn_papers_come_out_as_they_went_in(
    seed: int, source: Source, tmp_path: Path
) -> None:
    round_trip(seed, 25, source, tmp_path)


def test_a_package_from_before_ends_of_proof_were_kept_is_read_as_it_was(source: Source) -> None:
    holdings = gather(source.archive, DOSSIER, source.records)
    older = holdings_bytes(holdings)
    assert b"proven_until" not in older
    assert read_holdings(older) == holdings
    known = [
        replace(
            record, signatures=tuple(replace(one, proven_until=AT) for one in record.signatures)
        )
        for record in holdings.records
    ]
    newer = replace(holdings, records=tuple(known))
    assert read_holdings(holdings_bytes(newer)) == newer != holdings

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from config.vocabulary import Role
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.model import FieldValue, NewLink, PageText, SignatureSummary
from tests.storage.conftest import AT, DOSSIER, NewRecordMaker


def test_a_record_is_read_back_as_it_was_filed(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    new = new_record(1, "một", "", "ba")
    record = archive.file(new, link, actor="desk", at=AT)
    for name in type(new).__dataclass_fields__:
        assert getattr(record, name) == getattr(new, name), name
    assert record.filed_at == AT
    assert archive.records.get(new.id) == record
    assert archive.records.by_number(record.number) == record
    assert archive.records.by_submission("nop-1", 1) == record
    assert archive.records.by_submission("nop-1", 2) is None
    assert archive.records.by_original(new.original.sha256) == [record]
    assert archive.records.by_original(new.pdf.sha256) == []


def test_what_filing_returns_is_what_reading_gives_whatever_the_values(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    zone = timezone(timedelta(hours=7))
    awkward = new_record(
        1,
        mean_confidence=1,
        pages=(PageText(number=2, text="\x00 hai"), PageText(number=1, text="", as_read="một")),
        fields=(
            FieldValue(name="a", value=None, confidence=1, box=(1, 2.5, 3, 4), source="ocr"),
            FieldValue(name="a", value="", confidence=0.1 + 0.2, page=1, source="person", read="b"),
        ),
        signatures=(
            SignatureSummary(
                field="CQ_SoHoa",
                level="B-T",
                indication="TOTAL-PASSED",
                sub_indication=None,
                signer="CƠ QUAN THỬ NGHIỆM",
                signed_at=AT.astimezone(zone),
            ),
        ),
        warnings=("một", "hai"),
        notes={"z": "đ", "a": "'\"\\"},
    )
    filed = archive.file(awkward, link, actor="desk", at=AT.astimezone(zone))
    read = archive.records.get(awkward.id)
    assert filed == read
    assert archive.records.canonical(filed) == archive.records.canonical(read)
    assert [page.number for page in filed.pages] == [1, 2]


def test_a_place_in_a_dossier_is_never_given_again(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    assert archive.records.next_ordinal(DOSSIER) == 1
    archive.file(new_record(1), link, actor="desk", at=AT)
    assert archive.records.next_ordinal(DOSSIER) == 2
    archive.db.execute("PRAGMA foreign_keys = OFF")
    archive.db.execute(
        "INSERT INTO destroyed_link (record_id, dossier_code, role, ordinal, class_code) "
        "VALUES ('gone', ?, 'component', 7, 'GKS')",
        (DOSSIER,),
    )
    assert archive.file(new_record(2), link, actor="desk", at=AT).links[0].ordinal == 8


def test_lists_go_newest_first_and_on_from_a_record(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    ids = [archive.file(new_record(n), link, actor="desk", at=AT).id for n in range(1, 6)]
    assert list(archive.records.all_ids()) == ids
    assert archive.records.count() == 5
    first = archive.records.newest(2)
    assert [record.id for record in first] == ids[:2:-1]
    rest = archive.records.newest(10, after=first[-1].id)
    assert [record.id for record in rest] == ids[2::-1]


def test_a_dossier_lists_its_papers_in_their_order(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    other = NewLink(dossier_code="H1", role=Role.RESULT)
    first = archive.file(new_record(1), other, actor="desk", at=AT)
    second = archive.file(new_record(2), link, actor="desk", at=AT)
    archive.link(first.id, link, actor="desk", at=AT)
    listed = archive.records.of_dossier(DOSSIER)
    assert [record.id for record in listed] == [second.id, first.id]
    assert archive.records.of_dossier("H9") == []


def test_the_canonical_form_changes_with_each_row(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    record = archive.file(new_record(1, "một", "hai"), link, actor="desk", at=AT)
    digests = {archive.records.digest(record)}
    for change in (
        "UPDATE record SET verdict = 'INDETERMINATE'",
        "UPDATE record SET mean_confidence = 0.92",
        "UPDATE record SET notes = '{}'",
        "UPDATE record SET filed_at = '2026-11-22T00:00:00.000000Z'",
        "UPDATE page SET text = 'khác' WHERE number = 2",
        "UPDATE page SET overlay_text = 'dấu' WHERE number = 2",
        "UPDATE page SET as_read = 'khảc' WHERE number = 2",
        "UPDATE field SET read = 'khảc' WHERE ordinal = 1",
        "UPDATE field SET value = 'khác' WHERE ordinal = 1",
        "UPDATE field SET box = '[1,2,3,4]' WHERE ordinal = 1",
        "UPDATE signature SET indication = 'TOTAL-FAILED'",
        "UPDATE signature SET proven_until = '2031-01-01T00:00:00.000000Z'",
        "UPDATE link SET role = 'result'",
        "DELETE FROM page WHERE number = 1",
    ):
        archive.db.execute(change)
        digests.add(archive.records.digest(archive.records.get(record.id)))
    assert len(digests) == 15


def test_a_record_that_is_not_there_is_named(archive: Archive) -> None:
    with pytest.raises(RecordNotFound, match="không-có"):
        archive.records.get("không-có")
    with pytest.raises(RecordNotFound):
        archive.records.newest(5, after="không-có")


def test_what_was_read_before_a_repair_is_kept_and_is_part_of_the_digest(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    field = FieldValue(name="number", value="15", confidence=0.8, page=1, read="l5")
    plain = replace(field, read="")
    record = archive.file(new_record(1, fields=(field, plain)), link, actor="desk", at=AT)
    assert archive.records.get(record.id).fields == (field, plain)
    other = replace(record, fields=(replace(field, read="I5"), plain))
    assert archive.records.digest(other) != archive.records.digest(record)
    # A field that needed no repair keeps the form that it was filed with.
    assert b'["number","15",0.8,1,null,"ocr"]' in archive.records.canonical(record)


def test_until_when_a_signature_can_be_proved_is_kept_and_is_part_of_the_digest(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    older = new_record(1).signatures[0]
    known = replace(older, proven_until=AT + timedelta(days=900))
    record = archive.file(new_record(1, signatures=(known, older)), link, actor="desk", at=AT)
    assert archive.records.get(record.id).signatures == (known, older)
    other = replace(record, signatures=(older, older))
    assert archive.records.digest(other) != archive.records.digest(record)
    # One of which it is not known keeps the form that it was filed with.
    assert b'"2026-11-21T08:04:05.123456Z","timestamp"]' in archive.records.canonical(other)

"""What lists show of papers is what their records say, and nothing of papers that are gone."""

from __future__ import annotations

from config.vocabulary import Role
from storage.archive import Archive
from storage.found_papers import found_papers
from storage.model import NewLink
from tests.storage.conftest import AT, DOSSIER, NewRecordMaker

ELSEWHERE = "H15.50.05.13-261009-0001"


def test_a_list_shows_what_the_records_say(archive: Archive, new_record: NewRecordMaker) -> None:
    link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
    filed = [
        archive.file(new_record(n, *(f"trang {page}" for page in range(n))), link, actor="", at=AT)
        for n in (2, 3, 4)
    ]
    other = NewLink(dossier_code=ELSEWHERE, role=Role.RESULT)
    archive.link(filed[1].id, other, actor="", at=AT)
    wanted = {filed[2].id: {1, 4}, "018F-nobody": {1}, filed[0].id: (), filed[1].id: [2]}
    listed = found_papers(archive.db, wanted)
    found = listed.whole
    assert list(found) == [filed[2].id, filed[0].id, filed[1].id]
    for record_id, paper in found.items():
        record = archive.records.get(record_id)
        names = ("id", "number", "class_code", "title", "verdict", "filed_at", "links")
        assert {name: getattr(paper, name) for name in names} == {
            name: getattr(record, name) for name in names
        }
        assert paper.original_sha256 == record.original.sha256
        assert paper.pdf_sha256 == record.pdf.sha256
        assert paper.pages == {number: record.pages[number - 1] for number in wanted[record_id]}
    assert [link.role for link in found[filed[1].id].links] == [Role.COMPONENT, Role.RESULT]
    # Nothing takes a record away but a destruction, which leaves its name.
    assert listed.damaged == ("018F-nobody",)


def test_nothing_found_shows_nothing(archive: Archive) -> None:
    listed = found_papers(archive.db, {})
    assert (listed.whole, listed.damaged) == ({}, ())

"""Many papers in one scan: cut, carried one by one, filed once, told paper by paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import pipeline
from desk.services import Services
from desk.stages import KeptScan
from digitize.covers import write_payload
from digitize.model import Cover, Paper
from storage.model import Record
from storage.submissions import SubmissionState
from tests.desk import batch_papers
from tests.desk.conftest import SmallStation

BIRTH, MARRIAGE = "H26.99-261105-0001", "H26.99-261106-0002"
FORM = Cover(dossier_code=BIRTH, class_code="TKKS")


def records_of(small: SmallStation) -> list[Record]:
    with small.archive() as archive:
        return sorted(archive.records.newest(100), key=lambda record: record.paper)


def question(small: SmallStation) -> str:
    (slip,) = small.station.confirm.rglob("*.CAN-XAC-NHAN.txt")
    return slip.read_text(encoding="utf-8-sig")


def answer(small: SmallStation, folder: str) -> None:
    """Drag the scan from the question tray into a folder of the inbox."""
    (held,) = [path for path in small.station.confirm.rglob("*") if path.suffix == ".tif"]
    place = small.station.inbox / folder
    place.mkdir(parents=True, exist_ok=True)
    held.rename(place / held.name)


def three_papers(small: SmallStation, work: Path) -> Path:
    """Two sound papers and one whose cover sheet states a page too many."""
    short = Cover(dossier_code=MARRIAGE, class_code="CV", pages=2)
    sheets = [
        batch_papers.cover(small, work, FORM),
        batch_papers.blank(),  # the back of the sheet
        batch_papers.page("Giấy thứ nhất, trang đầu, thử nghiệm một cửa"),
        batch_papers.blank(),
        batch_papers.cover(small, work, Cover(dossier_code=BIRTH, class_code="TKKS", pages=1)),
        batch_papers.page("Giấy thứ hai chỉ có một trang, thử nghiệm"),
        batch_papers.cover(small, work, short),
        batch_papers.page("Giấy thứ ba thiếu mất một trang, thử nghiệm"),
    ]
    return batch_papers.scan(sheets, small.station.inbox / "lo.tif")


def test_what_is_sound_is_filed_and_what_is_not_is_asked_by_its_pages(
    small: SmallStation, tmp_path: Path
) -> None:
    dropped = three_papers(small, tmp_path)
    data = dropped.read_bytes()
    (ending,) = small.run()
    assert (ending.state, ending.reason and ending.reason.code) == (
        SubmissionState.TO_CONFIRM,
        "page_count_differs",
    )
    assert "Giấy 3 (trang 8): Tờ bìa ghi 2 trang nhưng quét được 1" in question(small)
    first, second = records_of(small)
    assert [record.page_count for record in (first, second)] == [2, 1]
    assert first.notes["scan_pages"] == "3,4"
    assert first.notes["cover_pages"] == "1,2,5,7"
    assert first.notes["dossier_from"] == first.notes["class_from"] == "cover"
    assert [page.number for page in first.pages] == [1, 2]
    assert {record.original for record in (first, second)} == {first.original}
    assert small.files(small.station.done) == [f"{BIRTH}.1.pdf", f"{BIRTH}.2.pdf"]
    with small.archive() as archive:
        assert archive.objects.read(first.original.sha256) == data

    answer(small, MARRIAGE)
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    *kept, third = records_of(small)
    assert [record.id for record in kept] == [first.id, second.id]
    assert third.links[0].dossier_code == MARRIAGE
    (slip,) = [name for name in small.files(small.station.done) if name.endswith(".txt")]
    told = (small.station.done / slip).read_text(encoding="utf-8-sig")
    assert all(record.id in told for record in (first, second, third))
    assert "Số giấy tờ:      3" in told
    assert "GIẤY 1 (trang 3,4 của tệp)" in told

    (small.station.inbox / "lo-thu-hai.tif").write_bytes(data)
    (ending,) = small.run()
    assert ending.state is SubmissionState.DUPLICATE
    assert {record.id for record in ending.records} == {first.id, second.id, third.id}
    assert len(records_of(small)) == 3


class Killed(BaseException):
    """The power failed."""


def test_a_kill_between_two_papers_leaves_each_filed_once(
    small: SmallStation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = [
        batch_papers.cover(small, tmp_path, FORM),
        batch_papers.page("Giấy thứ nhất, thử nghiệm một cửa"),
        batch_papers.cover(small, tmp_path, FORM),
        batch_papers.page("Giấy thứ hai, thử nghiệm một cửa"),
    ]
    batch_papers.scan(sheets, small.station.inbox / "lo.tif")
    carry = pipeline.carry_paper

    def carry_and_die(kept: KeptScan, paper: Paper, services: Services) -> Record:
        if paper.number == 2:
            raise Killed
        return carry(kept, paper, services)

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "carry_paper", carry_and_die)
        with pytest.raises(Killed):
            small.run()
    (first,) = records_of(small)
    # The file is cut as it was, whatever the settings say by now.
    small.set(intake={"batches": "off"})
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    assert [record.paper for record in records_of(small)] == [1, 2]
    assert records_of(small)[0].id == first.id


def test_a_forged_sheet_is_asked_about_and_a_foreign_code_is_ignored(
    small: SmallStation, tmp_path: Path
) -> None:
    forged = write_payload(FORM, b"another station's key".ljust(32, b"."))
    sheets = [
        batch_papers.foreign("https://example.test/H99", "Trang có mã QR lạ, thử nghiệm"),
        batch_papers.foreign(forged, "Trang giả tờ bìa, thử nghiệm một cửa"),
    ]
    batch_papers.scan(sheets, small.station.inbox / BIRTH / "lo.tif")
    (ending,) = small.run()
    assert (ending.state, ending.reason and ending.reason.code) == (
        SubmissionState.TO_CONFIRM,
        "cover_not_ours",
    )
    assert "trang 2" in question(small)
    assert records_of(small) == []
    answer(small, f"{BIRTH}/TKKS")
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    (record,) = records_of(small)
    assert record.page_count == 2


def test_blank_pages_are_left_out_only_on_the_stations_word_and_that_is_noted(
    small: SmallStation, tmp_path: Path
) -> None:
    small.set(intake={"drop_blank": True})
    sheets = [
        batch_papers.cover(small, tmp_path, FORM),
        batch_papers.page("Trang đầu của giấy, thử nghiệm một cửa"),
        batch_papers.blank(),
        batch_papers.page("Trang cuối của giấy, thử nghiệm một cửa"),
    ]
    batch_papers.scan(sheets, small.station.inbox / "lo.tif")
    small.run()
    (record,) = records_of(small)
    assert record.page_count == 2
    assert record.notes["blank_pages_left_out"] == "3"
    assert "Điều 8" in record.notes["blank_pages_rule"]

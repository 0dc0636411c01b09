"""A DIP of certified copies: what was issued, listed, and nothing that is not as it was issued."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pdfplumber
import pytest

from config.vocabulary import EventType
from desk.departures import take_out
from desk.eark_exports import export_eark
from desk.errors import AnswerRefused
from desk.exporting import Exported, ExportOrder
from desk.moments import now
from desk.reading_copies import certified_folder
from desk.station import Station
from storage.access_copies import CopyOrder, CopyState, IssuedKind, Told
from storage.archive import open_archive
from storage.packages.checking import check_package
from storage.packages.model import SHEET
from tests.desk.test_bundling import CODE, make_office

COPY = b"%PDF-1.7 one revision more"


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    return make_office(tmp_path_factory.mktemp("office")).station


def export(station: Station, target: Path, package: str = "dip") -> Exported:
    order = ExportOrder(
        code=CODE,
        format="eark",
        package=package,
        target=target,
        actor="thử nghiệm",
        at=now(),
        certified=True,
    )
    with open_archive(station.archive) as archive:
        return take_out(export_eark, order, station, archive)


def issue(station: Station, content: bytes) -> Path:
    """Enter a certified copy into the register, as the engine does once it was signed."""
    path = certified_folder(station) / "ban-sao.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with open_archive(station.archive) as archive:
        (record,) = archive.records.newest(2)
        order = CopyOrder(
            id="018F0000-0000-7000-8000-00000000000c",
            record_id=record.id,
            dossier_code=CODE,
            ordinal=1,
            kind=IssuedKind.CERTIFIED,
            pdf_sha256=record.pdf.sha256,
            reason="ông THỬ NGHIỆM hỏi",
            actor="thử nghiệm",
            at=now(),
        )
        told = Told(
            type=EventType.DISSEMINATION, actor="a", at=now(), outcome="certified", detail={}
        )
        archive.copies.add(
            order,
            told,
            state=CopyState.ISSUED,
            sha256=hashlib.sha256(content).hexdigest(),
            file=station.relative(path),
        )
    return path


def test_a_certified_dip_holds_what_was_issued_and_a_sheet_that_lists_it(
    station: Station, tmp_path: Path
) -> None:
    with pytest.raises(AnswerRefused, match="chưa có bản sao"):
        export(station, tmp_path / "goi")
    path = issue(station, COPY)
    with pytest.raises(AnswerRefused, match="--package dip"):
        export(station, tmp_path / "goi", "aip")
    made = export(station, tmp_path / "goi").path
    assert check_package(made).findings == ()
    assert (made / f"representations/rep1/data/{CODE}.1.pdf").read_bytes() == COPY
    with pdfplumber.open(made / SHEET) as sheet:
        said = "".join("".join(page.extract_text().split()) for page in sheet.pages)
    assert hashlib.sha256(COPY).hexdigest() in said
    assert "khôngphảilàgiấychứngnhận" in said
    with open_archive(station.archive) as archive:
        event = archive.events.events(made_of := archive.records.newest(2)[0].id)[-1]
    assert (event.object, event.detail["certified"]) == (made_of, True)
    path.write_bytes(COPY + b" ")
    with pytest.raises(AnswerRefused, match="đã bị thay đổi"):
        export(station, tmp_path / "khac")
    assert not (tmp_path / "khac").exists()

"""A DIP of certified copies (TT 05/2025/TT-BNV): a person released them, the agency signed them.

What certifies is the agency's signature in each file. The sheet beside them lists them and says so;
it is no certificate by itself, and nothing here signs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from config.statement import Row, Section, Statement, Tone
from desk.errors import AnswerRefused
from desk.exporting import ExportOrder
from desk.moments import show
from desk.statement_pdf import write_pdf
from desk.station import Station
from digitize.metadata import DocumentFacts
from signing.shown_text import SENTENCE_LETTERS, shown
from storage.access_copies import CopyState, IssuedCopy, IssuedKind
from storage.archive import Archive
from storage.model import Record
from storage.packages.identifiers import document_id, place_of
from storage.packages.model import Certified
from storage.workshops import workshop

_CAUTION = (
    "Chứng nhận là chữ ký số của cơ quan trong từng tệp, hiện bằng chữ «BẢN SAO» ở trang 1; hãy "
    "kiểm tra chữ ký của từng tệp. Danh mục này không phải là giấy chứng nhận và không thay cho "
    "chữ ký đó. Bản sao chứng nhận điều kho đang giữ, không nói gì về bản chính giấy."
)


def bring_copies(
    records: Sequence[Record], order: ExportOrder, station: Station, archive: Archive
) -> Certified:
    """Bring the certified copies of some papers, and the sheet that lists them.

    Raises:
        AnswerRefused: the package is no DIP, or a paper has no certified copy at hand.
    """
    if order.package != "dip":
        raise AnswerRefused(
            "Bản sao có chứng nhận chỉ đi trong gói dip: thêm --package dip.",
            "certified copies go into a DIP only; add --package dip",
        )
    copies = {record.id: _copy_of(record, station, archive) for record in records}
    held = {name: _read(copy, station) for name, copy in copies.items()}
    with workshop(archive.staging, "sheet.") as work:
        sheet = _write_sheet(records, copies, order, work / "ban-sao.pdf")
    return Certified(files=held, sheet=sheet)


def _copy_of(record: Record, station: Station, archive: Archive) -> IssuedCopy:
    """Return the newest certified copy of a paper as it stands, whose file is still there."""
    issued = [
        copy
        for copy in archive.copies.of_record(record.id)
        if copy.kind is IssuedKind.CERTIFIED
        and copy.state is CopyState.ISSUED
        and copy.pdf_sha256 == record.pdf.sha256
        and (station.root / copy.file).is_file()
    ]
    if not issued:
        link = record.links[0]
        raise AnswerRefused(
            f"Giấy tờ {link.dossier_code}.{link.ordinal} chưa có bản sao có chứng nhận, hoặc đã "
            "hết hạn lấy. Hãy xin cấp (hoso copy --kind certified), duyệt ký, rồi xuất lại.",
            f"paper {record.id} has no certified copy at hand; ask for one, and release it",
        )
    return max(issued, key=lambda copy: copy.at)


def _read(copy: IssuedCopy, station: Station) -> bytes:
    data = (station.root / copy.file).read_bytes()
    if hashlib.sha256(data).hexdigest() != copy.sha256:
        raise AnswerRefused(
            f"Tệp bản sao {copy.id} đã bị thay đổi nên không xuất. Hãy cấp bản sao khác và báo "
            "người quản trị.",
            f"the file of copy {copy.id} has changed; issue another, and tell the administrator",
        )
    return data


def _write_sheet(
    records: Sequence[Record], copies: Mapping[str, IssuedCopy], order: ExportOrder, target: Path
) -> bytes:
    statement = Statement(
        language="vi",
        title="Danh mục bản sao có chứng nhận",
        conclusion=f"{len(records)} bản sao, hồ sơ hoặc giấy tờ {shown(order.code)}",
        tone=Tone.PLAIN,
        reference=f"{shown(order.code)}, lập lúc {show(order.at)}",
        checked="Mỗi tệp khớp mã SHA-256 trong sổ cấp bản sao của kho lúc đóng gói.",
        sections=tuple(_sections(records, copies, order)),
        caution=_CAUTION,
    )
    facts = DocumentFacts(
        title=statement.title,
        agency_name="",
        dossier_code=None,
        source_sha256="",
        received_at=order.at,
        note=statement.reference,
        language="vi-VN",
    )
    write_pdf(statement, facts, target)
    return target.read_bytes()


def _sections(
    records: Sequence[Record], copies: Mapping[str, IssuedCopy], order: ExportOrder
) -> Iterator[Section]:
    for record in records:
        copy, (code, ordinal) = copies[record.id], place_of(record, order.code)
        rows = (
            Row(label="Giấy tờ", value=shown(record.title, SENTENCE_LETTERS)),
            Row(label="Mã bản sao", value=copy.id),
            Row(label="Cấp lúc", value=show(copy.at)),
            Row(label="SHA-256 bản sao", value=copy.sha256),
            Row(label="SHA-256 bản đã lưu", value=copy.pdf_sha256),
        )
        heading = f"{document_id(code, ordinal)}.pdf"
        yield Section(heading=heading, tone=Tone.PLAIN, rows=rows)

"""A package from beginning to end: which files lie in it, where, and what describes them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib.resources import files as resources
from pathlib import Path

from config.packages import PackageForm
from storage.model import Record
from storage.packages import model, xml
from storage.packages.descriptions import (
    describe_document,
    describe_header,
    document_names,
    package_title,
)
from storage.packages.ead import ead_bytes, schema_bytes
from storage.packages.holdings import holdings_bytes
from storage.packages.identifiers import (
    document_id,
    package_folder,
    package_identifier,
    package_uuid,
    place_of,
)
from storage.packages.mets import MetsWriter, Paper, Sections
from storage.packages.model import Package, PackageFile, Plan, made_file
from storage.packages.premis import package_premis, papers_premis

_XML, _TEXT, _PDF = "application/xml", "text/plain", "application/pdf"
_JSON = "application/json"
_UNKNOWN = "application/octet-stream"
_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/webp": ".webp",
}
_README = """GÓI {kind} THEO THÔNG TƯ 05/2025/TT-BNV (phụ lục {annex})

METS.xml                        cấu trúc gói; mã SHA-256 của mọi tệp
metadata/descriptive/EAD.xml    mô tả {what}
representations/rep1/data       các tài liệu, tên <mã hồ sơ>.<số thứ tự>.pdf
representations/rep1/metadata   mô tả từng tài liệu
schemas                         lược đồ XML
{more}
Kiểm tra bằng chương trình Hồ Sơ: hoso export --check GÓI
Check it with the program Hồ Sơ: hoso export --check PACKAGE
"""
_README_KEPT = """PREMIS.xml, PREMIS_rep1.xml      (gói AIP) các sự kiện bảo quản
metadata/other/records.json     dữ liệu đầy đủ của từng tài liệu, để nhập vào hệ thống khác
metadata/other/evidence         sự kiện trong nhật ký kèm bằng chứng: python kiem-tra.pyz .
<tài liệu>.goc.*                bản quét như lúc nhận
"""
_WITHHELD = """
Không kèm bản quét gốc, vì bản quét còn có giấy tờ không thuộc gói này (scans that show papers of
others stay in the archive): {papers}
"""


Proving = Callable[[bytes], Path]
"""Takes the digests of the files; gives the folder of the evidence export that signs them."""


def build_package(plan: Plan, digests: Sequence[str], prove: Proving | None) -> Package:
    """Lay out a package; the same plan and evidence give the same bytes.

    Args:
        plan: What goes in.
        digests: Digest of the canonical form of each record.
        prove: Makes the evidence of these papers; None leaves it out.
    """
    # With and without the scans, with filed PDFs and certified copies, it is not the same package.
    told = (*digests, *sorted(plan.withheld), *_copies(plan))
    uuid = package_uuid(plan.form, plan.holdings, told)
    identifier = package_identifier(plan.form, uuid, plan.terms)
    papers = [_paper_files(plan, record) for record in plan.holdings.records]
    inner = _representation(plan, papers)
    outer = _root_files(plan, identifier)
    if prove is not None:
        contents = model.contents_bytes({file.path: file.sha256 for file in (*outer, *inner)})
        outer += _evidence_files(plan, prove(contents))
    representation = next(file for file in inner if file.name == model.METS)
    sections = _root_sections(plan.form, outer, representation)
    writer = MetsWriter(plan, identifier)
    header = writer.add_header(package_title(plan.holdings))
    if plan.form.oais_type == "SIP":
        writer.add_agreement(header)
    writer.add_sections(sections)
    writer.add_package_map(identifier, sections)
    mets = made_file(model.METS, _XML, writer.content(), plan.at)
    return Package(
        identifier=identifier,
        folder=package_folder(identifier),
        files=tuple(sorted((mets, *outer, *inner), key=lambda file: file.path)),
        withheld=plan.withheld,
    )


def _copies(plan: Plan) -> list[str]:
    copies = plan.certified.files.values() if plan.certified else ()
    return sorted(hashlib.sha256(copy).hexdigest() for copy in copies)


def _kept_file(plan: Plan, record: Record, path: str) -> PackageFile:
    if plan.certified is not None:
        return made_file(path, _PDF, plan.certified.files[record.id], plan.at)
    return PackageFile(
        path=path,
        media_type=_PDF,
        sha256=record.pdf.sha256,
        size=record.pdf.size_bytes,
        created=record.filed_at,
    )


def _paper_files(plan: Plan, record: Record) -> Paper:
    code, ordinal = place_of(record, plan.holdings.code)
    name = document_id(code, ordinal)
    kept = _kept_file(plan, record, f"{model.DATA}/{name}.pdf")
    attached = []
    is_whole = plan.form.oais_type != "DIP" and record.id not in plan.withheld
    if record.original.sha256 != record.pdf.sha256 and is_whole:
        scan = PackageFile(
            path=f"{model.DATA}/{name}.goc{_suffix(record)}",
            media_type=record.original_media_type or _UNKNOWN,
            sha256=record.original.sha256,
            size=record.original.size_bytes,
            created=_received(plan, record),
        )
        attached.append(scan)
    path = f"{model.REPRESENTATION}/metadata/descriptive/EAD_doc_{name}.xml"
    content = ead_bytes(describe_document(plan, record))
    return Paper(description=made_file(path, _XML, content, plan.at), kept=kept, attached=attached)


def _suffix(record: Record) -> str:
    return _SUFFIXES.get(record.original_media_type, ".bin")


def _received(plan: Plan, record: Record) -> datetime:
    known = {item.id: item.received_at for item in plan.holdings.submissions}
    return known.get(record.submission_id, record.filed_at)


def _representation(plan: Plan, papers: Sequence[Paper]) -> list[PackageFile]:
    described = [paper.description for paper in papers]
    data = [file for paper in papers for file in (paper.kept, *paper.attached)]
    preserved = []
    if plan.form.is_preserved:
        path = f"{model.REPRESENTATION}/metadata/preservation/PREMIS_rep1.xml"
        told = zip(plan.holdings.records, papers, strict=True)
        by_record = {record.id: (paper.kept, *paper.attached) for record, paper in told}
        preserved.append(made_file(path, _XML, papers_premis(plan, by_record), plan.at))
    sections = Sections(descriptive=described, preservation=preserved, groups={"Data": data})
    writer = MetsWriter(plan, "rep1", model.REPRESENTATION)
    writer.add_header(package_title(plan.holdings))
    writer.add_sections(sections)
    writer.add_papers_map(papers, sections)
    path = f"{model.REPRESENTATION}/{model.METS}"
    return [made_file(path, _XML, writer.content(), plan.at), *described, *preserved, *data]


def _root_files(plan: Plan, identifier: str) -> list[PackageFile]:
    form = plan.form
    made = [
        ("metadata/descriptive/EAD.xml", _XML, ead_bytes(describe_header(plan))),
        ("documentation/HUONG-DAN.txt", _TEXT, _readme(plan)),
        *((f"schemas/{name}", _XML, data) for name, data in _schemas(plan)),
    ]
    if plan.certified is not None:
        made.append((model.SHEET, _PDF, plan.certified.sheet))
    if form.is_preserved:
        premis = package_premis(plan, identifier)
        made.append((f"metadata/preservation/{model.PREMIS}", _XML, premis))
    files = [made_file(path, kind, data, plan.at) for path, kind, data in made]
    if form.oais_type == "DIP":
        return files
    data = holdings_bytes(plan.holdings)
    files.append(made_file(model.HOLDINGS, _JSON, data, plan.at))
    return [*files, *_readings(plan)]


def _schemas(plan: Plan) -> Iterator[tuple[str, bytes]]:
    for name in xml.SCHEMAS:
        yield name, (resources("storage.packages") / "schemas" / name).read_bytes()
    yield "EAD.xsd", schema_bytes(plan.form.header)
    yield "EAD_doc.xsd", schema_bytes(document_names(plan))


def _readings(plan: Plan) -> list[PackageFile]:
    return [
        PackageFile(
            path=f"{model.READINGS}/{sha256}.json",
            media_type=_JSON,
            sha256=sha256,
            size=size,
            created=plan.at,
        )
        for sha256, size in sorted(plan.readings.items())
    ]


def _evidence_files(plan: Plan, folder: Path) -> Iterator[PackageFile]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            inner = path.relative_to(folder).as_posix()
            kind = _JSON if path.suffix == ".json" else _UNKNOWN
            yield made_file(f"{model.EVIDENCE}/{inner}", kind, path.read_bytes(), plan.at)


def _root_sections(
    form: PackageForm, files: Sequence[PackageFile], representation: PackageFile
) -> Sections:
    described = [file for file in files if file.path.startswith("metadata/descriptive/")]
    preserved = [file for file in files if file.path.startswith("metadata/preservation/")]
    other = [file for file in files if file.path.startswith("metadata/other/")]
    if form.is_preserved:
        preserved += other
    else:
        # In a SIP the circular's sample has an empty amdSec; so these stand with the descriptions.
        described += other
    return Sections(
        descriptive=described,
        preservation=preserved,
        groups={
            "Documentation": [file for file in files if file.path.startswith("documentation/")],
            "Schemas": [file for file in files if file.path.startswith("schemas/")],
            "Representations/rep1": [representation],
        },
    )


def _readme(plan: Plan) -> bytes:
    form = plan.form
    text = _README.format(
        kind=form.name.upper(),
        annex=form.annex,
        what="yêu cầu khai thác" if form.oais_type == "DIP" else "hồ sơ",
        more="" if form.oais_type == "DIP" else _README_KEPT,
    )
    papers = [record for record in plan.holdings.records if record.id in plan.withheld]
    names = [document_id(*place_of(record, plan.holdings.code)) for record in papers]
    text += _WITHHELD.format(papers=", ".join(names)) if names else ""
    return text.replace("\n", "\r\n").encode("utf-8-sig")

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from config.packages import package_rules
from config.vocabulary import Role
from storage.archive import Archive
from storage.errors import ObjectDamaged, TargetNotEmpty
from storage.evidence_parts import Ground
from storage.heads import create_key
from storage.model import NewLink
from storage.outsider.export_checks import Own, check_export
from storage.packages import xml
from storage.packages.checking import check_package
from storage.packages.ead import read_ead, schema_bytes
from storage.packages.holdings import gather
from storage.packages.identifiers import package_uuid
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.packages.conftest import TERMS, Source, Taking
from tests.storage.test_objects import flip_a_byte

FORMS = [form.name for form in package_rules().forms]
UUID = r"[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"


def parsed(path: Path) -> xml.Element:
    return xml.parse(path.read_bytes(), path.name)


def names(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths}


def test_an_aip_has_the_tree_of_the_circular(aip: Path) -> None:
    assert re.fullmatch(rf"urn_P26_uuid_{UUID}", aip.name)
    assert parsed(aip / "METS.xml").get("OBJID") == aip.name.replace("_", ":")
    rep = "representations/rep1"
    stems = [f"{DOSSIER}.{n}" for n in (1, 2, 3)]
    assert names(aip) >= {
        "METS.xml",
        "metadata/descriptive/EAD.xml",
        "metadata/preservation/PREMIS.xml",
        "metadata/other/records.json",
        "schemas/METS.xsd",
        "schemas/EAD.xsd",
        "schemas/EAD_doc.xsd",
        f"{rep}/METS.xml",
        f"{rep}/metadata/preservation/PREMIS_rep1.xml",
        *(f"{rep}/data/{stem}.pdf" for stem in stems),
        *(f"{rep}/metadata/descriptive/EAD_doc_{stem}.xml" for stem in stems),
    }
    data = {path.name for path in (aip / rep / "data").iterdir()}
    # What arrived as the PDF that is kept has no scan beside it.
    assert data - {f"{stem}.pdf" for stem in stems} == {f"{stem}.goc.tif" for stem in stems[:2]}


def test_the_dossier_is_described_by_what_is_known_and_nothing_else(aip: Path) -> None:
    values = read_ead(parsed(aip / "metadata/descriptive/EAD.xml"))
    assert list(values) == list(package_rules().form("aip_hoso").header)
    assert len(values) == 18
    assert values == {
        **dict.fromkeys(values, ""),
        "arcFileCode": f"LT01.{DOSSIER}",
        "title": "Đăng ký khai sinh của TRẦN THỊ THỬ NGHIỆM",
        "maintenance": "04",
        "mode": "02",
        "language": "01",
        "startDate": "08/10/2026",
        "endDate": "09/10/2026",
        "totalDoc": "3",
        "numberOfPage": "3",
        "confidenceLevel": "03",
        "paperFileCode": f"LT01.K1-G2-H3.{DOSSIER}",
        "riskRecovery": "1",
        "riskRecoveryStatus": "02",
        "description": "Thủ tục hành chính 1.001193 Đăng ký khai sinh; cơ quan tiếp nhận "
        "H15.50.05.13 UBND PHƯỜNG THỬ NGHIỆM",
    }


def test_a_paper_keeps_our_own_codes_beside_those_of_the_circular(aip: Path) -> None:
    folder = aip / "representations/rep1/metadata/descriptive"
    values = read_ead(parsed(folder / f"EAD_doc_{DOSSIER}.3.xml"))
    assert values["docId"] == f"{DOSSIER}.3"
    assert values["docCode"] == f"LT01.{DOSSIER}.0000003"
    assert (values["typeName"], values["confidenceLevel"]) == ("32", "01")
    assert values["description"] == (
        f"Mã loại giấy tờ GKS (Giấy khai sinh); mã kết quả {DOSSIER}-KQ(1); mã kết quả số hóa SH.3"
    )
    first = read_ead(parsed(folder / f"EAD_doc_{DOSSIER}.1.xml"))
    # Signs that XML cannot hold are left out here; records.json has them.
    assert first["subject"] == "Giấy khai sinh <sửa> & «lại»"


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_is_whole_and_valid_by_the_schemas_inside(
    form: str, source: Source, tmp_path: Path
) -> None:
    package = source.write(form, tmp_path / "out")
    folder = tmp_path / "out" / package.folder
    report = check_package(folder)
    assert report.findings == ()
    assert report.identifier == package.identifier
    rules = package_rules().form(form)
    assert report.oais_type == rules.oais_type
    ead = parsed(folder / "metadata/descriptive/EAD.xml")
    assert tuple(read_ead(ead)) == rules.header
    for path in folder.rglob("EAD_doc_*.xml"):
        assert tuple(read_ead(parsed(path))) == rules.document
    for name, pattern in (("EAD.xsd", "EAD.xml"), ("EAD_doc.xsd", "EAD_doc_*.xml")):
        schema = xml.schema_of((folder / "schemas" / name).read_bytes())
        for path in folder.rglob(pattern):
            assert xml.first_fault(schema, parsed(path)) == ""
    assert list(folder.rglob("PREMIS*.xml")) == [] or rules.is_preserved
    assert (folder / "metadata/other/records.json").exists() == (rules.oais_type != "DIP")


def test_a_dip_tells_what_was_asked_for_and_holds_no_scan(source: Source, tmp_path: Path) -> None:
    package = source.write("dip", tmp_path)
    folder = tmp_path / package.folder
    values = read_ead(parsed(folder / "metadata/descriptive/EAD.xml"))
    assert (values["requestID"], values["purpose"], values["description"]) == ("YC-1", "02", "")
    assert {path.suffix for path in (folder / "representations/rep1/data").iterdir()} == {".pdf"}
    # Nothing of the event log leaves with it: events name the staff.
    assert not (folder / "metadata/other").exists()


def test_the_annex_s_own_fields_alone_where_an_office_wants_them(
    source: Source, tmp_path: Path
) -> None:
    package = source.write("aip_hoso", tmp_path, replace(TERMS, annex_fields_only=True))
    path = next((tmp_path / package.folder).rglob("EAD_doc_*.xml"))
    assert tuple(read_ead(parsed(path))) == package_rules().form("aip_hoso").annex_document


def test_what_is_not_known_stands_empty(source: Source, tmp_path: Path) -> None:
    bare = replace(TERMS, fonds="", archive_code="", maintenance="", shelf="")
    package = source.write("aip_hoso", tmp_path, bare)
    assert re.fullmatch(rf"urn:uuid:{UUID}", package.identifier)
    values = read_ead(parsed(tmp_path / package.folder / "metadata/descriptive/EAD.xml"))
    assert values["arcFileCode"] == DOSSIER
    assert values["maintenance"] == values["paperFileCode"] == values["numberOfPaper"] == ""


def test_sensitive_papers_are_never_open(source: Source, tmp_path: Path) -> None:
    kinds = tuple(replace(kind, sensitive=kind.code == "GKS") for kind in TERMS.classes.items)
    terms = replace(TERMS, mode="01", classes=replace(TERMS.classes, items=kinds))
    package = source.write("sip_hoso", tmp_path, terms)
    values = read_ead(parsed(tmp_path / package.folder / "metadata/descriptive/EAD.xml"))
    assert values["mode"] == "02"


def test_the_same_papers_give_the_same_bytes(source: Source, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        source.write("aip_hoso", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert {name.partition("/")[0] for name in packed.namelist()} == {
            source.write("aip_hoso", tmp_path / "again").folder
        }


def test_times_are_vietnam_s_and_digests_those_of_the_files(aip: Path) -> None:
    root = parsed(aip / "representations/rep1/METS.xml")
    files = root.findall(f".//{xml.name(xml.METS_SPACE, 'file')}")
    assert len(files) == 5
    for element in files:
        assert re.fullmatch(r"\d{4}(-\d\d){2}T(\d\d:){2}\d\d\.\d{3}\+07:00", element.get("CREATED"))
        located = element.find(xml.name(xml.METS_SPACE, "FLocat"))
        path = aip / "representations/rep1" / located.get(xml.name(xml.XLINK, "href"))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert element.get("CHECKSUM") == digest.upper()
        assert re.fullmatch(rf"ID-{UUID}", element.get("ID"))


def test_premis_tells_every_event_of_the_log(aip: Path, source: Source) -> None:
    root = parsed(aip / "representations/rep1/metadata/preservation/PREMIS_rep1.xml")
    told = [
        element.text for element in root.iter(xml.name(xml.PREMIS_SPACE, "eventIdentifierValue"))
    ]
    ids = {record.id for record in source.records}
    wanted = [str(event.seq) for event in source.archive.events.events() if event.object in ids]
    assert told == wanted
    types = {element.text for element in root.iter(xml.name(xml.PREMIS_SPACE, "eventType"))}
    assert types == {"ingestion", "metadata modification"}


def test_the_evidence_inside_holds_for_an_outsider(aip: Path, source: Source) -> None:
    pdf = aip / f"representations/rep1/data/{DOSSIER}.2.pdf"
    key = source.folder / "key.pub"
    key.write_bytes(source.public_key)
    report = check_export(aip / "metadata/other/evidence", Own(key=key.read_bytes(), files=[pdf]))
    assert report.faults == []
    assert report.files[str(pdf)].events


def test_a_damaged_object_never_leaves(source: Source, tmp_path: Path) -> None:
    path = source.archive.objects.path(source.records[1].pdf.sha256)
    kept = path.read_bytes()
    path.chmod(0o600)
    flip_a_byte(path)
    try:
        with pytest.raises(ObjectDamaged):
            source.write("aip_hoso", tmp_path / "goi.zip")
        assert list(tmp_path.iterdir()) == []
    finally:
        path.write_bytes(kept)


def test_nothing_is_written_over(source: Source, tmp_path: Path) -> None:
    source.write("dip", tmp_path / "goi.zip")
    before = (tmp_path / "goi.zip").read_bytes()
    with pytest.raises(TargetNotEmpty):
        source.write("dip", tmp_path / "goi.zip")
    assert (tmp_path / "goi.zip").read_bytes() == before


def test_a_correction_makes_another_package(source: Source) -> None:
    form = package_rules().form("sip_hoso")
    holdings = gather(source.archive, DOSSIER, source.records)
    one = package_uuid(form, holdings, ("digest 1", "digest 2"))
    assert re.fullmatch(UUID, one)
    assert package_uuid(form, holdings, ("digest 1", "digest 2")) == one
    assert package_uuid(form, holdings, ("digest 1", "digest 3")) != one


def test_schemas_refuse_what_no_list_has() -> None:
    schema = xml.schema_of(schema_bytes(("maintenance", "startDate", "language")))
    good = b"<simpledc><language>01;06</language><maintenance/></simpledc>"
    assert xml.first_fault(schema, xml.parse(good, "a")) == ""
    for bad in (
        b"<simpledc><maintenance>08</maintenance></simpledc>",
        b"<simpledc><startDate>2026-10-08</startDate></simpledc>",
        b"<simpledc><language>01;99</language></simpledc>",
        b"<simpledc><maintenance/><maintenance/></simpledc>",
        b"<simpledc><other/></simpledc>",
    ):
        assert xml.first_fault(schema, xml.parse(bad, "a")), bad


def test_a_scan_that_shows_papers_of_others_stays(
    archive: Archive, tmp_path: Path, take: Taking
) -> None:
    (tmp_path / "trust").mkdir()
    key = create_key(tmp_path / "station.pem")
    source = Source(archive, Ground(key=key, trust=tmp_path / "trust", at=AT), tmp_path)
    reading = archive.objects.add_bytes(b"[1, 2, 3]").sha256
    notes = {"reading_sha256": reading, "cover_pages": "1"}
    first = make_record(archive, 1, notes={**notes, "scan_pages": "2"})
    second = make_record(archive, 2, notes={**notes, "scan_pages": "3"})
    second = replace(second, submission_id=first.submission_id, paper=2, original=first.original)
    link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
    filed = archive.file(first, link, actor="desk", at=AT)

    alone = source.write("aip_hoso", tmp_path / "mot")  # page 3 is no filed paper's
    assert alone.withheld == {filed.id}
    told = {file.sha256 for file in alone.files}
    assert not {filed.original.sha256, reading} & told
    guide = (tmp_path / "mot" / alone.folder / "documentation/HUONG-DAN.txt").read_text("utf-8-sig")
    assert f"{DOSSIER}.1" in guide.splitlines()[-1]
    assert check_package(tmp_path / "mot" / alone.folder).findings == ()
    assert take(tmp_path / "mot" / alone.folder).taken == (filed.id,)

    whole = source.write("aip_hoso", tmp_path / "hai", whole_scans=True)
    assert whole.identifier != alone.identifier
    assert take(tmp_path / "hai" / whole.folder).completed == (filed.id,)

    archive.file(second, link, actor="desk", at=AT)
    both = source.write("aip_hoso", tmp_path / "ba")
    assert both.withheld == frozenset()
    assert source.write("aip_tailieu", tmp_path / "bon").withheld == {filed.id}

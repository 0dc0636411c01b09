"""What the copy says of itself: true before signing, well-formed whatever a file is called."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitize import pdfa
from digitize.metadata import NAMESPACE, DocumentFacts, pdf_date, write_xmp
from digitize.model import MediaType
from tests.digitize import files
from tests.digitize.workbench import RECEIVED_AT, facts, page_of
from tests.pdfa_findings import objections

PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
HOSTILE = [
    "<script>alert(1)</script>.pdf",
    "a & b.pdf",
    "]]> <![CDATA[.pdf",
    "<?xpacket end='w'?>.pdf",
    "\"'`$(rm -rf)`.pdf",
    "{values}{time}%s%d.pdf",
    "Tờ khai «đăng ký» – bản 1.pdf",
    unicodedata.normalize("NFD", "Tờ khai.pdf"),
    "dòng\nmới\tvà\rdấu.pdf",
    "điều khiển \x01\x08\x1b[31m\x7f\x85.pdf",
    "không \0 có.pdf",
    "nửa đôi \udcff\ud800.pdf",
    "không phải ký tự \ufffe\uffff.pdf",
    "đảo \u202efdp.exe",
    "😀.pdf",
    "",
    " ",
    "a" * 300,
]


def _parsed(xmp: bytes) -> pikepdf.models.PdfMetadata:
    with pikepdf.new() as pdf:
        pdf.Root["/Metadata"] = pikepdf.Stream(pdf, xmp)
        return pdf.open_metadata()


def _rendition(facts_of: DocumentFacts, folder: Path) -> Path:
    source = folder / "nguon.jpg"
    source.write_bytes(files.jpeg())
    job = pdfa.RenderJob(
        source=source,
        media_type=MediaType.JPEG,
        pages=(page_of([], width=120 * 0.36, height=170 * 0.36),),
        facts=facts_of,
    )
    return pdfa.make_rendition(job, folder / "ban-luu.pdf").path


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_makes_a_sound_copy(tmp_path: Path, title: str) -> None:
    path = _rendition(facts(title), tmp_path)
    assert not objections(path)
    with pikepdf.open(path) as pdf:
        said = str(pdf.trailer.Info.get("/Title", ""))
        xmp = pdf.open_metadata().get("dc:title") or ""
    assert said == xmp, "both places say the same (ISO 19005-2, 6.6.3)"
    kept = [letter for letter in title if letter.isalnum()]
    assert [letter for letter in said if letter.isalnum()] == kept
    assert not [letter for letter in said if unicodedata.category(letter) in ("Cc", "Cs")]


@settings(max_examples=60)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_gives_well_formed_xmp(title: str, agency: str) -> None:
    xmp = write_xmp(facts(title, agency_name=agency))
    assert _parsed(xmp).get("dc:source") == "sha256:" + "0" * 64


def test_the_facts_stand_in_their_places() -> None:
    meta = _parsed(write_xmp(facts("Tờ khai.pdf")))
    assert meta["dc:title"] == "Tờ khai.pdf"
    assert meta["dc:identifier"] == "H26.99-261105-0001"
    assert meta["dc:publisher"] == {"ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"}
    assert meta["pdfaid:part"] == "2"
    assert meta["pdfaid:conformance"] == "B"
    assert _parsed(write_xmp(facts(), "U"))["pdfaid:conformance"] == "U"
    assert meta["xmp:CreateDate"] == "2026-11-20T08:00:00+07:00"


def _own(xmp: bytes) -> dict[str, str]:
    tree = ET.fromstring(xmp)  # noqa: S314  the packet is our own
    prefix = f"{{{NAMESPACE}}}"
    return {
        item.tag.removeprefix(prefix): item.text or ""
        for item in tree.iter()
        if item.tag.startswith(prefix)
    }


def test_our_own_names_are_declared_before_they_are_used() -> None:
    """ISO 19005-2, 6.6.2.3.3: a schema outside the standard's is described in the file itself."""
    xmp = write_xmp(facts(access_copy_of="a" * 64))
    own = _own(xmp)
    assert own == {
        "agency": "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
        "dossierCode": "H26.99-261105-0001",
        "receivedAt": "2026-11-20T08:00:00+07:00",
        "sourceSHA256": "0" * 64,
        "accessCopyOf": "a" * 64,
    }
    tree = ET.fromstring(xmp)  # noqa: S314  the packet is our own
    described = [item.text for item in tree.iter(f"{PROPERTY}name")]
    assert set(own) <= set(described)
    assert len(described) == len(set(described))
    for name in ("valueType", "category", "description"):
        assert len(list(tree.iter(PROPERTY + name))) == len(described)
    assert [item.text for item in tree.iter(f"{SCHEMA}namespaceURI")] == [NAMESPACE]
    assert [item.text for item in tree.iter(f"{SCHEMA}prefix")] == ["hoso"]


def test_what_is_not_known_is_not_said() -> None:
    meta = _parsed(write_xmp(facts(dossier_code=None, agency_name="")))
    assert "dc:identifier" not in meta
    assert "dc:publisher" not in meta
    assert set(_own(write_xmp(facts(dossier_code=None, agency_name="")))) == {
        "receivedAt",
        "sourceSHA256",
    }


def test_the_same_facts_give_the_same_bytes() -> None:
    assert write_xmp(facts()) == write_xmp(facts())
    assert write_xmp(facts()) != write_xmp(facts("khác.pdf"))


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        (RECEIVED_AT, "D:20261120080000+07'00'"),
        (dt.datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=dt.UTC), "D:20260102030405+00'00'"),
        (
            dt.datetime(
                2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(-dt.timedelta(hours=3, minutes=30))
            ),
            "D:20260102030405-03'30'",
        ),
    ],
)
def test_moments_are_pdf_dates(at: dt.datetime, wanted: str) -> None:
    assert pdf_date(at) == wanted


def test_info_and_xmp_name_the_same_moment(tmp_path: Path) -> None:
    with pikepdf.open(_rendition(facts(), tmp_path)) as pdf:
        assert str(pdf.trailer.Info.CreationDate) == "D:20261120080000+07'00'"
        assert pdf.open_metadata()["xmp:CreateDate"] == "2026-11-20T08:00:00+07:00"
        assert str(pdf.Root.Lang) == "vi-VN"

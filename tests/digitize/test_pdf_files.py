"""What a PDF holds, above all whether it is signed: such a file is never altered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pikepdf
import pytest

from digitize.errors import DamagedFile, EncryptedFile
from digitize.pdf_files import inspect_pdf
from tests.digitize import files, pdfs
from tests.digitize.workbench import REGISTER, TRUTHS, sample_path

Change = Callable[[pikepdf.Pdf], None]


def _pdf(path: Path, change: Change | None = None, pages: int = 1) -> Path:
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        if change is not None:
            change(pdf)
        path.write_bytes(files.saved(pdf))
    return path


def _empty_field(pdf: pikepdf.Pdf) -> None:
    field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="CQ_SoHoa")
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(Fields=[pdf.make_indirect(field)])


def _text_field(pdf: pikepdf.Pdf) -> None:
    field = pikepdf.Dictionary(FT=pikepdf.Name.Tx, T="ten", V="NGUYỄN THỬ NGHIỆM A")
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(Fields=[pdf.make_indirect(field)])


def _loop(pdf: pikepdf.Pdf) -> None:
    one = pdf.make_indirect(pikepdf.Dictionary(T="a"))
    other = pdf.make_indirect(pikepdf.Dictionary(T="b", Kids=[one]))
    one["/Kids"] = pikepdf.Array([other, one])
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(Fields=[one])


def _loop_then_signature(pdf: pikepdf.Pdf) -> None:
    pdfs.add_signature(pdf)
    signed = pdf.Root.AcroForm.Fields[0]
    _loop(pdf)
    pdf.Root.AcroForm.Fields.insert(0, signed)


def _many_fields_then_signature(pdf: pikepdf.Pdf) -> None:
    pdfs.add_signature(pdf)
    signed = pdf.Root.AcroForm.Fields[0]
    others = [pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=f"o{i}") for i in range(12_000)]
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(Fields=[signed, *others])


@pytest.mark.parametrize(
    ("change", "signed"),
    [
        (None, False),
        (_empty_field, False),
        (_text_field, False),
        (_loop, False),
        (pdfs.add_signature, True),
        (lambda pdf: pdfs.add_signature(pdf, depth=3), True),
        (lambda pdf: pdfs.add_signature(pdf, inherited=True), True),
        (_loop_then_signature, True),
        (_many_fields_then_signature, True),
        (lambda pdf: pdf.Root.__setitem__("/Perms", pikepdf.Dictionary()), True),
        (lambda pdf: pdf.Root.__setitem__("/AcroForm", pikepdf.Array([])), False),
        (
            lambda pdf: pdf.Root.__setitem__("/AcroForm", pikepdf.Dictionary(Fields=7)),
            False,
        ),
        (
            lambda pdf: pdf.Root.__setitem__("/AcroForm", pikepdf.Dictionary(Fields=[7, None])),
            False,
        ),
    ],
    ids=["none", "empty field", "text", "loop", "signed", "deep", "inherited type",
         "loop and signed", "many and signed", "perms", "array", "number", "numbers"],
)  # fmt: skip
def test_a_signature_is_found_wherever_it_hangs(
    tmp_path: Path, change: Change | None, signed: bool
) -> None:
    assert inspect_pdf(_pdf(tmp_path / "a.pdf", change)).signed is signed


def test_the_paper_that_is_signed_later_is_not_signed_yet() -> None:
    facts = inspect_pdf(REGISTER / "da-ky-so.pdf")
    assert (facts.page_count, facts.signed, facts.restricted, facts.repaired) == (
        1,
        False,
        False,
        False,
    )


@pytest.mark.parametrize("pages", [1, 3, 60])
def test_pages_are_counted(tmp_path: Path, pages: int) -> None:
    assert inspect_pdf(_pdf(tmp_path / "a.pdf", pages=pages)).page_count == pages


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_a_password_is_asked_for(tmp_path: Path, revision: Literal[2, 3, 4, 6]) -> None:
    path = tmp_path / "khoa.pdf"
    lock = pikepdf.Encryption(
        owner="chu", user="mo", R=revision, aes=revision > 3, metadata=revision > 3
    )
    path.write_bytes(files.pdf(encryption=lock, deterministic_id=False))
    with pytest.raises(EncryptedFile, match=r"khoa\.pdf"):
        inspect_pdf(path)


def test_an_empty_password_opens_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    lock = pikepdf.Encryption(owner="chu", user="")
    path.write_bytes(files.pdf(encryption=lock, deterministic_id=False))
    assert inspect_pdf(path).restricted


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\ntrailer << /Root << /Pages << /Kids [] /Count 5 >> >> >>\nstartxref\n0\n%%EOF",
        b"%PDF-" + b"\0" * 500,
        b"%PDF-1.7\n" + b"1 0 obj\n" * 2000,
        b"%PDF-1.7\n" + b"[" * 5000 + b"\nstartxref\n0\n%%EOF",
    ],
    ids=["nothing", "no pages", "wrong count", "zeros", "half objects", "deep"],
)
def test_what_does_not_open_or_has_no_page_is_damaged(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "hong.pdf"
    path.write_bytes(data)
    with pytest.raises(DamagedFile, match=r"hong\.pdf"):
        inspect_pdf(path)


def test_a_page_tree_that_holds_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "vong.pdf"
    body = (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Count 1 /Kids [ 2 0 R ] >>\nendobj\n"
        b"trailer\n<< /Root 1 0 R /Size 3 >>\nstartxref\n0\n%%EOF"
    )
    path.write_bytes(body)
    with pytest.raises(DamagedFile):
        inspect_pdf(path)


def test_the_scanned_samples_are_unsigned() -> None:
    for truth in TRUTHS:
        if truth["expect"] == "filed" and str(truth["recipe"]["container"]).startswith("pdf"):
            facts = inspect_pdf(sample_path(truth))
            assert not facts.signed
            assert facts.page_count == len(truth["pages"])

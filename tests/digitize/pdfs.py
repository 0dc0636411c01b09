"""Small PDFs of every kind that arrives: scans, born digital, filled, hidden, hostile."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
from PIL import Image

from digitize.frames import Picture
from fixtures.born_digital import write_born_digital
from fixtures.papers.construction import decision
from tests.digitize import files
from tests.digitize.workbench import sheet

A4 = (595.0, 842.0)
DPI = 150
LINES = [
    "ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG",
    "Kính gửi: Ủy ban nhân dân xã Thử Nghiệm, huyện Mẫu",
    "Tôi là NGUYỄN THỬ NGHIỆM A, sinh ngày 05 tháng 11 năm 1990.",
    "Tôi cam đoan những lời khai trên là đúng sự thật và chịu trách nhiệm.",
]


def image_stream(pdf: pikepdf.Pdf, picture: Picture) -> pikepdf.Stream:
    """Return a picture as a JPEG XObject."""
    height, width = picture.shape[:2]
    return pikepdf.Stream(
        pdf,
        files.encoded(Image.fromarray(picture), "JPEG", quality=85),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )


def add_scan(pdf: pikepdf.Pdf, picture: Picture, box: tuple[float, ...] = (0, 0, *A4)) -> Any:
    """Add a page that is one picture over its whole media box; return the page."""
    pdf.add_blank_page(page_size=A4)
    page = pdf.pages[-1].obj
    page["/MediaBox"] = pikepdf.Array(list(box))
    left, bottom, right, top = box
    page["/Resources"] = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Im0=image_stream(pdf, picture))
    )
    place = f"q {right - left} 0 0 {top - bottom} {left} {bottom} cm /Im0 Do Q"
    page["/Contents"] = pikepdf.Stream(pdf, place.encode())
    return page


def scan(path: Path, **changes: Any) -> Path:
    """Write a scanned page of `LINES`; `changes` are keys of its page."""
    with pikepdf.new() as pdf:
        page = add_scan(pdf, sheet(LINES, dpi=DPI))
        for key, value in changes.items():
            page[f"/{key}"] = value
        path.write_bytes(files.saved(pdf))
    return path


def searchable_scan(path: Path, *, mode: int = 3) -> Path:
    """Write a scan under the text of another engine: unembedded font, as scanners write it."""
    with pikepdf.new() as pdf:
        page = add_scan(pdf, sheet(LINES, dpi=DPI))
        page["/Resources"]["/Font"] = pikepdf.Dictionary(F1=helvetica(pdf))
        text = "DON DE NGHI CAP GIAY PHEP XAY DUNG Kinh gui Uy ban nhan dan xa Thu Nghiem"
        hidden = f"BT {mode} Tr /F1 10 Tf 70 700 Td ({text}) Tj 0 -20 Td ({text}) Tj ET"
        page["/Contents"] = pikepdf.Array([page["/Contents"], pikepdf.Stream(pdf, hidden.encode())])
        path.write_bytes(files.saved(pdf))
    return path


def helvetica(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Return a font that is not embedded."""
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )


@cache
def _decision() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "quyet-dinh.pdf"
        write_born_digital(decision(), path)
        return path.read_bytes()


def born_digital(path: Path, change: Callable[[pikepdf.Pdf], None] | None = None) -> Path:
    """Write a page of real text in an embedded font; `change` may add to it."""
    path.write_bytes(_decision())
    if change is not None:
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            change(pdf)
            pdf.save(path, deterministic_id=True)
    return path


def plain_text(
    path: Path, text: str = "Nothing is embedded here, and readers must guess. "
) -> Path:
    """Write a page of text whose font is not embedded: readable, and no PDF/A."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=A4)
        page = pdf.pages[0].obj
        page["/Resources"] = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=helvetica(pdf)))
        lines = " ".join(f"0 -20 Td ({text}) Tj" for _ in range(9))
        page["/Contents"] = pikepdf.Stream(pdf, f"BT /F1 12 Tf 70 800 Td {lines} ET".encode())
        path.write_bytes(files.saved(pdf))
    return path


def add_signature(pdf: pikepdf.Pdf, *, inherited: bool = False, depth: int = 0) -> None:
    """Add a signature field with a value, some levels down; its type may stand above it."""
    value = pikepdf.Dictionary(Type=pikepdf.Name.Sig, Contents=b"\0" * 16)
    field = pikepdf.Dictionary(T="CQ_KY", V=pdf.make_indirect(value))
    if not inherited:
        field["/FT"] = pikepdf.Name.Sig
    outer = pdf.make_indirect(field)
    for _ in range(max(depth, int(inherited))):
        outer = pdf.make_indirect(pikepdf.Dictionary(T="nhom", Kids=[outer]))
    if inherited:
        outer["/FT"] = pikepdf.Name.Sig
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(Fields=[outer])


def add_javascript(pdf: pikepdf.Pdf) -> None:
    """Add scripts everywhere that a catalogue and a page may hold them."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('xin chao')")
    pdf.Root["/OpenAction"] = script
    pdf.Root["/AA"] = pikepdf.Dictionary(WC=script)
    pdf.Root["/Names"] = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=["a", pdf.make_indirect(script)])
    )
    pdf.pages[0].obj["/AA"] = pikepdf.Dictionary(O=script)


def add_attachment(pdf: pikepdf.Pdf) -> None:
    """Attach a file."""
    pdf.attachments["bi-mat.exe"] = b"MZ" * 50


def add_link(pdf: pikepdf.Pdf) -> None:
    """Add a link that starts a program."""
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 100, 100], A=action
    )
    pdf.pages[0].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(link)])


def add_stamp(pdf: pikepdf.Pdf) -> None:
    """Add a stamp annotation: a black square at the lower left, drawn by its appearance."""
    look = pikepdf.Stream(
        pdf,
        b"0 0 0 rg 0 0 100 100 re f",
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[0, 0, 100, 100],
    )
    stamp = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Stamp,
        Rect=[20, 20, 120, 120],
        F=4,
        AP=pikepdf.Dictionary(N=look),
    )
    pdf.pages[0].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(stamp)])


def add_transparency_and_layers(pdf: pikepdf.Pdf) -> None:
    """Add a page group and an optional-content group."""
    pdf.pages[0].obj["/Group"] = pikepdf.Dictionary(
        S=pikepdf.Name.Transparency, CS=pikepdf.Name.DeviceRGB
    )
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="lớp"))
    pdf.Root["/OCProperties"] = pikepdf.Dictionary(
        OCGs=[layer], D=pikepdf.Dictionary(Order=[layer], Name="mặc định")
    )

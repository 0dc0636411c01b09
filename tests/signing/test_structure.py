from __future__ import annotations

from pathlib import Path

import pytest

from signing.errors import UnreadablePdf
from signing.model import Kind, Level
from signing.structure import inspect, is_signed
from tests.signing.workbench import A4, Workbench, make_pdf


def test_signatures_are_listed_with_kind_and_range(bench: Workbench) -> None:
    path = bench.signed(Level.B_LTA).path
    ours, stamp = inspect(path).signatures
    assert (ours.kind, stamp.kind) == (Kind.SIGNATURE, Kind.DOCUMENT_TIMESTAMP)
    assert (ours.sub_filter, stamp.sub_filter) == ("/ETSI.CAdES.detached", "/ETSI.RFC3161")
    assert ours.byte_range is not None
    assert stamp.byte_range is not None
    assert ours.byte_range[2] < stamp.byte_range[1]
    assert ours.faults == stamp.faults == ()
    assert is_signed(path)


def test_an_unsigned_file(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", pages=3)
    found = inspect(path)
    assert (found.pages, found.signatures, found.trailing_bytes) == (3, (), 0)
    assert found.page_boxes[0] == (0.0, 0.0, *A4)
    assert not is_signed(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"/ByteRange [0", b"/ByteRange [7"),
        (b"/Contents <3", b"/Contents < "),
        (b"/ByteRange [", b"/ByteRangX ["),
    ],
)
def test_wrong_ranges_and_contents_are_faults(
    bench: Workbench, tmp_path: Path, before: bytes, after: bytes
) -> None:
    content = bench.signed(Level.B_B).path.read_bytes()
    assert before in content
    path = tmp_path / "a.pdf"
    path.write_bytes(content.replace(before, after))
    assert inspect(path).signatures[0].faults


def test_what_is_no_pdf_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"GIF89a")
    with pytest.raises(UnreadablePdf, match=r"a\.pdf"):
        inspect(path)
    with pytest.raises(UnreadablePdf, match=r"b\.pdf"):
        inspect(tmp_path / "b.pdf")

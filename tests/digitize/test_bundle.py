"""Page files of one paper as one file: always the same bytes, each page untouched."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from digitize import bundle, frames, intake, pdfa
from digitize.errors import DamagedFile, UnsupportedType
from digitize.filetypes import sniff
from digitize.model import MediaType, PageKind, RecognizedPage
from tests.digitize.workbench import LIMITS, facts, page_of, pages_of

NAMES = ("Đơn_001.jpg", "Đơn_002.jpg", "Đơn_003.jpg")


@pytest.fixture
def pages(tmp_path: Path) -> tuple[Path, ...]:
    made = []
    for number, name in enumerate(NAMES):
        path = tmp_path / name
        Image.new("L", (300 + number, 400), 200 + number).save(path, dpi=(200, 200))
        made.append(path)
    return tuple(made)


@pytest.fixture
def bundled(pages: tuple[Path, ...], tmp_path: Path) -> Path:
    bundle.write_bundle(pages, tmp_path / "don.tar")
    return tmp_path / "don.tar"


def test_equal_pages_give_equal_bytes_whatever_their_times(
    pages: tuple[Path, ...], bundled: Path, tmp_path: Path
) -> None:
    for path in pages:
        path.touch()
        path.chmod(0o600)
    bundle.write_bundle(pages, tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == bundled.read_bytes()
    bundle.write_bundle(pages[::-1], tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() != bundled.read_bytes()


def test_each_pages_bytes_come_out_again_here_and_with_any_tar(
    pages: tuple[Path, ...], bundled: Path, tmp_path: Path
) -> None:
    assert [member.name for member in bundle.list_members(bundled)] == list(NAMES)
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["tar", "-xf", bundled, "-C", out], check=True)
    for index, path in enumerate(pages):
        assert bundle.read_member(bundled, index) == path.read_bytes()
        assert (out / path.name).read_bytes() == path.read_bytes()


def test_it_is_received_and_read_page_by_page(pages: tuple[Path, ...], bundled: Path) -> None:
    received = intake.receive(bundled, "Đơn (3 trang).tar", LIMITS)
    assert (received.media_type, received.page_count) == (MediaType.BUNDLE, 3)
    assert received.warnings == ()
    found = list(pages_of(received))
    assert [page.number for page in found] == [1, 2, 3]
    assert [page.picture.shape[1] for page in found] == [300, 301, 302]
    for index, path in enumerate(pages):
        assert frames.pack(bundled, index).data == path.read_bytes()


def test_its_copy_has_a_page_for_each_file(bundled: Path, tmp_path: Path) -> None:
    def page(number: int) -> RecognizedPage:
        size = {"width": 108.0 + 0.36 * (number - 1), "height": 144.0}
        return page_of([], number=number, kind=PageKind.IMAGE, **size)

    job = pdfa.RenderJob(
        source=bundled,
        media_type=MediaType.BUNDLE,
        pages=tuple(page(number) for number in (1, 2, 3)),
        facts=facts(),
    )
    rendition = pdfa.make_rendition(job, tmp_path / "copy.pdf")
    shown = subprocess.run(
        ["pdfinfo", rendition.path], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    assert "Pages:           3" in shown


def test_a_damaged_page_is_told(pages: tuple[Path, ...], tmp_path: Path) -> None:
    pages[1].write_bytes(pages[1].read_bytes()[:200])
    bundle.write_bundle(pages, tmp_path / "don.tar")
    with pytest.raises(DamagedFile):
        intake.receive(tmp_path / "don.tar", "don.tar", LIMITS)


@pytest.mark.parametrize("cut", [600, 1024, 3000])
def test_a_bundle_that_was_cut_or_changed_is_not_whole(bundled: Path, cut: int) -> None:
    data = bundled.read_bytes()
    assert bundle.is_whole(bundled)
    bundled.write_bytes(data[:-cut])
    assert not bundle.is_whole(bundled)
    bundled.write_bytes(data + b"\0" * 512)
    assert not bundle.is_whole(bundled)


def test_other_tars_are_not_taken(pages: tuple[Path, ...], tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.tar"
    with tarfile.open(foreign, "w") as tar:
        header = tarfile.TarInfo("a.jpg")
        header.size = 3
        tar.addfile(header, io.BytesIO(b"abc"))
    assert not bundle.is_bundle(foreign)
    with pytest.raises(UnsupportedType):
        sniff(foreign)
    with pytest.raises(DamagedFile):
        bundle.list_members(foreign)
    assert not bundle.is_bundle(pages[0])

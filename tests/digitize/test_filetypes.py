"""What a file is, and whether its end is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from digitize.errors import EmptyFile, IncompleteFile, UnsupportedType
from digitize.filetypes import check_end, extension_warning, has_its_end, sniff
from digitize.model import MediaType
from tests.digitize import files
from tests.digitize.workbench import TRUTHS, sample_path

TYPES = {
    "jpeg": MediaType.JPEG,
    "png": MediaType.PNG,
    "webp": MediaType.WEBP,
    "heic": MediaType.HEIC,
    "tiff": MediaType.TIFF,
    "pdf": MediaType.PDF,
}
by_whole_file = pytest.mark.parametrize("name", files.WHOLE)


def _type(name: str) -> MediaType:
    return TYPES[name.split("-")[0]]


def _write(tmp_path: Path, data: bytes, name: str = "quet.bin") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@by_whole_file
def test_a_whole_file_is_known_and_has_its_end(tmp_path: Path, name: str) -> None:
    path = _write(tmp_path, files.WHOLE[name]())
    assert sniff(path) is _type(name)
    assert has_its_end(path, _type(name))
    check_end(path, _type(name))


def _cuts(size: int) -> list[int]:
    """Return where to cut: every byte near both ends, and forty places between."""
    near = [*range(1, 40), *range(size - 40, size)]
    between = range(40, size, max(size // 40, 1))
    return sorted({at for at in [*near, *between] if 0 < at < size})


# What a maker appends after the picture may be lost without losing the picture.
WITH_TRAILER = ("jpeg-trailer", "jpeg-gain-map")


@by_whole_file
def test_a_file_that_was_cut_off_never_has_its_end(tmp_path: Path, name: str) -> None:
    data = files.WHOLE[name]()
    end = len(files.jpeg()) if name == "jpeg-trailer" else len(data)
    if name == "jpeg-gain-map":
        end = data.index(b"\xff\xd9") + 2
    unnoticed = []
    for at in _cuts(end):
        path = _write(tmp_path, data[:at])
        if has_its_end(path, _type(name)):
            unnoticed.append(data[at:end])
        else:
            with pytest.raises(IncompleteFile, match=r"quet\.bin"):
                check_end(path, _type(name))
    # The line break after %%EOF may be missing, and padding between frames; nothing else may.
    assert not [lost for lost in unnoticed if lost.strip(b"\0") not in (b"", b"\n")]


def test_a_cut_in_a_thumbnail_of_a_photo_is_seen(tmp_path: Path) -> None:
    """The thumbnail in a photo's EXIF is a JPEG with an end of its own."""
    thumbnail = files.jpeg(quality=20)
    exif = b"Exif\0\0" + b"MM\0*\0\0\0\x08" + bytes(6) + thumbnail
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    data = b"\xff\xd8" + segment + files.jpeg()[2:]
    assert has_its_end(_write(tmp_path, data), MediaType.JPEG)
    cut = data[: data.index(b"\xff\xd9") + 2]
    assert not has_its_end(_write(tmp_path, cut), MediaType.JPEG)


@pytest.mark.parametrize(
    "tail",
    [b"\n12 0 obj\n<< /Type /Sig", b"\n\n7 0 ob", b"\r\nxref\n0 3\n", b"\n12 0 obj <<>> endobj\n"],
)
def test_a_revision_that_was_cut_off_is_seen(tmp_path: Path, tail: bytes) -> None:
    """A signed PDF grows by revisions: cut off in the last, the earlier one has its %%EOF."""
    assert not has_its_end(_write(tmp_path, files.pdf() + tail), MediaType.PDF)


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r\n", b"\0" * 100, b"\n\x1a", b"</body></html>\n"])
def test_harmless_signs_after_the_end_of_a_pdf_are_forgiven(tmp_path: Path, tail: bytes) -> None:
    assert has_its_end(_write(tmp_path, files.pdf() + tail), MediaType.PDF)


def test_a_linearized_pdf_says_how_long_it_is(tmp_path: Path) -> None:
    data = files.pdf(40, linearize=True)
    first_end = data.index(b"%%EOF") + 5
    assert first_end < len(data) - 100
    assert not has_its_end(_write(tmp_path, data[:first_end]), MediaType.PDF)
    assert has_its_end(_write(tmp_path, data), MediaType.PDF)


@pytest.mark.parametrize("tail", [b"\0" * 40, b"\r\n", b"\n"])
@pytest.mark.parametrize("name", ["jpeg", "png"])
def test_padding_after_a_picture_is_forgiven(tmp_path: Path, name: str, tail: bytes) -> None:
    assert has_its_end(_write(tmp_path, files.WHOLE[name]() + tail), _type(name))


@pytest.mark.parametrize(
    "data",
    [
        b"II*\0\x08\0\0\0" + b"\xff\xff" + bytes(40),
        b"II*\0\x08\0\0\0\0\0" + b"\x08\0\0\0",
        b"MM\0*\0\0\0\x08\0\0\0\0\0\x08",
        b"II*\0\0\0\0\0",
        b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + b"\xff" * 8 + bytes(30),
        b"II*\0",
    ],
)
def test_hostile_directories_of_a_tiff_end(tmp_path: Path, data: bytes) -> None:
    assert not has_its_end(_write(tmp_path, data), MediaType.TIFF)


def test_a_tiff_without_the_lengths_of_its_strips_is_not_whole(tmp_path: Path) -> None:
    data = files.group4()
    assert data.count((279).to_bytes(2, "little") + b"\x04\0") == 1
    broken = data.replace(
        (279).to_bytes(2, "little") + b"\x04\0", (40000).to_bytes(2, "little") + b"\x04\0"
    )
    assert not has_its_end(_write(tmp_path, broken), MediaType.TIFF)


@pytest.mark.parametrize(
    "data",
    [
        b"ftyp",
        b"\0\0\0\x18ftypheic" + bytes(12) + b"\0\0\0\x01mdat" + b"\0\0",
        b"\0\0\0\x18ftypheic" + bytes(12) + b"\0\0\0\x04mdat" + bytes(20),
        b"\0\0\0\x18ftypheic" + bytes(12) + b"\0\0\0\x01mdat" + b"\xff" * 8,
    ],
)
def test_hostile_boxes_end(tmp_path: Path, data: bytes) -> None:
    assert not has_its_end(_write(tmp_path, data), MediaType.HEIC)


def test_no_byte_is_told_as_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="rỗng") as caught:
        sniff(_write(tmp_path, b"", "trống.pdf"))
    assert "trống.pdf" in caught.value.vi


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"xin chao",
        b"PK\x03\x04" + bytes(40),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"GIF89a" + bytes(40),
        b"BM" + bytes(60),
        b"<html><body>%PDF</body></html>",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypisom" + bytes(12),
        b"\0\0\0\x18ftypavif" + bytes(12),
        bytes(2000) + b"%PDF-1.4",
        "Mã hồ sơ".encode("utf-16"),
    ],
)
def test_other_types_are_told_with_what_is_taken(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnsupportedType) as caught:
        sniff(_write(tmp_path, data, "giay.docx"))
    assert "giay.docx" in caught.value.vi
    assert "PDF" in caught.value.vi
    assert "PDF" in caught.value.en


def test_a_pdf_may_begin_with_a_little_rubbish(tmp_path: Path) -> None:
    assert sniff(_write(tmp_path, b"\r\n\r\n" + files.pdf())) is MediaType.PDF


@pytest.mark.parametrize(
    ("name", "media_type", "warns"),
    [
        ("a.pdf", MediaType.PDF, False),
        ("A.PDF", MediaType.PDF, False),
        ("a.jpg", MediaType.PDF, True),
        ("a.pdf", MediaType.JPEG, True),
        ("a.jpeg", MediaType.JPEG, False),
        ("a.JFIF", MediaType.JPEG, False),
        ("a.tif", MediaType.TIFF, False),
        ("a", MediaType.PNG, True),
        ("a.heif", MediaType.HEIC, False),
        ("a.webp", MediaType.WEBP, False),
        (".pdf", MediaType.PDF, True),
    ],
)
def test_a_name_that_says_another_type_is_told(
    name: str, media_type: MediaType, warns: bool
) -> None:
    warning = extension_warning(name, media_type)
    assert (warning is not None) is warns
    assert warning is None or name in warning


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: str(truth["file"]))
def test_the_samples_have_their_end_unless_they_are_cut(truth: dict[str, str]) -> None:
    path = sample_path(truth)
    if truth["file"] == "loi-tep-rong-0-byte.pdf":
        with pytest.raises(EmptyFile):
            sniff(path)
        return
    assert has_its_end(path, sniff(path)) is ("bi-cat" not in truth["file"])


def test_every_type_is_one_that_pillow_or_qpdf_opens(tmp_path: Path) -> None:
    for name, make in files.WHOLE.items():
        if not name.startswith("pdf"):
            with Image.open(_write(tmp_path, make())) as image:
                image.load()

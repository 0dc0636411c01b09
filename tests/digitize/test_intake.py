"""Receiving a file: what is taken, what is refused, and that nothing else ever escapes."""

from __future__ import annotations

import hashlib
import random
import unicodedata
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from digitize.errors import (
    DamagedFile,
    DigitizeError,
    EmptyFile,
    EncryptedFile,
    IncompleteFile,
    TooLarge,
    UnsupportedType,
)
from digitize.intake import Limits, digests, receive
from digitize.model import MediaType
from tests.digitize import files
from tests.digitize.workbench import LIMITS, TRUTHS, pages_of, sample_path

BROKEN = {
    "loi-tep-rong-0-byte.pdf": EmptyFile,
    "loi-jpeg-bi-cat.jpg": IncompleteFile,
    "loi-pdf-bi-cat.pdf": IncompleteFile,
    "loi-pdf-co-mat-khau.pdf": EncryptedFile,
}


def _write(tmp_path: Path, data: bytes, name: str = "quet.bin") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_the_broken_samples_are_these() -> None:
    assert {truth["file"] for truth in TRUTHS if truth["expect"] == "error"} == set(BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_sample_is_refused_with_its_reason(name: str) -> None:
    (truth,) = (truth for truth in TRUTHS if truth["file"] == name)
    with pytest.raises(BROKEN[name]) as caught:
        receive(sample_path(truth), name, LIMITS)
    assert name in caught.value.vi
    assert "Hãy" in caught.value.vi, "it says what to do"
    assert str(caught.value) == f"{caught.value.vi} ({caught.value.en})"


@pytest.mark.parametrize("name", files.WHOLE)
def test_whole_files_are_taken(tmp_path: Path, name: str) -> None:
    data = files.WHOLE[name]()
    submission = receive(_write(tmp_path, data), f"quet.{name}", LIMITS)
    assert submission.size_bytes == len(data)
    assert submission.sha256 == hashlib.sha256(data).hexdigest()
    assert submission.sha512 == hashlib.sha512(data).hexdigest()
    assert not submission.signed
    pages = {"tiff-pages": 3, "tiff-big-pages": 2, "pdf-object-streams": 2, "pdf-linearized": 3}
    assert submission.page_count == pages.get(name, 1)
    assert len(list(pages_of(submission))) == submission.page_count


def test_a_photo_with_a_second_picture_for_the_screen_is_one_page(tmp_path: Path) -> None:
    """A gain map or a preview behind the photo (CIPA DC-007) is no page of the paper."""
    submission = receive(_write(tmp_path, files.photo_with_gain_map()), "a.jpg", LIMITS)
    (page,) = pages_of(submission)
    assert page.picture.shape[:2] == (170, 120)
    assert submission.warnings == ()


def test_a_wrong_extension_is_taken_with_a_warning(tmp_path: Path) -> None:
    submission = receive(_write(tmp_path, files.jpeg()), "ho-kinh-doanh.pdf", LIMITS)
    assert submission.media_type is MediaType.JPEG
    (warning,) = submission.warnings
    assert "ho-kinh-doanh.pdf" in warning
    assert "JPEG" in warning


def test_names_become_nfc(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "Tờ khai đăng ký.png")
    submission = receive(_write(tmp_path, files.png()), name, LIMITS)
    assert submission.name == "Tờ khai đăng ký.png"
    assert submission.name != name


def test_too_many_bytes_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = _write(tmp_path, b"\0" * 2_000_001)
    with pytest.raises(TooLarge, match="2 MB"):
        receive(path, "to.pdf", Limits(max_bytes=2_000_000, max_pages=10))


@pytest.mark.parametrize("name", ["pdf", "tiff"])
def test_too_many_pages_are_refused(tmp_path: Path, name: str) -> None:
    data = files.pdf(4) if name == "pdf" else files.tiff(*[files.bitonal()] * 4)
    path = _write(tmp_path, data)
    assert receive(path, "a", Limits(max_bytes=10**9, max_pages=4)).page_count == 4
    with pytest.raises(TooLarge, match="4 trang"):
        receive(path, "a", Limits(max_bytes=10**9, max_pages=3))


def test_a_picture_of_too_many_points_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """A few kilobytes that would become a thousand million points."""
    rows = 32_000
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(4001)) for _ in range(rows)) + packer.flush()
    data = b"\x89PNG\r\n\x1a\n"
    head = (32_000).to_bytes(4, "big") + rows.to_bytes(4, "big") + b"\x01\0\0\0\0"
    for kind, body in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b"")):
        check = zlib.crc32(kind + body).to_bytes(4, "big")
        data += len(body).to_bytes(4, "big") + kind + body + check
    assert len(data) < 200_000
    with pytest.raises(TooLarge, match="điểm ảnh"):
        receive(_write(tmp_path, data), "bom.png", LIMITS)


def test_a_picture_whose_middle_is_missing_is_damaged(tmp_path: Path) -> None:
    data = files.png()
    at = data.index(b"IDAT") + 40
    with pytest.raises(DamagedFile, match=r"quet\.bin"):
        receive(_write(tmp_path, data[:at] + bytes(300) + data[at + 300 :]), "a.png", LIMITS)


def test_the_second_frame_of_a_tiff_is_looked_at_too(tmp_path: Path) -> None:
    data = files.tiff(*[Image.fromarray(files.picture())] * 2, compression="tiff_adobe_deflate")
    first = data.index(b"\x78\x9c") if b"\x78\x9c" in data else data.index(b"\x78\xda")
    mark = data[first : first + 2]
    second = data.index(mark, first + 2)
    broken = data[: second + 20] + b"\xff" * 200 + data[second + 220 :]
    with pytest.raises(DamagedFile):
        receive(_write(tmp_path, broken), "a.tif", LIMITS)


def test_a_pdf_without_pages_is_damaged(tmp_path: Path) -> None:
    with pikepdf.new() as document:
        data = files.saved(document)
    with pytest.raises(DamagedFile, match=r"quet\.bin"):
        receive(_write(tmp_path, data), "a.pdf", LIMITS)


def test_a_restricted_pdf_is_taken_with_a_warning(tmp_path: Path) -> None:
    lock = pikepdf.Encryption(owner="chu", user="", allow=pikepdf.Permissions(extract=False))
    submission = receive(
        _write(tmp_path, files.pdf(encryption=lock, deterministic_id=False)), "a.pdf", LIMITS
    )
    assert any("hạn chế" in text for text in submission.warnings)


def test_a_pdf_that_qpdf_mends_is_taken_with_a_warning(tmp_path: Path) -> None:
    data = files.pdf()
    at = data.rindex(b"startxref\n") + len(b"startxref\n")
    end = data.index(b"\n", at)
    submission = receive(_write(tmp_path, data[:at] + b"7" + data[end:]), "a.pdf", LIMITS)
    assert any("cấu trúc" in text for text in submission.warnings)


def test_an_unreadable_file_is_the_operators_business(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="khong-co"):
        receive(tmp_path / "khong-co.pdf", "khong-co.pdf", LIMITS)


def test_a_file_of_another_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedType):
        receive(_write(tmp_path, b"PK\x03\x04" + bytes(100)), "a.docx", LIMITS)


def test_digests_of_a_file_longer_than_one_chunk(tmp_path: Path) -> None:
    data = random.Random(1).randbytes(2_500_000)
    sha256, sha512 = digests(_write(tmp_path, data))
    assert (sha256, sha512) == (
        hashlib.sha256(data).hexdigest(),
        hashlib.sha512(data).hexdigest(),
    )


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """Flip, cut, repeat or blank a few bytes."""
    broken = bytearray(data)
    for _ in range(chance.choice([1, 2, 5, 20])):
        at = chance.randrange(len(broken))
        match chance.randrange(4):
            case 0:
                broken[at] ^= 1 << chance.randrange(8)
            case 1:
                broken[at] = chance.choice([0, 0xFF, 0x7F, 0x80, 1])
            case 2:
                broken[at : at + 4] = b"\xff\xff\xff\xff"
            case _:
                broken[at : at + chance.randrange(16)] = b""
    return bytes(broken)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it warns of what it then reads or refuses
@pytest.mark.parametrize("name", files.WHOLE)
def test_damage_never_gives_another_error_than_ours(tmp_path: Path, name: str) -> None:
    """Whatever a disk, a network or an enemy made of a file: taken, or told; never a crash."""
    data, chance = files.WHOLE[name](), random.Random(name)
    told = []
    for number in range(60):
        path = _write(tmp_path, _damaged(data, chance), f"{number}.bin")
        told.append(_take(path))
    assert any(told)
    assert all(error is None or (error.vi and error.en) for error in told)


def _take(path: Path) -> DigitizeError | None:
    """Receive a file and look at its pages; return what was told of it."""
    try:
        submission = receive(path, path.name, LIMITS)
        for page in pages_of(submission):
            assert page.picture.size
    except DigitizeError as error:
        return error
    return None

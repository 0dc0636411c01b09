"""The only door to Pillow: frames of picture files, decoded for reading or packed for the PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import Image, ImageOps

from digitize import bundle
from digitize.errors import DamagedFile, DigitizeError, TooLarge

Picture = npt.NDArray[np.uint8]
"""Height x width (grey) or height x width x 3 (RGB), 8 bits a sample."""

# A3 at 600 dpi is 70 million pixels; what is larger is a bomb or a mistake.
MAX_PIXELS = 120_000_000
_A4_LONG_INCHES = 11.69
_DEFAULT_DPI = 200.0
# What cameras and image editors write when nobody measured anything.
_MEANINGLESS_DPI = (0, 1, 72, 96)
_MIN_STATED_DPI, _MAX_STATED_DPI = 50, 2500
# Fax lines lie up to twice as far apart as their points; rounding makes a hundredth.
_MAX_STRETCH, _SAME_DPI = 2.5, 0.015
_TURNS_OF_EXIF = {1: 0, 3: 2, 6: 1, 8: 3}
_MIRRORED_EXIF = (2, 4, 5, 7)
_EXIF_ORIENTATION = 0x0112
_TIFF_COMPRESSION, _TIFF_PHOTOMETRIC, _TIFF_FILL_ORDER, _GROUP4 = 259, 262, 266, 4
_TIFF_STRIP_OFFSETS, _TIFF_ROWS_PER_STRIP, _TIFF_STRIP_COUNTS = 273, 278, 279
# Where a PNG's header says how many bits a sample has, and whether it comes in passes.
_PNG_BITS, _PNG_INTERLACED = 24, 28
_JPEG_FORMATS = ("JPEG", "MPO")
_JPEG_QUALITY = 95

pillow_heif.register_heif_opener()
# Pillow would warn at another size; `_load` refuses by ours before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Measures of one frame of a picture file."""

    width: int
    """Pixels, as stored."""
    height: int
    dpi: float
    """Along the side that is scanned more finely."""
    dpi_is_guess: bool
    """The file does not say it, and what makes the page A4 was taken."""
    stretch: tuple[float, float]
    """How many points of that resolution one of its points is wide and high; fax lines are high."""
    quarter_turns: int
    """Clockwise quarter turns that EXIF asks for, 0 to 3."""
    bitonal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedImage:
    """A frame as the stream of a PDF image XObject."""

    data: bytes
    pdf_filter: str
    """`/DCTDecode`, `/CCITTFaxDecode` or `/FlateDecode`."""
    parameters: dict[str, int | bool]
    """DecodeParms."""
    width: int
    height: int
    grey: bool
    bits: int
    note: str | None
    """Why the scan's own bytes could not be kept, in Vietnamese; None where they were."""
    stretch: tuple[float, float] = (1.0, 1.0)
    """As `Frame.stretch`."""


def count_frames(path: Path) -> int:
    """Return the number of frames of a picture file; a bundle has one for each page file.

    A JPEG is one: what phones put behind it (CIPA DC-007) is a map of brightness or a preview.
    """
    if bundle.is_bundle(path):
        return len(bundle.list_members(path))
    with _opened(path) as image:
        return 1 if image.format in _JPEG_FORMATS else int(getattr(image, "n_frames", 1))


def check_decodes(path: Path) -> None:
    """Decode every frame once.

    Raises:
        DamagedFile: a frame does not decode.
        TooLarge: a frame has more than `MAX_PIXELS`.
    """
    for index in range(count_frames(path)):
        with _opened(path, index) as image:
            # A JPEG drawn small is decoded to its end all the same, at half the cost.
            image.draft(image.mode, (1, 1))
            _load(path, image)


@contextmanager
def _opened(path: Path, index: int = 0) -> Iterator[Image.Image]:
    """Open a picture at a frame; what Pillow then raises on an odd file is told as damage."""
    try:
        with _stream(path, index) as (stream, frame), Image.open(stream) as image:
            if frame:
                image.seek(frame)
            yield image
    except (DigitizeError, FileNotFoundError, PermissionError):
        raise
    except Exception as error:
        raise _damaged(path) from error


@contextmanager
def _stream(path: Path, index: int) -> Iterator[tuple[BinaryIO, int]]:
    """Open what holds a frame, and say which frame of it: of a bundle, the page file's first."""
    if bundle.is_bundle(path):
        yield io.BytesIO(bundle.read_member(path, index)), 0
        return
    with path.open("rb") as stream:
        yield stream, index


def _load(path: Path, image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path)
    image.load()


def _damaged(path: Path) -> DamagedFile:
    return DamagedFile(
        f"Ảnh «{path.name}» bị hỏng, không giải mã được. Hãy quét lại giấy này.",
        "the picture does not decode; scan the paper again",
    )


def _too_large(path: Path) -> TooLarge:
    return TooLarge(
        f"Ảnh «{path.name}» quá lớn (hơn {MAX_PIXELS // 1_000_000} triệu điểm ảnh). "
        "Hãy quét lại ở 200 hoặc 300 dpi.",
        "the picture has too many pixels; scan at 200 or 300 dpi",
    )


def measure(path: Path, index: int) -> Frame:
    """Read a frame's size, resolution and orientation."""
    with _opened(path, index) as image:
        return _measured(image)


def _measured(image: Image.Image) -> Frame:
    stated = stated_dpi(image.info.get("dpi"))
    return Frame(
        width=image.width,
        height=image.height,
        dpi=max(stated) if stated else guess_dpi(image.width, image.height),
        dpi_is_guess=stated is None,
        stretch=_stretch(stated),
        quarter_turns=_TURNS_OF_EXIF.get(_exif_orientation(image), 0),
        bitonal=image.mode == "1",
    )


def stated_dpi(stated: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the resolution that a file states, across and down; None where it means nothing."""
    if not stated or not all(_is_meaningful(float(value)) for value in stated):
        return None
    across, down = (round(float(value), 2) for value in stated)
    ratio = across / down
    if abs(ratio - 1) <= _SAME_DPI or not 1 / _MAX_STRETCH <= ratio <= _MAX_STRETCH:
        return across, across
    return across, down


def _is_meaningful(dpi: float) -> bool:
    return dpi not in _MEANINGLESS_DPI and _MIN_STATED_DPI < dpi < _MAX_STATED_DPI


def guess_dpi(width: int, height: int) -> float:
    """Return the resolution that makes a page A4, or the usual one where its shape is another."""
    long_side, short_side = max(width, height), min(width, height)
    if 1.25 <= long_side / max(short_side, 1) <= 1.55:
        return round(long_side / _A4_LONG_INCHES, 2)
    return _DEFAULT_DPI


def _stretch(stated: tuple[float, float] | None) -> tuple[float, float]:
    if stated is None:
        return 1.0, 1.0
    return max(stated) / stated[0], max(stated) / stated[1]


def decode(path: Path, index: int) -> Picture:
    """Decode a frame to 8-bit grey or RGB, as stored (EXIF turns not applied)."""
    return read(path, index)[1]


def read(path: Path, index: int) -> tuple[Frame, Picture]:
    """Measure and decode a frame at once: a PNG may say at its end how it is turned."""
    with _opened(path, index) as image:
        _load(path, image)
        return _measured(image), np.asarray(_plain(_unmirrored(image)))


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in ("L", "RGB"):
        return image
    if image.mode.startswith(("I", "F")):
        # Sixteen bits a sample: the high byte is what the eye sees.
        values = np.asarray(image, dtype=np.float64)
        scale = 257.0 if values.max(initial=0) > 255 else 1.0
        return Image.fromarray((values / scale).clip(0, 255).astype(np.uint8))
    if image.mode == "1":
        return image.convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")


def _exif_orientation(image: Image.Image) -> int:
    # Pillow turns a TIFF itself while decoding.
    return 1 if image.format == "TIFF" else int(image.getexif().get(_EXIF_ORIENTATION, 1))


def _unmirrored(image: Image.Image) -> Image.Image:
    is_mirrored = _exif_orientation(image) in _MIRRORED_EXIF
    return ImageOps.exif_transpose(image) if is_mirrored else image


def pack(path: Path, index: int) -> PackedImage:
    """Pack a frame for a PDF, with the scan's own bytes wherever PDF/A can hold them."""
    with _opened(path, index) as image:
        packed = _own(path, index, image)
        if packed is None:
            _load(path, image)
            # A copy: Pillow would write a TIFF again with the tags of the old one.
            packed = _repacked(_unmirrored(image.copy()), image.format or "")
        return replace(packed, stretch=_stretch(stated_dpi(image.info.get("dpi"))))


def _own(path: Path, index: int, image: Image.Image) -> PackedImage | None:
    """Pack the file's own data; None where a PDF cannot hold them as they are."""
    if image.format == "TIFF" and image.mode == "1":
        return _own_group4_strip(path, index, image)
    if image.mode not in ("L", "RGB") or _exif_orientation(image) in _MIRRORED_EXIF:
        return None
    if image.format in _JPEG_FORMATS:
        return _jpeg(_own_bytes(path, index), image, note=None)
    return _own_png(_own_bytes(path, index), image) if image.format == "PNG" else None


def _own_png(data: bytes, image: Image.Image) -> PackedImage | None:
    """Return the data of a PNG as they are; None where they are no plain rows of bytes."""
    is_plain = data[_PNG_BITS] == 8 and not data[_PNG_INTERLACED]
    is_plain &= getattr(image, "n_frames", 1) == 1 and "transparency" not in image.info
    return _png_rows(data, image, note=None) if is_plain else None


def _jpeg(data: bytes, image: Image.Image, note: str | None) -> PackedImage:
    return PackedImage(
        data=data,
        pdf_filter="/DCTDecode",
        parameters={},
        width=image.width,
        height=image.height,
        grey=image.mode == "L",
        bits=8,
        note=note,
    )


def _own_bytes(path: Path, index: int) -> bytes:
    with _stream(path, index) as (stream, _):
        return stream.read()


def _own_group4_strip(path: Path, index: int, image: Image.Image) -> PackedImage | None:
    """Return the file's own G4 strip; None where it has several, which cannot be joined."""
    tags = getattr(image, "tag_v2", {})
    if tags.get(_EXIF_ORIENTATION, 1) != 1:
        return None  # Pillow has turned the frame; its strip still lies as it was scanned
    offsets = tags.get(_TIFF_STRIP_OFFSETS, ())
    if tags.get(_TIFF_COMPRESSION) != _GROUP4 or len(offsets) != 1:
        return None
    with _stream(path, index) as (stream, _):
        stream.seek(offsets[0])
        data = stream.read(tags[_TIFF_STRIP_COUNTS][0])
    if tags.get(_TIFF_FILL_ORDER, 1) != 1:
        data = bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
    return _group4(data, image, black_is_one=tags.get(_TIFF_PHOTOMETRIC) == 1)


def _group4(data: bytes, image: Image.Image, *, black_is_one: bool) -> PackedImage:
    return PackedImage(
        data=data,
        pdf_filter="/CCITTFaxDecode",
        parameters={
            "/K": -1,
            "/Columns": image.width,
            "/Rows": image.height,
            "/BlackIs1": black_is_one,
        },
        width=image.width,
        height=image.height,
        grey=True,
        bits=1,
        note=None,
    )


def _repacked(image: Image.Image, origin: str) -> PackedImage:
    if image.mode == "1":
        return _single_strip(image)
    plain = _plain(image)
    if origin in (*_JPEG_FORMATS, "HEIF", "WEBP"):
        buffer = io.BytesIO()
        plain.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
        why = f"Ảnh {origin} không đưa thẳng vào PDF/A được, đã chuyển sang JPEG chất lượng cao."
        return _jpeg(buffer.getvalue(), plain, note=why)
    note = None if plain is image else "Ảnh đã chuyển về 8 bit mỗi kênh màu cho PDF/A."
    buffer = io.BytesIO()
    plain.save(buffer, "PNG")
    return _png_rows(buffer.getvalue(), plain, note)


def _single_strip(image: Image.Image) -> PackedImage:
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", compression="group4", tiffinfo={_TIFF_ROWS_PER_STRIP: image.height})
    with Image.open(buffer) as again:
        tags = again.tag_v2  # type: ignore[attr-defined]  # a TIFF, written two lines above
        start, length = tags[_TIFF_STRIP_OFFSETS][0], tags[_TIFF_STRIP_COUNTS][0]
        black_is_one = tags[_TIFF_PHOTOMETRIC] == 1
    return _group4(buffer.getvalue()[start : start + length], image, black_is_one=black_is_one)


def _png_rows(png: bytes, image: Image.Image, note: str | None) -> PackedImage:
    """Take a PNG's rows: its data chunks are a Flate stream with PNG predictors."""
    return PackedImage(
        data=b"".join(_png_data(png)),
        pdf_filter="/FlateDecode",
        parameters={
            "/Predictor": 15,
            "/Colors": 1 if image.mode == "L" else 3,
            "/BitsPerComponent": 8,
            "/Columns": image.width,
        },
        width=image.width,
        height=image.height,
        grey=image.mode == "L",
        bits=8,
        note=note,
    )


def _png_data(png: bytes) -> list[bytes]:
    chunks, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            chunks.append(png[at + 8 : at + 8 + length])
        at += 12 + length
    return chunks


def pack_picture(picture: Picture) -> PackedImage:
    """Pack a drawn page (see `PageKind.DRAWN`) as a high-quality JPEG."""
    image = Image.fromarray(picture)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return _jpeg(buffer.getvalue(), image, "Trang PDF được vẽ lại thành ảnh cho PDF/A.")


def pack_lossy(picture: Picture, quality: int) -> PackedImage:
    """Pack a picture for an access copy (see `digitize.access`) as a small JPEG."""
    image = Image.fromarray(picture)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)
    return _jpeg(buffer.getvalue(), image, note=None)


def pack_mask(mask: npt.NDArray[np.bool_]) -> PackedImage:
    """Pack the ink of a page, black where true, as CCITT group 4: no pixel is changed."""
    return _single_strip(Image.fromarray(~mask))

"""Pictures decoded upright, and packed for the PDF with nothing lost.

What a PDF shows is drawn with pdfium, which shares no code with what packed it.
"""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageChops, ImageOps

from digitize import enhance, frames, render
from digitize.errors import DamagedFile, TooLarge
from digitize.frames import PackedImage, Picture
from tests.digitize import files
from tests.digitize.workbench import read_file, render_file

MIRRORED = (2, 4, 5, 7)
QUARTER_TURNS = {1: 0, 3: 2, 6: 1, 8: 3}


def _write(tmp_path: Path, data: bytes, name: str = "quet.bin") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def _upright(path: Path) -> Picture:
    """Decode as the stages do: the file's pixels, then the turns that are still due."""
    frame = frames.measure(path, 0)
    return enhance.turn(frames.decode(path, 0), frame.quarter_turns)


def _stream(pdf: pikepdf.Pdf, packed: PackedImage) -> pikepdf.Stream:
    return pikepdf.Stream(
        pdf,
        packed.data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=packed.width,
        Height=packed.height,
        ColorSpace=pikepdf.Name.DeviceGray if packed.grey else pikepdf.Name.DeviceRGB,
        BitsPerComponent=packed.bits,
        Filter=pikepdf.Name(packed.pdf_filter),
        DecodeParms=pikepdf.Dictionary(packed.parameters),
    )


def _shown(packed: PackedImage, folder: Path) -> Picture:
    """Draw a packed image alone on a page, one pixel a point."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(packed.width, packed.height))
        page = pdf.pages[0].obj
        image = _stream(pdf, packed)
        page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        place = f"{packed.width} 0 0 {packed.height} 0 0 cm /Im0 Do"
        page["/Contents"] = pikepdf.Stream(pdf, place.encode())
        return render.draw(_write(folder, files.saved(pdf), "hien.pdf"), 0, 72)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF"])
def test_every_orientation_stands_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    """EXIF 1 to 8 (CIPA DC-008 4.6.4): what a viewer shows is what is read and kept."""
    exif = Image.Exif()
    exif[files.ORIENTATION] = orientation
    options: dict[str, Any] = {"tiffinfo": exif} if kind == "TIFF" else {"exif": exif}
    if kind == "WEBP":
        options["lossless"] = True
    path = _write(tmp_path, files.encoded(Image.fromarray(files.picture()), kind, **options))
    with Image.open(path) as image:
        wanted = np.asarray(ImageOps.exif_transpose(image).convert("RGB"), dtype=np.int16)
    upright = _upright(path)
    assert upright.shape == wanted.shape
    assert np.abs(upright - wanted).mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_every_orientation_is_kept_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[files.ORIENTATION] = orientation
    options: dict[str, Any] = {"tiffinfo": exif} if kind == "TIFF" else {"exif": exif}
    picture = Image.new("RGB", (360, 510), "white")
    picture.paste((20, 20, 20), (0, 0, 120, 130))
    picture.paste((40, 60, 160), (30, 300, 330, 310))
    path = _write(tmp_path, files.encoded(picture, kind, dpi=(72, 72), **options))
    submission, pages = read_file(path, tmp_path)
    rendition = render_file(submission, pages, tmp_path / "ban-luu.pdf")
    shown = render.draw(rendition.path, 0, pages[0].dpi)
    with Image.open(path) as image:
        wanted = ImageOps.exif_transpose(image).convert("RGB")
    assert abs(shown.shape[0] - wanted.height) <= 1
    assert abs(shown.shape[1] - wanted.width) <= 1
    fitted = Image.fromarray(shown).resize(wanted.size)
    assert np.asarray(ImageChops.difference(fitted, wanted)).mean() < 6
    if kind == "JPEG" and orientation not in MIRRORED:
        assert pages[0].quarter_turns == QUARTER_TURNS[orientation]
        assert rendition.notes == ()


@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("strips", ["one", "many"])
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("fill_order", [1, 2])
def test_group_4_is_kept_black_on_white_and_upright(
    tmp_path: Path, orientation: int, strips: str, photometric: int, fill_order: int
) -> None:
    image = files.bitonal()
    rows = image.height if strips == "one" else 32
    info = {262: photometric, 266: fill_order, 278: rows, files.ORIENTATION: orientation}
    # The writer fills bytes from the high bit; a scanner's other order is made by hand.
    data = files.encoded(image, "TIFF", compression="group4", tiffinfo={**info, 266: 1})
    path = _write(tmp_path, _reversed_bits(data) if fill_order == 2 else data)
    with Image.open(path) as check:
        wanted = np.asarray(check.convert("L"))
    assert wanted[0, 0] in (0, 255)
    packed = frames.pack(path, 0)
    assert (packed.pdf_filter, packed.bits, packed.grey) == ("/CCITTFaxDecode", 1, True)
    assert packed.note is None
    shown = _shown(packed, tmp_path)
    turned = enhance.turn(shown, frames.measure(path, 0).quarter_turns)[:, :, 0]
    assert np.array_equal(turned, wanted)


def _reversed_bits(data: bytes) -> bytes:
    """Turn the bits of every strip of a little-endian TIFF around, and say so in FillOrder."""
    with Image.open(io.BytesIO(data)) as image:
        tags = image.tag_v2  # type: ignore[attr-defined]  # a TIFF, by its maker
        strips = list(zip(tags[273], tags[279], strict=True))
    turned = bytearray(data)
    for start, length in strips:
        turned[start : start + length] = bytes(
            int(f"{byte:08b}"[::-1], 2) for byte in data[start : start + length]
        )
    entry = (266).to_bytes(2, "little") + (3).to_bytes(2, "little") + (1).to_bytes(4, "little")
    at = bytes(turned).index(entry) + 8
    turned[at : at + 2] = (2).to_bytes(2, "little")
    return bytes(turned)


def test_a_single_strip_of_group_4_is_the_scanners_own(tmp_path: Path) -> None:
    image = files.bitonal()
    data = files.encoded(image, "TIFF", compression="group4", tiffinfo={278: image.height})
    packed = frames.pack(_write(tmp_path, data), 0)
    assert packed.data in data


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(files.picture()),
        Image.fromarray(files.picture(colour=False)),
        Image.fromarray(files.picture(7, 5)),
        Image.fromarray(files.picture(1, 1)),
        Image.fromarray(files.picture(33, 400)),
    ],
    ids=["colour", "grey", "7x5", "1x1", "33x400"],
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_lossless_pictures_stay_pixel_for_pixel(
    tmp_path: Path, image: Image.Image, kind: str
) -> None:
    packed = frames.pack(_write(tmp_path, files.encoded(image, kind)), 0)
    assert packed.pdf_filter == "/FlateDecode"
    assert packed.note is None
    wanted = np.asarray(image.convert("RGB"))
    assert np.array_equal(_stream_pixels(packed), wanted)
    if min(image.size) > 4:
        assert np.array_equal(_shown(packed, tmp_path), wanted)


def _stream_pixels(packed: PackedImage) -> Picture:
    with pikepdf.new() as pdf:
        image = pikepdf.PdfImage(_stream(pdf, packed)).as_pil_image()
        return np.asarray(image.convert("RGB"))


def _drawn_png(bits: int, colours: int, *, passes: bool = False) -> bytes:
    """Return a PNG of one row of two points, both half bright, as its header says."""
    half = {4: b"\x88", 8: b"\x80", 16: b"\x80\x00"}[bits]
    point = half * (3 if colours == 2 else 1)
    # Each row, or each pass of it, begins with the number of its predictor.
    rows = b"\x00" + point + b"\x00" + point if passes else b"\x00" + point * 2
    header = struct.pack(">IIBBBBB", 2, 1, bits, colours, 0, 0, passes)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.parametrize(
    ("bits", "colours", "passes", "kept"),
    [(8, 0, False, True), (8, 2, False, True), (16, 0, False, False), (16, 2, False, False),
     (8, 0, True, False), (8, 2, True, False), (4, 0, False, False)],
)  # fmt: skip
def test_plain_rows_of_a_png_are_kept_as_they_are(
    tmp_path: Path, bits: int, colours: int, *, passes: bool, kept: bool
) -> None:
    data = _drawn_png(bits, colours, passes=passes)
    packed = frames.pack(_write(tmp_path, data), 0)
    assert (packed.data in data) is kept
    assert np.abs(_stream_pixels(packed).astype(int) - 0x80).max() <= 8


def test_a_palette_is_resolved_without_loss(tmp_path: Path) -> None:
    image = Image.fromarray(files.picture()).quantize(16)
    packed = frames.pack(_write(tmp_path, files.encoded(image, "PNG")), 0)
    assert np.array_equal(_shown(packed, tmp_path), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_paper(tmp_path: Path, mode: str) -> None:
    """Transparent black would become a black page."""
    layered = Image.new("RGBA", (80, 100), (0, 0, 0, 0))
    layered.paste((20, 20, 20, 255), (10, 10, 40, 40))
    image = layered.quantize(4) if mode == "P" else layered.convert(mode)
    path = _write(tmp_path, files.encoded(image, "PNG"))
    picture = frames.decode(path, 0)
    assert picture[90, 70].min() > 250
    assert picture[20, 20].max() < 40


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((0, 32768, 65535), (0, 127, 255)),
        ((0, 257, 65535), (0, 1, 255)),
        ((0, 128, 255), (0, 128, 255)),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_become_eight(
    tmp_path: Path, kind: str, values: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    pixels = np.repeat(np.array(values, dtype=np.uint16), 20)[None, :].repeat(30, axis=0)
    path = _write(tmp_path, files.encoded(Image.fromarray(pixels), kind))
    picture = frames.decode(path, 0)
    assert picture.dtype == np.uint8
    assert tuple(int(value) for value in picture[0, ::20].flatten()[:3]) == wanted
    assert "8 bit" in str(frames.pack(path, 0).note)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printing_colours_become_screen_colours(tmp_path: Path, kind: str) -> None:
    """PDF/A with an sRGB intent may not hold CMYK."""
    source = Image.fromarray(files.picture())
    path = _write(tmp_path, files.encoded(source.convert("CMYK"), kind))
    packed = frames.pack(path, 0)
    assert not packed.grey
    assert packed.note is not None
    difference = np.abs(
        _shown(packed, tmp_path).astype(np.int16) - np.asarray(source, dtype=np.int16)
    )
    assert difference.mean() < 4


@pytest.mark.parametrize("name", ["heic", "webp", "webp-lossy"])
def test_phones_formats_become_fine_jpeg_with_a_note(tmp_path: Path, name: str) -> None:
    path = _write(tmp_path, files.WHOLE[name]())
    packed = frames.pack(path, 0)
    assert packed.pdf_filter == "/DCTDecode"
    assert "JPEG" in str(packed.note)
    difference = np.abs(_shown(packed, tmp_path).astype(np.int16) - frames.decode(path, 0))
    assert difference.mean() < 2


@pytest.mark.parametrize("name", ["jpeg", "jpeg-progressive", "jpeg-grey", "jpeg-trailer"])
def test_a_jpeg_is_packed_as_it_is(tmp_path: Path, name: str) -> None:
    data = files.WHOLE[name]()
    packed = frames.pack(_write(tmp_path, data), 0)
    assert packed.data == data
    assert packed.note is None
    assert packed.grey is (name == "jpeg-grey")


def test_each_frame_is_its_own(tmp_path: Path) -> None:
    shades = [Image.new("L", (40, 60), shade) for shade in (10, 120, 240)]
    path = _write(tmp_path, files.tiff(*shades))
    assert frames.count_frames(path) == 3
    assert [int(frames.decode(path, index)[0, 0]) for index in range(3)] == [10, 120, 240]
    assert [int(_shown(frames.pack(path, index), tmp_path)[9, 9, 0]) for index in range(3)] == [
        10,
        120,
        240,
    ]


@pytest.mark.parametrize(
    ("size", "stated", "dpi"),
    [
        ((1654, 2339), (200, 200), 200.0),
        ((1654, 2339), (199.9, 199.9), 199.9),
        ((1654, 2339), None, 200.09),
        ((2480, 3508), None, 300.09),
        ((3508, 2480), None, 300.09),
        ((2480, 3508), (72, 72), 300.09),
        ((2480, 3508), (96, 96), 300.09),
        ((2480, 3508), (1, 1), 300.09),
        ((2480, 3508), (0, 0), 300.09),
        ((3000, 4000), (72, 72), 342.17),
        ((2480, 3508), (30000, 30000), 300.09),
        ((2480, 3508), (float("nan"), float("nan")), 300.09),
        ((2480, 3508), (-200, -200), 300.09),
        ((1000, 3000), None, 200.0),
        ((2000, 2000), None, 200.0),
        ((1, 1), None, 200.0),
        ((1, 60000), None, 200.0),
    ],
)
def test_the_resolution_is_what_is_stated_or_what_makes_the_sheet_a4(
    size: tuple[int, int], stated: tuple[float, float] | None, dpi: float
) -> None:
    found = frames.stated_dpi(stated)
    assert (found or (frames.guess_dpi(*size),) * 2) == (dpi, dpi)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_the_resolution_of_a_file_is_read(tmp_path: Path, kind: str) -> None:
    image = Image.fromarray(files.picture())
    path = _write(tmp_path, files.encoded(image, kind, dpi=(300, 300)))
    assert frames.measure(path, 0).dpi == pytest.approx(300, abs=0.1)
    if kind == "TIFF":
        path = _write(tmp_path, files.encoded(image, kind, resolution=118, resolution_unit="cm"))
        assert frames.measure(path, 0).dpi == pytest.approx(299.72, abs=0.1)


def test_a_bitonal_frame_says_so(tmp_path: Path) -> None:
    assert frames.measure(_write(tmp_path, files.group4()), 0).bitonal
    assert not frames.measure(_write(tmp_path, files.png()), 0).bitonal


def test_a_bomb_is_refused_at_its_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = Image.new("1", (100, 100)), Image.new("1", (300, 300))
    path = _write(tmp_path, files.tiff(small, large, compression="group4"))
    frames.check_decodes(path)
    monkeypatch.setattr(frames, "MAX_PIXELS", 50_000)
    with pytest.raises(TooLarge):
        frames.check_decodes(path)
    with pytest.raises(TooLarge):
        frames.decode(path, 1)


def test_no_picture_is_told_as_damage(tmp_path: Path) -> None:
    path = _write(tmp_path, b"\xff\xd8\xff\xe0" + bytes(200))
    with pytest.raises(DamagedFile, match=r"quet\.bin"):
        frames.count_frames(path)
    with pytest.raises(FileNotFoundError):
        frames.count_frames(tmp_path / "khong-co")


def test_a_drawn_page_is_packed_as_fine_jpeg(tmp_path: Path) -> None:
    for colour in (True, False):
        picture = files.picture(colour=colour)
        packed = frames.pack_picture(picture)
        assert packed.grey is not colour
        assert packed.note
        wanted = picture if colour else picture[:, :, None]
        assert np.abs(_shown(packed, tmp_path).astype(np.int16) - wanted).mean() < 2

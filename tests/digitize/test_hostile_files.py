"""Files that ask for far more than they weigh: read or refused, in bounded time and memory.

Each is a few kilobytes and goes through the real command, whose memory the kernel measures.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest

from desk.exit_codes import DONE, exit_code_of
from digitize.errors import DamagedFile, TooLarge
from tests.desk.forked import Forks
from tests.digitize import files

_SIDE = 60_000
_SECONDS = 40.0
_BYTES = 1_500_000_000
READ, REFUSED = DONE, exit_code_of(TooLarge("", ""))
DAMAGED = exit_code_of(DamagedFile("", ""))


def _white_group4(rows: int) -> bytes:
    """Return a white picture: one bit says that a line is like the one above (ITU-T T.6)."""
    bits = "1" * rows + "000000000001" * 2
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def group4_square() -> bytes:
    """Return a TIFF of 60,000 x 60,000 white points in eight kilobytes."""
    data = _white_group4(_SIDE)
    tags = [
        (256, 4, _SIDE), (257, 4, _SIDE), (258, 3, 1), (259, 3, 4), (262, 3, 0),
        (273, 4, 8), (277, 3, 1), (278, 4, _SIDE), (279, 4, len(data)),
    ]  # fmt: skip
    data += b"\0" * (len(data) % 2)
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + bytes(4)


def png_bomb() -> bytes:
    """Return a PNG of 60,000 x 60,000 points of one bit, deflated to half a megabyte."""
    line = bytes(1 + (_SIDE + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line * 100) for _ in range(_SIDE // 100)) + packer.flush()
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def jpeg_that_claims() -> bytes:
    """Return a small JPEG whose header says 60,000 x 60,000."""
    data = bytearray(files.jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", _SIDE, _SIDE)
    return bytes(data)


def pdf_with_scan(side: int, page: float) -> bytes:
    """Return a PDF whose page of so many points is a white square scan of so many pixels."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(page, page))
        image = pikepdf.Stream(
            pdf, _white_group4(side), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image,
            Width=side, Height=side, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=1,
            Filter=pikepdf.Name.CCITTFaxDecode,
            DecodeParms=pikepdf.Dictionary(K=-1, Columns=side, Rows=side),
        )  # fmt: skip
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        pdf.pages[0].Contents = pikepdf.Stream(pdf, f"{page} 0 0 {page} 0 0 cm /Im0 Do".encode())
        return files.saved(pdf)


def pdf_poster() -> bytes:
    """Return a PDF page of the largest size there is: 14,400 points of ten units, 50 m."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14400, 14400))
        pdf.pages[0].UserUnit = 10
        return files.saved(pdf)


def pdf_stream_bomb() -> bytes:
    """Return a PDF whose content is 300 MB of blanks, deflated twice."""
    packed = zlib.compress(zlib.compress(b" " * 300_000_000, 9), 9)
    body = (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
    )
    offsets = [body.index(f"{number} 0 obj".encode()) for number in (1, 2, 3)] + [len(body)]
    head = f"4 0 obj<</Length {len(packed)}/Filter[/FlateDecode/FlateDecode]>>stream\n"
    body += head.encode() + packed + b"\nendstream endobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    tail = f"xref\n0 5\n0000000000 65535 f \n{table}trailer<</Size 5/Root 1 0 R>>\n"
    return body + f"{tail}startxref\n{len(body)}\n%%EOF\n".encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "60000.tif": (group4_square, (REFUSED,)),
    "60000.png": (png_bomb, (REFUSED,)),
    "60000.jpg": (jpeg_that_claims, (REFUSED,)),
    "2400dpi.pdf": (lambda: pdf_with_scan(20_000, 600.0), (READ,)),
    "60000.pdf": (lambda: pdf_with_scan(_SIDE, 600.0), (READ, REFUSED)),
    "50m.pdf": (pdf_poster, (READ,)),
    "300mb.pdf": (pdf_stream_bomb, (READ, REFUSED, DAMAGED)),
}


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with Forks(tmp_path_factory.mktemp("forks")) as made:
        yield made


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_read_or_refused_in_bounded_time_and_memory(
    tmp_path: Path, forks: Forks, name: str
) -> None:
    make, codes = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(make())
    assert path.stat().st_size < 2_000_000
    done = forks.hoso("read", path, "--json", unprivileged=True)
    assert done.code in codes, done.err
    assert done.seconds < _SECONDS
    assert done.peak_bytes < _BYTES, f"{done.peak_bytes / 1e6:.0f} MB"
    if done.code != READ:
        assert "Hãy" in done.err

"""What a file is, told by its content, and whether its end is there."""

from __future__ import annotations

import re
from pathlib import Path

from digitize import bundle, tiff_chain
from digitize.errors import EmptyFile, IncompleteFile, UnsupportedType
from digitize.model import MediaType

_HEAD_BYTES = 1024
_TAIL_BYTES = 2048
# What begins a revision that an incremental update appends (ISO 32000-1, 7.5.6).
_REVISION = re.compile(rb"[\s\x00]*(?:\d|xref)")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]*?/L\s+(\d+)")
# Stuffed zeros and restart marks belong to the coded data (ISO/IEC 10918-1, B.1.1.5).
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_JPEG_END = 0xD9
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")

_EXTENSIONS = {
    MediaType.PDF: (".pdf",),
    MediaType.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    MediaType.TIFF: (".tif", ".tiff"),
    MediaType.PNG: (".png",),
    MediaType.HEIC: (".heic", ".heif"),
    MediaType.WEBP: (".webp",),
    MediaType.BUNDLE: (".tar",),
}
_NAMES = {
    MediaType.PDF: "PDF",
    MediaType.JPEG: "ảnh JPEG",
    MediaType.TIFF: "ảnh TIFF",
    MediaType.PNG: "ảnh PNG",
    MediaType.HEIC: "ảnh HEIC",
    MediaType.WEBP: "ảnh WebP",
    MediaType.BUNDLE: "bộ trang",
}


def sniff(path: Path) -> MediaType:
    """Tell the type of a file by its first bytes.

    Raises:
        EmptyFile: it has no bytes.
        UnsupportedType: it is none of the types that are taken.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise EmptyFile(
            f"Tệp «{path.name}» rỗng (0 byte). Hãy quét lại giấy này rồi thả vào thư mục chờ.",
            "the file is empty; scan the paper again",
        )
    found = MediaType.BUNDLE if bundle.is_bundle(path) else _type_of(head)
    if found is None:
        raise UnsupportedType(
            f"Tệp «{path.name}» không phải PDF hay ảnh (JPEG, TIFF, PNG, HEIC, WebP). "
            "Hãy lưu lại ở một trong các dạng đó.",
            "neither a PDF nor a picture that is taken; save it as one of those",
        )
    return found


def _type_of(head: bytes) -> MediaType | None:
    starts = {
        b"\xff\xd8\xff": MediaType.JPEG,
        b"II*\x00": MediaType.TIFF,
        b"MM\x00*": MediaType.TIFF,
        b"II+\x00": MediaType.TIFF,
        b"MM\x00+": MediaType.TIFF,
        b"\x89PNG\r\n\x1a\n": MediaType.PNG,
    }
    for start, media_type in starts.items():
        if head.startswith(start):
            return media_type
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return MediaType.HEIC
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    return MediaType.PDF if b"%PDF-" in head else None


def extension_warning(name: str, media_type: MediaType) -> str | None:
    """Say that a name's extension and the content disagree; None when they agree."""
    if Path(name).suffix.lower() in _EXTENSIONS[media_type]:
        return None
    return f"Tên tệp «{name}» không đúng dạng: nội dung là {_NAMES[media_type]}."


def has_its_end(path: Path, media_type: MediaType) -> bool:
    """Tell whether a file reaches as far as a whole file of this type does.

    A cheap sign, asked of every waiting file; whether the content decodes is `intake.receive`'s
    question. A PDF cut off exactly at the end of an earlier revision is a whole PDF by itself.
    """
    match media_type:
        case MediaType.PDF:
            return _pdf_ends(path)
        case MediaType.JPEG:
            return _jpeg_ends(path.read_bytes())
        case MediaType.PNG:
            return b"IEND\xaeB`\x82" in _tail(path)[-64:]
        case MediaType.TIFF:
            return tiff_chain.is_whole(path)
        case MediaType.WEBP:
            return _riff_fits(path, path.stat().st_size)
        case MediaType.HEIC:
            return _boxes_fit(path, path.stat().st_size)
        case MediaType.BUNDLE:
            return bundle.is_whole(path)


def _tail(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return stream.read()


def _pdf_ends(path: Path) -> bool:
    body, mark, after = _tail(path).rpartition(b"%%EOF")
    if not mark or b"startxref" not in body or _REVISION.match(after):
        return False
    with path.open("rb") as stream:
        linearized = _LINEARIZED.search(stream.read(_HEAD_BYTES))
    return linearized is None or int(linearized[1]) <= path.stat().st_size


def _jpeg_ends(data: bytes) -> bool:
    """Follow the segments to the picture's own end, past the thumbnail and before any trailer."""
    at = 2
    while marker := _JPEG_MARKER.search(data, at):
        code, at = data[marker.start() + 1], marker.end()
        if code == _JPEG_END:
            return True
        at += int.from_bytes(data[at : at + 2], "big")
    return False


def check_end(path: Path, media_type: MediaType) -> None:
    """Refuse a file whose end is missing.

    Raises:
        IncompleteFile: the copy was cut off.
    """
    if not has_its_end(path, media_type):
        raise IncompleteFile(
            f"Tệp «{path.name}» bị cắt ngang, thiếu phần cuối. Hãy quét hoặc sao chép lại tệp này.",
            "the end of the file is missing; scan or copy it again",
        )


def _riff_fits(path: Path, size: int) -> bool:
    with path.open("rb") as stream:
        head = stream.read(8)
    return int.from_bytes(head[4:8], "little") + 8 <= size


def _boxes_fit(path: Path, size: int) -> bool:
    """Follow the boxes to the end of the file (ISO/IEC 14496-12, 4.2); both kinds must be there."""
    at, kinds = 0, set[bytes]()
    with path.open("rb") as stream:
        while at + 8 <= size:
            stream.seek(at)
            length, kind = int.from_bytes(stream.read(4), "big"), stream.read(4)
            kinds.add(kind)
            if length == 1:
                length = int.from_bytes(stream.read(8), "big")
            if length == 0:  # "up to the end of the file"
                at = size
            elif length < 8:
                return False
            else:
                at += length
    return at == size and kinds >= {b"meta", b"mdat"}

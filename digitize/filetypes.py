"""What a file is, told by its content, and whether its end is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from digitize.errors import EmptyFile, IncompleteFile, UnsupportedType
from digitize.model import MediaType

_HEAD_BYTES = 1024
_TAIL_BYTES = 2048
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")

_EXTENSIONS = {
    MediaType.PDF: (".pdf",),
    MediaType.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    MediaType.TIFF: (".tif", ".tiff"),
    MediaType.PNG: (".png",),
    MediaType.HEIC: (".heic", ".heif"),
    MediaType.WEBP: (".webp",),
}
_NAMES = {
    MediaType.PDF: "PDF",
    MediaType.JPEG: "ảnh JPEG",
    MediaType.TIFF: "ảnh TIFF",
    MediaType.PNG: "ảnh PNG",
    MediaType.HEIC: "ảnh HEIC",
    MediaType.WEBP: "ảnh WebP",
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
    found = _type_of(head)
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
    """Tell whether the last bytes are those that a whole file of this type ends with.

    A cheap sign, asked of every waiting file; whether the content decodes is `intake.receive`'s
    question.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - _TAIL_BYTES))
        tail = stream.read()
    match media_type:
        case MediaType.PDF:
            return b"%%EOF" in tail and b"startxref" in tail
        case MediaType.JPEG:
            return tail.rstrip(b"\x00\r\n ").endswith(b"\xff\xd9")
        case MediaType.PNG:
            return b"IEND\xaeB`\x82" in tail[-64:]
        case MediaType.TIFF:
            return _tiff_fits(path, size)
        case MediaType.WEBP:
            return _riff_fits(path, size)
        case MediaType.HEIC:
            return _boxes_fit(path, size)


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
    at = 0
    with path.open("rb") as stream:
        while at + 8 <= size:
            stream.seek(at)
            length = int.from_bytes(stream.read(4), "big")
            if length == 0:  # "up to the end of the file"
                return True
            if length == 1:
                stream.seek(at + 8)
                length = int.from_bytes(stream.read(8), "big")
            if length < 8:
                return False
            at += length
    return at == size


def _tiff_fits(path: Path, size: int) -> bool:
    """Follow the chain of directories; every strip and tile must lie inside the file."""
    with path.open("rb") as stream:
        head = stream.read(8)
        order = "little" if head[:2] == b"II" else "big"

        def number(at: int, length: int) -> int:
            stream.seek(at)
            return int.from_bytes(stream.read(length), order)  # type: ignore[arg-type]  # a literal

        directory, seen = number(4, 4), set[int]()
        while directory:
            if directory in seen or directory + 2 > size:
                return False
            seen.add(directory)
            count = number(directory, 2)
            end = directory + 2 + 12 * count
            if end + 4 > size or not _strips_fit(number, directory, size):
                return False
            directory = number(end, 4)
    return bool(seen)


_STRIP_OFFSETS, _STRIP_COUNTS, _TILE_OFFSETS, _TILE_COUNTS = 273, 279, 324, 325
_WIDTHS = {3: 2, 4: 4}
_Reader = Callable[[int, int], int]


def _strips_fit(number: _Reader, directory: int, size: int) -> bool:
    lists: dict[int, list[int]] = {}
    for index in range(number(directory, 2)):
        entry = directory + 2 + 12 * index
        tag, kind, count = number(entry, 2), number(entry + 2, 2), number(entry + 4, 4)
        width = _WIDTHS.get(kind)
        if width is None or tag not in (_STRIP_OFFSETS, _STRIP_COUNTS, _TILE_OFFSETS, _TILE_COUNTS):
            continue
        at = entry + 8 if width * count <= 4 else number(entry + 8, 4)
        if at + width * count > size:
            return False
        lists[tag] = [number(at + width * i, width) for i in range(count)]
    offsets = lists.get(_STRIP_OFFSETS) or lists.get(_TILE_OFFSETS) or []
    counts = lists.get(_STRIP_COUNTS) or lists.get(_TILE_COUNTS) or []
    pairs = zip(offsets, counts, strict=False)
    return bool(offsets) and all(offset + length <= size for offset, length in pairs)

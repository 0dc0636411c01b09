"""What a PDF's bytes say of its signatures, before any cryptography.

pyHanko drops what it does not know and stops at what it cannot read; this module lists all of it:
every signature field, every ByteRange in the file, the bytes after the end (ETSI EN 319 102-1
clause 5.2.2, format checking).
"""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pikepdf

from signing.byte_search import ByteRange, count_trailing
from signing.errors import UnreadablePdf
from signing.messages import find_faults
from signing.model import Kind, Remark
from signing.older_kinds import BARE_RSA, OLDER_SUB_FILTERS
from signing.stray_ranges import StrayRange, find_stray, read_range

PADES_SUB_FILTERS = {"/ETSI.CAdES.detached"}
KNOWN_SUB_FILTERS = (
    PADES_SUB_FILTERS | OLDER_SUB_FILTERS | {"/adbe.pkcs7.detached", "/ETSI.RFC3161"}
)

_HEX_STRING = re.compile(rb"<(?:[0-9A-Fa-f]{2})*>")
_HEADER_WINDOW = 1024
_MAX_FIELD_DEPTH = 32
# A field yet to be visited: object, name above it, kind inherited, depth.
_Waiting = tuple[pikepdf.Object, str, pikepdf.Object | None, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureObject:
    """A filled signature field as it stands in the file.

    Attributes:
        field: Fully qualified name.
        same_as: Other fields that hold the very same signature dictionary.
        field_id: Object and generation number of the field, None where it is not indirect.
        kind: Signature or document timestamp.
        sub_filter: Its sub-filter with the slash, empty where there is none.
        byte_range: The four numbers, None where they are not four integers.
        faults: Why the format is wrong; empty where it is right.
    """

    field: str
    same_as: tuple[str, ...]
    field_id: tuple[int, int] | None
    kind: Kind
    sub_filter: str
    byte_range: ByteRange | None
    faults: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The file as it stands.

    Attributes:
        size_bytes: Size of the file.
        pages: Number of pages.
        signatures: Filled signature fields, in the order of the form.
        unsigned_fields: Signature fields without a value.
        field_names: Names of all signature fields.
        unreached: Signatures in the bytes that belong to no field.
        trailing_bytes: Bytes after the last end mark, blanks not counted.
        is_encrypted: Whether the file is encrypted.
        page_boxes: Visible box of each page, in points.
        page_turns: Degrees clockwise that viewers turn each page by (/Rotate): 0, 90, 180 or 270.
    """

    size_bytes: int
    pages: int
    signatures: tuple[SignatureObject, ...]
    unsigned_fields: tuple[str, ...]
    field_names: frozenset[str]
    unreached: tuple[StrayRange, ...]
    trailing_bytes: int
    is_encrypted: bool
    page_boxes: tuple[tuple[float, float, float, float], ...]
    page_turns: tuple[int, ...]


def inspect(path: Path) -> Structure:
    """Read the structure of a PDF.

    Raises:
        UnreadablePdf: Missing, empty, no PDF, damaged beyond opening, or locked by a password.
    """
    try:
        with path.open("rb") as file:
            return inspect_open(file, path)
    except OSError as error:
        raise UnreadablePdf(
            f"Không đọc được tệp {path}. Hãy kiểm tra đường dẫn và quyền đọc.",
            f"cannot read {path}: {error.strerror}",
        ) from error


def inspect_open(file: BinaryIO, path: Path) -> Structure:
    """Read the structure of an open PDF.

    Args:
        file: The file, opened for reading; its position is moved.
        path: Its name, for messages.

    Raises:
        UnreadablePdf: As in ``inspect``.
    """
    file.seek(0)
    if b"%PDF-" not in file.read(_HEADER_WINDOW):
        raise UnreadablePdf(
            f"Tệp {path} không phải PDF (hoặc trống). Hãy kiểm tra lại tệp.",
            f"{path} is not a PDF, or is empty; check the file",
        )
    file.seek(0)
    try:
        with (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
            pikepdf.open(file) as pdf,
        ):
            return _read(pdf, content)
    except MemoryError:
        # The file may be good; what it takes is more than there is.
        raise
    except Exception as error:
        # Hostile files raise anything.
        raise UnreadablePdf(
            f"Tệp PDF {path} hỏng hoặc có mật khẩu. Hãy lấy lại tệp gốc.",
            f"PDF {path} is damaged or locked by a password; get the original again",
        ) from error


def is_signed(path: Path) -> bool:
    """Tell whether a PDF holds a signature, or remains of one.

    Raises:
        UnreadablePdf: As in ``inspect``.
    """
    structure = inspect(path)
    return bool(structure.signatures or structure.unreached)


def _read(pdf: pikepdf.Pdf, content: mmap.mmap) -> Structure:
    fields = list(_signature_fields(pdf))
    filled = [(name, field) for name, field in fields if "/V" in field]
    groups: dict[object, list[str]] = {}
    for number, (name, field) in enumerate(filled):
        groups.setdefault(_identity(field, number), []).append(name)
    signatures = []
    for number, (name, field) in enumerate(filled):
        names = groups[_identity(field, number)]
        if names[0] == name:
            signatures.append(_signature(name, tuple(names[1:]), field, content))
    reached = {signature.byte_range for signature in signatures}
    return Structure(
        size_bytes=len(content),
        pages=len(pdf.pages),
        signatures=_mark_repeated_names(signatures),
        unsigned_fields=tuple(name for name, field in fields if "/V" not in field),
        field_names=frozenset(name for name, _ in fields),
        unreached=tuple(find_stray(pdf, content, reached)),
        trailing_bytes=count_trailing(content),
        is_encrypted=pdf.is_encrypted,
        page_boxes=tuple(_box(page) for page in pdf.pages),
        page_turns=tuple(_turn(page) for page in pdf.pages),
    )


def _box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(number) for number in page.cropbox)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _turn(page: pikepdf.Page) -> int:
    turn = page.rotation % 360
    # Only quarter turns exist; viewers show a page of any other upright as it is.
    return turn if turn % 90 == 0 else 0


def _signature_fields(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    waiting: list[_Waiting] = [
        (field, "", None, 0) for field in reversed(list(_array(form.get("/Fields"))))
    ]
    seen: set[tuple[int, int]] = set()
    while waiting:
        field, prefix, inherited, depth = waiting.pop()
        if not isinstance(field, pikepdf.Dictionary) or depth > _MAX_FIELD_DEPTH:
            continue
        if field.is_indirect and field.objgen in seen:
            continue
        seen.add(field.objgen)
        kind = field.get("/FT", inherited)
        name = ".".join(part for part in (prefix, str(field.get("/T", ""))) if part)
        if kind == pikepdf.Name.Sig and "/T" in field:
            yield name, field
        waiting.extend(
            (child, name, kind, depth + 1) for child in reversed(list(_array(field.get("/Kids"))))
        )


def _array(value: object) -> Iterator[pikepdf.Object]:
    if isinstance(value, pikepdf.Array):
        yield from value


def _identity(field: pikepdf.Object, number: int) -> object:
    value = field["/V"]
    is_shared = isinstance(value, pikepdf.Object) and value.is_indirect
    return value.objgen if is_shared else f"direct-{number}"


def _signature(
    name: str, others: tuple[str, ...], field: pikepdf.Object, content: mmap.mmap
) -> SignatureObject:
    value = field["/V"]
    entries = value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()
    byte_range = read_range(entries.get("/ByteRange"))
    sub_filter = str(entries.get("/SubFilter", ""))
    is_timestamp = (
        entries.get("/Type") == pikepdf.Name.DocTimeStamp or sub_filter == "/ETSI.RFC3161"
    )
    return SignatureObject(
        field=name,
        same_as=others,
        field_id=field.objgen if field.is_indirect else None,
        kind=Kind.DOCUMENT_TIMESTAMP if is_timestamp else Kind.SIGNATURE,
        sub_filter=sub_filter,
        byte_range=byte_range,
        faults=tuple(_faults(entries, sub_filter, byte_range, content)),
    )


def _faults(
    entries: pikepdf.Object,
    sub_filter: str,
    byte_range: ByteRange | None,
    content: mmap.mmap,
) -> Iterator[Remark]:
    contents = entries.get("/Contents")
    if not isinstance(contents, pikepdf.String) or not bytes(contents):
        vi, en = "Chữ ký không có nội dung /Contents.", "the signature has no /Contents"
        yield Remark(code="CONTENTS", vi=vi, en=en)
        return
    yield from _range_faults(bytes(contents), byte_range, content)
    if sub_filter in KNOWN_SUB_FILTERS - {BARE_RSA}:
        is_timestamp = sub_filter == "/ETSI.RFC3161"
        yield from find_faults(bytes(contents), sub_filter, is_timestamp=is_timestamp)


def _range_faults(
    contents: bytes, byte_range: ByteRange | None, content: mmap.mmap
) -> Iterator[Remark]:
    if byte_range is None:
        yield _range_fault(
            "/ByteRange không phải bốn số nguyên.", "/ByteRange is not four integers"
        )
        return
    first, length, second, rest = byte_range
    if first != 0 or length <= 0 or second <= length or rest < 0 or second + rest > len(content):
        yield _range_fault("/ByteRange nằm ngoài tệp.", "/ByteRange does not lie within the file")
        return
    gap = content[length:second]
    if not _HEX_STRING.fullmatch(gap):
        yield _range_fault(
            "Khoảng trống của /ByteRange không đúng là chữ ký.",
            "the gap of /ByteRange is not exactly the signature",
        )
    elif bytes.fromhex(gap[1:-1].decode("ascii")) != contents:
        yield _range_fault(
            "Chữ ký nằm ngoài /ByteRange của nó.", "the signature lies outside its gap"
        )


def _range_fault(vi: str, en: str) -> Remark:
    return Remark(code="BYTE_RANGE", vi=vi, en=en)


def _mark_repeated_names(signatures: list[SignatureObject]) -> tuple[SignatureObject, ...]:
    """Two fields of one name: give the second a mark, so that each verdict has its own name."""
    count: Counter[str] = Counter()
    marked = []
    for signature in signatures:
        count[signature.field] += 1
        number = count[signature.field]
        name = signature.field if number == 1 else f"{signature.field}#{number}"
        marked.append(
            SignatureObject(
                field=name,
                same_as=signature.same_as,
                field_id=signature.field_id,
                kind=signature.kind,
                sub_filter=signature.sub_filter,
                byte_range=signature.byte_range,
                faults=signature.faults,
            )
        )
    return tuple(marked)

"""What a reader of a PDF sees, revision by revision, and what a later revision made of it.

pyHanko asks of every object why it was rewritten; here we ask what is shown: pages, annotations,
form values, scripts, layers. An object rewritten without any effect changes nothing, and whatever
has an effect is named with its page, however it was brought in (ISO 32000-2 clause 12.8.2.2).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf

# Ways back up and what no reader shows.
_UNSEEN = {
    "/Parent",
    "/P",
    "/StructParent",
    "/StructParents",
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/Thumb",
    "/Length",
    "/Popup",
}
_PAGE_KEYS = ("/Contents", "/Group", "/AA", "/Trans", "/VP", "/UserUnit", "/Dur")
_INHERITED_KEYS = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_CATALOG_KEYS = (
    "/OpenAction",
    "/AA",
    "/Names",
    "/OCProperties",
    "/ViewerPreferences",
    "/PageLabels",
    "/Collection",
    "/URI",
    "/Requirements",
)
_FORM_KEYS = ("/XFA", "/NeedAppearances", "/DA", "/DR", "/CO", "/Q")
# Not the flags of a field: signing tools lock the fields that a signature covers.
_LOOKS_KEYS = ("/AP", "/AS", "/MK", "/DA", "/F", "/Rect", "/A", "/AA")
_OUTLINE_LINKS = {"/First", "/Last", "/Next", "/Prev", "/Parent", "/Count"}
_MAX_DEPTH = 100
# A larger stream is told by where it stands: reading it would take the memory of a whole scan.
_LARGE_BYTES = 1 << 20
_MAX_TREE = 64

Digest = bytes
# A field yet to be visited: object, name above it, kind inherited, depth.
_Waiting = tuple[pikepdf.Object, str, pikepdf.Object | None, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page as it is shown.

    Attributes:
        id: Object and generation number.
        shown: Digest of its content, resources and boxes.
        annotations: Digest of each annotation that no form field explains, in their order.
        area: Area of the sheet, square points.
    """

    id: tuple[int, int]
    shown: Digest
    annotations: tuple[Digest, ...]
    area: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A form field.

    Attributes:
        is_signature: Whether it is for a signature.
        is_filled: Whether it has a value that is not empty.
        value: Digest of its value.
        looks: Digest of how and where it is drawn.
        area: Area of its largest box, square points.
    """

    is_signature: bool
    is_filled: bool
    value: Digest
    looks: Digest
    area: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """What one revision shows.

    Attributes:
        pages: Its pages in order.
        fields: Its form fields by full name.
        document: Digests of what belongs to the whole document, by key.
        is_by_place: Whether a large stream is told by its place in the file, not by its bytes.
    """

    pages: tuple[PageView, ...]
    fields: Mapping[str, FieldView]
    document: Mapping[str, Digest]
    is_by_place: bool = False


class Beginning(io.RawIOBase):
    """The first bytes of a file: an earlier revision as it stood.

    Args:
        file: The whole file, open; its position is moved.
        size: How many bytes.
    """

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        super().__init__()
        self._file = file
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any place of it can be read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a place, counted as in a file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # the buffers that io gives
        """Fill a buffer from where it stands."""
        wanted = min(len(buffer), max(self._size - self._at, 0))
        self._file.seek(self._at)
        # Straight into the buffer: a view of a large file would keep its pages in memory.
        filled = self._file.readinto(memoryview(buffer)[:wanted])
        self._at += filled
        return filled


def read_view(file: io.BufferedReader, size: int, *, by_place: bool) -> RevisionView:
    """Read what the revision that ends at a byte shows.

    Args:
        file: The open file.
        size: Where the revision ends.
        by_place: Tell large streams by where they stand. Within one file the same place holds the
            same bytes; the same bytes at another place look changed, and are to be read then.

    Raises:
        pikepdf.PdfError: The revision cannot be opened.
        RecursionError: It is nested without end.
    """
    with pikepdf.open(io.BufferedReader(Beginning(file, size))) as pdf:
        return _Reading(pdf=pdf, by_place=by_place).view(pdf)


@dataclass(slots=True)
class _Reading:
    """Digests of one revision; each object is read once."""

    pdf: pikepdf.Pdf
    by_place: bool
    _places: dict[tuple[int, int], int] | None = None
    _known: dict[tuple[int, int], Digest] = field(default_factory=dict)
    _of_fields: set[tuple[int, int]] = field(default_factory=set)

    def view(self, pdf: pikepdf.Pdf) -> RevisionView:
        form = pdf.Root.get("/AcroForm")
        form = form if isinstance(form, pikepdf.Dictionary) else pikepdf.Dictionary()
        document = {key: self._of_entry(pdf.Root, key) for key in _CATALOG_KEYS}
        document |= {f"/AcroForm{key}": self._of_entry(form, key) for key in _FORM_KEYS}
        document["/Outlines"] = self._outlines(pdf.Root.get("/Outlines"))
        fields = dict(self._fields(form))
        return RevisionView(
            pages=tuple(self._page(page.obj) for page in pdf.pages),
            fields=fields,
            document=document,
            is_by_place=self._places is not None,
        )

    def _page(self, page: pikepdf.Object) -> PageView:
        parts = [self._of_entry(page, key) for key in _PAGE_KEYS]
        parts += [self.of(_inherited(page, key)) for key in _INHERITED_KEYS]
        return PageView(
            id=page.objgen,
            shown=_digest(b"page", *parts),
            annotations=tuple(
                self._of_direct(one, 0)
                for one in _listed(page.get("/Annots"))
                if not (isinstance(one, pikepdf.Object) and one.objgen in self._of_fields)
            ),
            area=_area(_inherited(page, "/MediaBox")),
        )

    def _fields(self, form: pikepdf.Object) -> Iterator[tuple[str, FieldView]]:
        waiting: list[_Waiting] = [(one, "", None, 0) for one in _listed(form.get("/Fields"))]
        while waiting:
            one, above, kind, depth = waiting.pop()
            if not isinstance(one, pikepdf.Dictionary) or depth > _MAX_TREE:
                continue
            self._of_fields.add(one.objgen)
            name = ".".join(part for part in (above, str(one.get("/T", ""))) if part)
            kind = one.get("/FT", kind)
            below = [
                kid for kid in _listed(one.get("/Kids")) if isinstance(kid, pikepdf.Dictionary)
            ]
            named = [kid for kid in below if "/T" in kid]
            if not named:
                yield name, self._field(one, below, kind)
            waiting += [(kid, name, kind, depth + 1) for kid in named]

    def _field(
        self, one: pikepdf.Object, below: Sequence[pikepdf.Object], kind: pikepdf.Object | None
    ) -> FieldView:
        self._of_fields.update(kid.objgen for kid in below)
        boxes = [one, *below]
        value = one.get("/V")
        return FieldView(
            is_signature=kind == pikepdf.Name.Sig,
            is_filled=value is not None and str(value) != "",
            value=self.of(value),
            looks=_digest(*(self._of_entry(box, key) for box in boxes for key in _LOOKS_KEYS)),
            area=max(_area(box.get("/Rect")) for box in boxes),
        )

    def _outlines(self, top: object) -> Digest:
        """Walk the bookmarks: a chain of them is longer than may be nested."""
        parts, waiting, seen = [], [top], set()
        while waiting:
            one = waiting.pop()
            if not isinstance(one, pikepdf.Dictionary) or one.objgen in seen:
                continue
            seen.add(one.objgen)
            for key in sorted(one.keys()):
                if key not in _OUTLINE_LINKS:
                    parts += [key.encode(), self.of(one[key])]
            waiting += [one.get("/Next"), one.get("/First")]
        return _digest(b"outlines", *parts)

    def _of_entry(self, holder: pikepdf.Object, key: str) -> Digest:
        return self.of(holder.get(key)) if key in holder else b""

    def of(self, value: object, depth: int = 0) -> Digest:
        """Give the digest of a value and all that it shows."""
        if depth > _MAX_DEPTH:
            raise RecursionError("the PDF is nested too deeply")
        if not isinstance(value, pikepdf.Object) or not value.is_indirect:
            return self._of_direct(value, depth)
        place = value.objgen
        if _is_place(value):
            return _digest(b"place", repr(place).encode())
        if place not in self._known:
            # Whatever leads back here is on its way to be read.
            self._known[place] = b"above"
            self._known[place] = self._of_direct(value, depth)
        return self._known[place]

    def _of_direct(self, value: object, depth: int) -> Digest:
        if isinstance(value, pikepdf.Stream):
            return _digest(b"stream", self._of_keys(value.stream_dict, depth), self._data(value))
        if isinstance(value, pikepdf.Dictionary):
            return self._of_keys(value, depth)
        if isinstance(value, pikepdf.Array):
            return _digest(b"array", *(self.of(one, depth + 1) for one in value))
        if isinstance(value, pikepdf.String):
            return _digest(b"string", bytes(value))
        if isinstance(value, pikepdf.Object):
            return _digest(b"value", value.unparse())
        return _digest(b"value", repr(value).encode())

    def _data(self, stream: pikepdf.Object) -> bytes | memoryview:
        """Give a stream's bytes, or what stands for them."""
        length = stream.stream_dict.get("/Length")
        if self.by_place and isinstance(length, int) and length > _LARGE_BYTES:
            place = self._place(stream)
            if place is not None:
                return b"at %d, %d long" % (place, length)
        return memoryview(stream.get_raw_stream_buffer())

    def _place(self, stream: pikepdf.Object) -> int | None:
        """Give where a stream stands in the file, as the very reader says that reads the rest."""
        if self._places is None:
            table = self.pdf.get_xref_table()
            self._places = {key: entry.offset for key, entry in table.items() if entry.offset}
        return self._places.get(stream.objgen)

    def _of_keys(self, value: pikepdf.Object, depth: int) -> Digest:
        parts: list[bytes] = []
        for key in sorted(value.keys()):
            if key not in _UNSEEN:
                parts += [key.encode(), self.of(value[key], depth + 1)]
        return _digest(b"dictionary", *parts)


def _digest(*parts: bytes | memoryview) -> Digest:
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()


def _inherited(page: pikepdf.Object, key: str) -> object:
    node: object = page
    for _ in range(_MAX_TREE):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node.get(key)
        node = node.get("/Parent")
    return None


def _is_place(value: pikepdf.Object) -> bool:
    """Pages and fields that something points at are seen where they stand, not where it points."""
    if not isinstance(value, pikepdf.Dictionary):
        return False
    is_page = str(value.get("/Type", "")) in {"/Page", "/Pages", "/Catalog"}
    return is_page or "/FT" in value or value.get("/Subtype") == pikepdf.Name.Widget


def _listed(value: object) -> list[pikepdf.Object]:
    return list(value) if isinstance(value, pikepdf.Array) else []


def _area(corners: object) -> float:
    if not isinstance(corners, pikepdf.Array) or len(corners) != len("xyxy"):
        return 0.0
    left, bottom, right, top = (float(number) for number in corners)
    return abs((right - left) * (top - bottom))

"""Digests of what a PDF's objects show: the same digest, the same effect, wherever they stand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal

import pikepdf

Digest = bytes
ObjectId = tuple[int, int]

# What no reader shows, and ways back up. Only where a key can be nothing else: the names of fonts
# and pictures are free, and one may be called /Metadata or /P.
_UNSEEN_OF_STREAMS = {
    "/Length",
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/StructParent",
    "/StructParents",
}
_UNSEEN_OF_ANNOTATIONS = {"/Parent", "/P", "/Popup", "/StructParent"}
# What is drawn with: here an object is what it holds, whatever else it is. A page or a field that
# stands among fonts could otherwise hold a font that nobody looks at.
_DRAWN_KEYS = {"/Resources", "/AP", "/MK", "/DR", "/Group", "/Contents"}
# Where 595 and 595.0 are one and the same.
_BOX_KEYS = {"/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rect", "/BBox"}
_MAX_DEPTH = 100
# A larger stream is told by where it stands: reading it would take the memory of a whole scan.
_LARGE_BYTES = 1 << 20


@dataclass(slots=True)
class Digests:
    """Digests of one revision's objects; each object is read once.

    Attributes:
        pdf: The revision.
        by_place: Tell large streams by where they stand. Within one file the same place holds the
            same bytes; the same bytes at another place look changed, and are to be read then.
        places: Objects that are looked at where they stand, not where something points at them:
            pages, and the fields of the form. What is drawn with is looked at in any case.
    """

    pdf: pikepdf.Pdf
    by_place: bool
    places: set[ObjectId] = field(default_factory=set)
    _offsets: dict[ObjectId, int] | None = None
    _known: dict[tuple[ObjectId, bool], Digest] = field(default_factory=dict)
    # The objects that are being read, the outermost first.
    _above: list[ObjectId] = field(default_factory=list)
    _is_drawn: bool = False

    @property
    def used_places(self) -> bool:
        """Whether a large stream was told by its place."""
        return self._offsets is not None

    def of_other_keys(self, holder: pikepdf.Object, unseen: set[str]) -> Digest:
        """Give the digest of a dictionary but for some keys, wherever it stands."""
        return self._of_keys(holder, 0, unseen)

    def of_entry(self, holder: pikepdf.Object, key: str) -> Digest:
        """Give the digest of a dictionary's entry; nothing where there is none."""
        return self.under(key, holder.get(key)) if key in holder else b""

    def under(self, key: str, value: object, depth: int = 0) -> Digest:
        """Give the digest of a value that stands under a key.

        Raises:
            RecursionError: It is nested without end.
        """
        if key in _BOX_KEYS and isinstance(value, pikepdf.Array):
            return self._of_box(value, depth)
        outside, self._is_drawn = self._is_drawn, self._is_drawn or key in _DRAWN_KEYS
        made = self.of(value, depth)
        self._is_drawn = outside
        return made

    def of_annotation(self, annotation: object) -> Digest:
        """Give the digest of an annotation, wherever it stands."""
        if isinstance(annotation, pikepdf.Dictionary):
            return self._of_keys(annotation, 0, _UNSEEN_OF_ANNOTATIONS)
        return self._of_direct(annotation, 0)

    def of(self, value: object, depth: int = 0) -> Digest:
        """Give the digest of a value and all that it shows.

        Raises:
            RecursionError: It is nested without end.
        """
        if depth > _MAX_DEPTH:
            raise RecursionError("the PDF is nested too deeply")
        if not isinstance(value, pikepdf.Object) or not value.is_indirect:
            return self._of_direct(value, depth)
        place = value.objgen
        if place in self.places and not self._is_drawn:
            return digest_of(b"place", repr(place).encode())
        if place in self._above:
            # By its number and by how far up: another object there draws something else.
            up = len(self._above) - self._above.index(place)
            return digest_of(b"above", repr((place, up)).encode())
        known = place, self._is_drawn
        if known not in self._known:
            self._above.append(place)
            self._known[known] = self._of_direct(value, depth)
            self._above.pop()
        return self._known[known]

    def _of_direct(self, value: object, depth: int) -> Digest:
        if isinstance(value, pikepdf.Stream):
            outside, self._is_drawn = self._is_drawn, True
            keys = self._of_keys(value.stream_dict, depth, _UNSEEN_OF_STREAMS)
            self._is_drawn = outside
            return digest_of(b"stream", keys, self._data(value))
        if isinstance(value, pikepdf.Dictionary):
            return self._of_keys(value, depth, set())
        if isinstance(value, pikepdf.Array):
            return digest_of(b"array", *(self.of(one, depth + 1) for one in value))
        if isinstance(value, pikepdf.String):
            return digest_of(b"string", bytes(value))
        if isinstance(value, pikepdf.Object):
            return digest_of(b"value", value.unparse())
        return digest_of(b"value", repr(value).encode())

    def _of_keys(self, value: pikepdf.Object, depth: int, unseen: set[str]) -> Digest:
        parts: list[bytes] = []
        for key in sorted(set(value.keys()) - unseen):
            parts += [key.encode(), self.under(key, value[key], depth + 1)]
        return digest_of(b"dictionary", *parts)

    def _of_box(self, corners: pikepdf.Array, depth: int) -> Digest:
        numbers = list(corners)
        if all(type(one) in {int, Decimal} for one in numbers):
            return digest_of(b"box", *(repr(float(one)).encode() for one in numbers))
        return self.of(corners, depth)

    def _data(self, stream: pikepdf.Object) -> bytes | memoryview:
        """Give a stream's bytes, or what stands for them."""
        length = stream.stream_dict.get("/Length")
        if self.by_place and isinstance(length, int) and length > _LARGE_BYTES:
            offset = self._offset(stream)
            if offset is not None:
                return b"at %d, %d long" % (offset, length)
        return memoryview(stream.get_raw_stream_buffer())

    def _offset(self, stream: pikepdf.Object) -> int | None:
        """Give where a stream stands in the file, as the very reader says that reads the rest."""
        if self._offsets is None:
            table = self.pdf.get_xref_table()
            self._offsets = {key: entry.offset for key, entry in table.items() if entry.offset}
        return self._offsets.get(stream.objgen)


def digest_of(*parts: bytes | memoryview) -> Digest:
    """Give one digest of several pieces, their borders included."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()

"""Digests of what a PDF's objects show: the same digest, the same effect, wherever they stand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

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
            pages, and the fields of the form.
    """

    pdf: pikepdf.Pdf
    by_place: bool
    places: set[ObjectId] = field(default_factory=set)
    _offsets: dict[ObjectId, int] | None = None
    _known: dict[ObjectId, Digest] = field(default_factory=dict)

    @property
    def used_places(self) -> bool:
        """Whether a large stream was told by its place."""
        return self._offsets is not None

    def of_other_keys(self, holder: pikepdf.Object, unseen: set[str]) -> Digest:
        """Give the digest of a dictionary but for some keys, wherever it stands."""
        return self._of_keys(holder, 0, unseen)

    def of_entry(self, holder: pikepdf.Object, key: str) -> Digest:
        """Give the digest of a dictionary's entry; nothing where there is none."""
        return self.of(holder.get(key)) if key in holder else b""

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
        if place in self.places:
            return digest_of(b"place", repr(place).encode())
        if place not in self._known:
            # Whatever leads back here is on its way to be read.
            self._known[place] = b"above"
            self._known[place] = self._of_direct(value, depth)
        return self._known[place]

    def _of_direct(self, value: object, depth: int) -> Digest:
        if isinstance(value, pikepdf.Stream):
            keys = self._of_keys(value.stream_dict, depth, _UNSEEN_OF_STREAMS)
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
            parts += [key.encode(), self.of(value[key], depth + 1)]
        return digest_of(b"dictionary", *parts)

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

"""What a reader of a PDF sees, revision by revision, and what a later revision made of it.

pyHanko asks of every object why it was rewritten; here we ask what is shown: pages, annotations,
form values, scripts, layers. An object rewritten without any effect changes nothing, and whatever
has an effect is named with its page, however it was brought in (ISO 32000-2 clause 12.8.2.2).
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pikepdf

from signing.page_tree import (
    INHERITED_KEYS,
    area_of,
    effective,
    miscount,
    top_of,
    visible_area,
)
from signing.value_digests import Digest, Digests, ObjectId, digest_of

_PAGE_KEYS = (
    "/Contents",
    "/Group",
    "/AA",
    "/Trans",
    "/VP",
    "/UserUnit",
    "/Dur",
    "/BleedBox",
    "/TrimBox",
    "/ArtBox",
    "/AF",
)
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
    "/AF",
    "/OutputIntents",
    "/NeedsRendering",
    "/Perms",
)
_FORM_KEYS = ("/XFA", "/NeedAppearances", "/DA", "/DR", "/CO", "/Q")
# Of a field, whatever may be drawn counts: all but its names, its value (which counts by itself),
# ways back up, and what a signature shall ask for. Flags count but for the first three: signing
# tools lock the fields that a signature covers.
_NOT_DRAWN = {
    "/Parent",
    "/P",
    "/Kids",
    "/T",
    "/TU",
    "/TM",
    "/V",
    "/DV",
    "/Ff",
    "/StructParent",
    "/Lock",
    "/SV",
    "/M",
}
_LOCKING_FLAGS = 0b111
_FRAME_KEYS = ("/Rect", "/A", "/AA", "/OC", "/Subtype")
# What a field takes from the nodes above it (ISO 32000-2 clause 12.7.4.1), its value aside.
_INHERITED_LOOKS = ("/FT", "/DA", "/Q", "/DS", "/RV", "/MaxLen", "/Opt", "/TI", "/I", "/AA")
_HANDED_DOWN = ("/V", "/Ff", *_INHERITED_LOOKS)
_OUTLINE_LINKS = {"/First", "/Last", "/Next", "/Prev", "/Parent", "/Count"}
_MAX_TREE = 64
_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page as it is shown.

    Attributes:
        id: Object and generation number.
        shown: Digest of its content, resources and boxes.
        annotations: Digest of each annotation that no form field explains, in their order.
        order: Object and generation number of each annotation, fields included: the later one is
            drawn over the earlier.
    """

    id: ObjectId
    shown: Digest
    annotations: tuple[Digest, ...]
    order: tuple[ObjectId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A form field.

    Attributes:
        is_signature: Whether it is for a signature.
        is_filled: Whether it has a value that is not empty.
        is_timestamp: Whether its value is a document timestamp, which no person signs.
        value: Digest of its value.
        looks: Digest of how and where it is drawn, and on which pages.
        frame: Digest of where it is drawn and what it does, which filling it in leaves as it is.
        share: The largest share of a page that its boxes take; infinite where readers differ.
    """

    is_signature: bool
    is_filled: bool
    is_timestamp: bool
    value: Digest
    looks: Digest
    frame: Digest
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """What one revision shows.

    Attributes:
        pages: Its pages in order.
        fields: Its form fields by full name.
        document: Digests of what belongs to the whole document, by key.
        redraws: Whether readers are told to draw the form's values anew.
        repairs: What had to be guessed because the file is damaged; other readers guess otherwise.
        is_by_place: Whether a large stream is told by its place in the file, not by its bytes.
    """

    pages: tuple[PageView, ...]
    fields: Mapping[str, FieldView]
    document: Mapping[str, Digest]
    redraws: bool
    repairs: frozenset[str] = frozenset()
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
        view = _Reading(Digests(pdf=pdf, by_place=by_place)).view(pdf)
        # Each begins with the name of the stream, which is another one every time.
        repairs = frozenset(text.partition(">")[2] or text for text in pdf.get_warnings())
    return replace(view, repairs=repairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """A node of the form's tree.

    Attributes:
        name: Full name.
        inherited: What the nodes above it, and it, hand down.
        boxes: The dictionaries that draw it, where it is a field and no branch.
    """

    name: str
    inherited: Mapping[str, object]
    boxes: tuple[pikepdf.Object, ...]


class _Reading:
    """One revision on its way to a view."""

    def __init__(self, digests: Digests) -> None:
        self._digests = digests
        # On which pages an annotation is listed; what no page lists is not drawn.
        self._listed_on: dict[ObjectId, list[int]] = {}
        self._areas: list[float] = []
        self._of_fields: set[ObjectId] = set()

    def view(self, pdf: pikepdf.Pdf) -> RevisionView:
        form = pdf.Root.get("/AcroForm")
        form = form if isinstance(form, pikepdf.Dictionary) else pikepdf.Dictionary()
        pages = [page.obj for page in pdf.pages]
        nodes = _name_apart(_fields(form))
        self._note_places(pdf, pages, nodes)
        document = {key: self._digests.of_entry(pdf.Root, key) for key in _CATALOG_KEYS}
        document |= {f"/AcroForm{key}": self._digests.of_entry(form, key) for key in _FORM_KEYS}
        document["/Pages"] = miscount(pages)
        document["/Outlines"] = self._outlines(pdf.Root.get("/Outlines"))
        return RevisionView(
            pages=tuple(self._page(page) for page in pages),
            fields={name: self._field(node) for name, node in nodes.items()},
            document=document,
            redraws=bool(form.get("/NeedAppearances")),
            is_by_place=self._digests.used_places,
        )

    def _note_places(
        self, pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object], nodes: Mapping[str, _Node]
    ) -> None:
        """Note what is looked at where it stands, and so need not be where something points."""
        self._areas = [visible_area(page) for page in pages]
        for number, page in enumerate(pages):
            for one in _annotations(page):
                self._listed_on.setdefault(one.objgen, []).append(number)
        self._of_fields = {
            box.objgen for node in nodes.values() for box in node.boxes if box.is_indirect
        }
        tops = {pdf.Root.objgen, *(top_of(page) for page in pages)}
        self._digests.places |= {page.objgen for page in pages} | self._of_fields | tops

    def _page(self, page: pikepdf.Object) -> PageView:
        parts = [self._digests.of_entry(page, key) for key in _PAGE_KEYS]
        parts += [self._digests.under(key, effective(page, key)) for key in INHERITED_KEYS]
        listed = _annotations(page)
        return PageView(
            id=page.objgen,
            shown=digest_of(b"page", *parts),
            annotations=tuple(
                self._digests.of_annotation(one)
                for one in listed
                if one.objgen not in self._of_fields
            ),
            order=tuple(one.objgen for one in listed if one.is_indirect),
        )

    def _field(self, node: _Node) -> FieldView:
        value = node.inherited.get("/V")
        shown = [box for box in node.boxes if box.objgen in self._listed_on]
        places = [self._listed_on[box.objgen] for box in shown]
        looks = [self._digests.of_other_keys(box, _NOT_DRAWN) for box in node.boxes]
        looks += [self._digests.of(node.inherited.get(key)) for key in _INHERITED_LOOKS]
        flags = node.inherited.get("/Ff")
        drawn_by = flags & ~_LOCKING_FLAGS if isinstance(flags, int) else 0
        return FieldView(
            is_signature=node.inherited.get("/FT") == pikepdf.Name.Sig,
            is_filled=value is not None and value not in ("", pikepdf.Name.Off),
            is_timestamp=isinstance(value, pikepdf.Dictionary)
            and value.get("/Type") == pikepdf.Name.DocTimeStamp,
            value=self._digests.of(value),
            looks=digest_of(*looks, repr((places, drawn_by)).encode()),
            frame=digest_of(*self._frame(node), repr((places, drawn_by)).encode()),
            share=self._share(shown),
        )

    def _frame(self, node: _Node) -> Iterator[Digest]:
        for box in node.boxes:
            yield from (self._digests.of_entry(box, key) for key in _FRAME_KEYS)
        yield from (self._digests.of(node.inherited.get(key)) for key in ("/FT", "/AA"))

    def _share(self, shown: Sequence[pikepdf.Object]) -> float:
        """Give the largest share of a page that boxes take together."""
        taken: Counter[int] = Counter()
        for box in shown:
            for page in self._listed_on[box.objgen]:
                taken[page] += area_of(box.get("/Rect"))  # type: ignore[assignment]  # counts areas
        return max((area / self._areas[page] for page, area in taken.items()), default=0.0)

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
                    parts += [key.encode(), self._digests.of(one[key])]
            waiting += [one.get("/Next"), one.get("/First")]
        return digest_of(b"outlines", *parts)


def _fields(form: pikepdf.Object) -> Iterator[_Node]:
    """List the fields of a form, in the order of its tree; branches are none."""
    waiting = [(one, "", _NOTHING, 0) for one in reversed(_listed(form.get("/Fields")))]
    seen: set[ObjectId] = set()
    while waiting:
        one, above, inherited, depth = waiting.pop()
        if not isinstance(one, pikepdf.Dictionary) or depth > _MAX_TREE:
            continue
        if one.is_indirect and one.objgen in seen:
            continue
        seen.add(one.objgen)
        name = ".".join(part for part in (above, str(one.get("/T", ""))) if part)
        inherited = {**inherited, **{key: one[key] for key in _HANDED_DOWN if key in one}}
        below = [kid for kid in _listed(one.get("/Kids")) if isinstance(kid, pikepdf.Dictionary)]
        named = [kid for kid in below if "/T" in kid]
        if not named:
            yield _Node(name=name, inherited=inherited, boxes=(one, *below))
        waiting += [(kid, name, inherited, depth + 1) for kid in reversed(named)]


def _name_apart(nodes: Iterable[_Node]) -> dict[str, _Node]:
    """Give each field a name of its own: one added under a name that is taken must not hide."""
    apart: dict[str, _Node] = {}
    count: Counter[str] = Counter()
    for node in nodes:
        count[node.name] += 1
        number = count[node.name]
        apart[node.name if number == 1 else f"{node.name}#{number}"] = node
    return apart


def _annotations(page: pikepdf.Object) -> list[pikepdf.Object]:
    return [one for one in _listed(page.get("/Annots")) if isinstance(one, pikepdf.Object)]


def _listed(value: object) -> list[pikepdf.Object]:
    return list(value) if isinstance(value, pikepdf.Array) else []

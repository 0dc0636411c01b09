"""What was changed after a signature: each revision is looked at once, for all signatures.

pyHanko compares every signature with every later revision, which is quadratic, and asks why an
object was rewritten; here each signed revision is compared with the newest one by what it shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BufferedReader, BytesIO

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.model import Modification, Remark
from signing.revision_views import RevisionView, read_view
from signing.shown_changes import ShownChange, find_changes, gravest

_GRAVITY = tuple(Modification)
# The reader's word for looking for objects where no table says that they are.
_GUESSED = "reconstruct"
# Slips of honest tools that change nothing: a count in the trailer that nobody goes by, a table
# that does not list itself.
_SLIPS = ("reported number of objects", "xref entry for the xref stream itself is missing")
# The gravest change that a certification allows.
_ALLOWED = {
    MDPPerm.NO_CHANGES: _GRAVITY.index(Modification.LTA),
    MDPPerm.FILL_FORMS: _GRAVITY.index(Modification.FORM_FILLING),
    MDPPerm.ANNOTATE: _GRAVITY.index(Modification.ANNOTATIONS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What was changed after a signature.

    Attributes:
        level: How grave.
        shown: Each change that a reader may see, the gravest first.
        faults: Why the changes are forbidden whatever they show.
    """

    level: Modification
    shown: tuple[ShownChange, ...] = ()
    faults: tuple[Remark, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the form fields changed, sorted."""
        return tuple(sorted({name for change in self.shown for name in change.fields}))

    @property
    def pages(self) -> tuple[int, ...]:
        """Numbers of the pages changed, sorted."""
        return tuple(sorted({change.page for change in self.shown if change.page is not None}))


UNCHANGED = Changes(level=Modification.NONE)


@dataclass(slots=True)
class RevisionReview:
    """The revisions of one file, each looked at once for all signatures.

    Attributes:
        file: The open file.
        size: Its size in bytes.
        disputed: Where tables begin that name an object twice.
    """

    file: BufferedReader
    size: int
    disputed: tuple[int, ...] = ()
    _views: dict[tuple[int, bool], RevisionView] = field(default_factory=dict)

    def since(self, end: int, signature: EmbeddedPdfSignature) -> Changes:
        """Give all changes after a signature, under its own certification rules.

        Args:
            end: Where the signed revision ends; it is known to be a whole one.
            signature: The signature.
        """
        try:
            shown = self._shown_since(end)
            is_damaged = self._is_damaged_since(end)
        except (pikepdf.PdfError, RecursionError, ValueError, TypeError) as error:
            remark = Remark(
                code="REVISIONS_NOT_COMPARED",
                vi="Không so sánh được bản đã ký với bản hiện tại của tệp.",
                en=f"the signed revision and the present one cannot be compared: {error}",
            )
            return Changes(level=Modification.OTHER, faults=(remark,))
        if any(place >= end for place in self.disputed):
            remark = Remark(
                code="TABLE_AMBIGUOUS",
                vi="Sau khi ký, bảng đối tượng chỉ hai chỗ cho cùng một đối tượng: "
                "mỗi trình đọc có thể hiện một nội dung khác.",
                en="after signing a table names two places for one object: readers differ",
            )
            return Changes(level=Modification.OTHER, shown=shown, faults=(remark,))
        if is_damaged:
            remark = Remark(
                code="REVISION_DAMAGED",
                vi="Sau khi ký, tệp bị hỏng cấu trúc: mỗi trình đọc có thể hiện một nội dung khác.",
                en="after signing the file was damaged: readers may show different things",
            )
            return Changes(level=Modification.OTHER, shown=shown, faults=(remark,))
        return _under_its_rules(Changes(level=gravest(shown), shown=shown), signature)

    def _is_damaged_since(self, end: int) -> bool:
        """Tell whether the newest revision had to be guessed where the signed one had not."""
        old, new = self._view(end, by_place=True), self._view(self.size, by_place=True)
        is_guessed = any(_GUESSED in text for text in old.repairs | new.repairs)
        later = new.repairs - old.repairs
        return is_guessed or any(not any(slip in text for slip in _SLIPS) for text in later)

    def _shown_since(self, end: int) -> tuple[ShownChange, ...]:
        old, new = self._view(end, by_place=True), self._view(self.size, by_place=True)
        shown = find_changes(old, new)
        is_alarm = gravest(shown) in {Modification.ANNOTATIONS, Modification.OTHER}
        if is_alarm and (old.is_by_place or new.is_by_place):
            # A large stream written again elsewhere may be the very same.
            return find_changes(
                self._view(end, by_place=False), self._view(self.size, by_place=False)
            )
        return shown

    def _view(self, end: int, *, by_place: bool) -> RevisionView:
        if (end, by_place) not in self._views:
            self._views[end, by_place] = read_view(self.file, end, by_place=by_place)
        return self._views[end, by_place]


def has_revocation_data(reader: PdfFileReader) -> bool:
    """Tell whether the security store of the newest revision holds lists or responses."""
    store = entry_of(reader.root, "/DSS")
    return bool(entry_of(store, "/CRLs") or entry_of(store, "/OCSPs"))


def entry_of(dictionary: object, name: str) -> object:
    """Give the value of a dictionary's entry, references followed; None where there is none."""
    if not isinstance(dictionary, generic.DictionaryObject):
        return None
    try:
        value: object = dictionary[name]
    except KeyError:
        return None
    return value


def has_stray_padding(signature: EmbeddedPdfSignature) -> bool:
    """Tell whether anything but zeros follows the CMS structure in /Contents."""
    content = signature.pkcs7_content
    return bool(content[_der_length(content) :].strip(b"\0"))


def is_der_ordered(signature: EmbeddedPdfSignature) -> bool:
    """Tell whether the signed attributes stand in DER order (X.690 clause 11.6)."""
    attributes = signature.signer_info["signed_attrs"]
    encodings = [attribute.dump() for attribute in attributes]
    return encodings == sorted(encodings)


def _under_its_rules(changes: Changes, signature: EmbeddedPdfSignature) -> Changes:
    """Hold changes to what a certification and the locks of fields allow (ISO 32000-2 12.8.2)."""
    allowed, locked = signature.docmdp_level, signature.fieldmdp
    # A block that was not foreseen can cover what was certified (the «sneaky signature»).
    has_new_block = any(
        change.remark.code == "SIGNATURE_FIELD_ADDED" and change.level is not Modification.LTA
        for change in changes.shown
    )
    faults = []
    if allowed is not None and (has_new_block or _GRAVITY.index(changes.level) > _ALLOWED[allowed]):
        faults.append(
            Remark(
                code="CERTIFICATION_BROKEN",
                vi="Sau khi chứng nhận, tệp bị sửa quá mức cho phép.",
                en="changed after certification in a way that it does not allow",
            )
        )
    if locked is not None:
        faults += [
            Remark(
                code="LOCKED_FIELD_CHANGED",
                vi=f"Trường «{name}» đã khóa khi ký mà vẫn bị sửa.",
                en=f"the field {name!r} was locked by the signature and then changed",
            )
            for name in changes.fields
            if locked.is_locked(name)
        ]
    if not faults:
        return changes
    return Changes(level=Modification.OTHER, shown=changes.shown, faults=tuple(faults))


def _der_length(content: bytes) -> int:
    """Length of the first DER structure; an indefinite or broken length gives the whole."""
    source = BytesIO(content)
    source.read(1)
    first = source.read(1)
    if not first or first == b"\x80":
        return len(content)
    if first[0] < 0x80:
        return source.tell() + first[0]
    length = int.from_bytes(source.read(first[0] & 0x7F), "big")
    return source.tell() + length

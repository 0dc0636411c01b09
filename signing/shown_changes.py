"""What later revisions changed of what a signer saw, in words, and how grave it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from signing.model import Modification, Remark
from signing.revision_views import FieldView, PageView, RevisionView

# A block that covers more of a page than a letterhead does hides what was signed.
_MOST_COVERED = 0.25
_GRAVITY = tuple(Modification)
_DOCUMENT_WORDS = {
    "/OpenAction": ("ACTION_CHANGED", "hành động khi mở tệp", "what happens on opening"),
    "/AA": ("ACTION_CHANGED", "hành động kèm theo tệp", "actions of the document"),
    "/Names": ("NAMES_CHANGED", "mã lệnh hoặc tệp đính kèm", "scripts or attached files"),
    "/OCProperties": ("LAYERS_CHANGED", "lớp hiển thị", "layers that show or hide content"),
    "/NeedsRendering": ("XFA_CHANGED", "cách vẽ biểu mẫu XFA", "how the XFA form is drawn"),
    "/AcroForm/XFA": ("XFA_CHANGED", "biểu mẫu XFA", "the XFA form"),
    "/Collection": ("NAMES_CHANGED", "tập tệp đính kèm", "the collection of attached files"),
    "/Pages": ("PAGES_MISCOUNTED", "số trang mà cây trang khai", "the stated number of pages"),
    "/Outlines": ("DOCUMENT_CHANGED", "mục lục", "the bookmarks"),
    "/PageLabels": ("DOCUMENT_CHANGED", "số trang", "the page labels"),
    "/ViewerPreferences": ("DOCUMENT_CHANGED", "cách hiển thị", "how the file is shown"),
    "/URI": ("DOCUMENT_CHANGED", "địa chỉ liên kết", "where links lead"),
    "/AF": ("NAMES_CHANGED", "tệp đính kèm", "attached files"),
    "/OutputIntents": ("DOCUMENT_CHANGED", "quy định màu hiển thị", "the colours it is shown in"),
    "/Requirements": ("DOCUMENT_CHANGED", "yêu cầu với trình đọc", "what a reader must offer"),
}


# What values are drawn with, where readers draw them anew.
_DRAWN_BY = ("/AcroForm/DA", "/AcroForm/DR", "/AcroForm/Q", "/AcroForm/CO")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One change that a reader may see.

    Attributes:
        remark: Code and words.
        level: How grave.
        page: The page, 1 for the first; None where it is no page's.
        fields: Names of the form fields that it concerns.
    """

    remark: Remark
    level: Modification
    page: int | None = None
    fields: tuple[str, ...] = ()


def find_changes(old: RevisionView, new: RevisionView) -> tuple[ShownChange, ...]:
    """Compare what a signer saw with what is shown now.

    Args:
        old: The signed revision.
        new: The newest one.

    Returns:
        Every change, the gravest first; empty where nothing that is shown was changed.
    """
    found = [*_page_changes(old, new), *_field_changes(old, new), *_document_changes(old, new)]
    return tuple(sorted(found, key=lambda change: -_GRAVITY.index(change.level)))


def gravest(changes: tuple[ShownChange, ...]) -> Modification:
    """Give the level of the gravest change; without one only evidence was added."""
    levels = [change.level for change in changes]
    return max(levels, key=_GRAVITY.index, default=Modification.LTA)


def _change(
    code: str, vi: str, en: str, level: Modification = Modification.OTHER, page: int | None = None
) -> ShownChange:
    return ShownChange(remark=Remark(code=code, vi=vi, en=en), level=level, page=page)


def _page_changes(old: RevisionView, new: RevisionView) -> Iterator[ShownChange]:
    before, after = [page.id for page in old.pages], [page.id for page in new.pages]
    if [page.shown for page in old.pages] == [page.shown for page in new.pages]:
        after = before
    if before == after:
        for number, (was, now) in enumerate(zip(old.pages, new.pages, strict=True), start=1):
            yield from _one_page(number, was, now)
        return
    if set(before) == set(after) and len(before) == len(after):
        yield _change(
            "PAGES_REORDERED",
            "Thứ tự các trang đã bị đổi sau khi ký.",
            "the order of the pages was changed after signing",
        )
        return
    for number in [at for at, page in enumerate(after, start=1) if page not in before]:
        vi, en = f"Trang {number} được thêm sau khi ký.", f"page {number} was added after signing"
        yield _change("PAGE_ADDED", vi, en, page=number)
    for number in [at for at, page in enumerate(before, start=1) if page not in after]:
        vi, en = f"Trang {number} đã ký bị gỡ ra.", f"page {number} as signed was removed"
        yield _change("PAGE_REMOVED", vi, en, page=number)


def _one_page(number: int, was: PageView, now: PageView) -> Iterator[ShownChange]:
    if was.shown != now.shown:
        yield _change(
            "PAGE_CHANGED",
            f"Nội dung trang {number} đã bị sửa sau khi ký.",
            f"the content of page {number} was changed after signing",
            page=number,
        )
    kept = [one for one in now.order if one in set(was.order)]
    is_reordered = kept != [one for one in was.order if one in set(now.order)]
    if was.annotations == now.annotations and not is_reordered:
        return
    is_added = set(was.annotations) < set(now.annotations) and not is_reordered
    yield _change(
        "ANNOTATION_ADDED" if is_added else "ANNOTATION_CHANGED",
        f"Ghi chú hoặc hình phủ trên trang {number} "
        f"{'được thêm' if is_added else 'bị sửa hoặc gỡ'} sau khi ký.",
        f"annotations of page {number} were {'added' if is_added else 'changed'} after signing",
        Modification.ANNOTATIONS,
        number,
    )


def _field_changes(old: RevisionView, new: RevisionView) -> Iterator[ShownChange]:
    signed = {field.value for field in old.fields.values() if field.is_signature}
    for name in sorted(old.fields.keys() | new.fields.keys()):
        was, now = old.fields.get(name), new.fields.get(name)
        if was is None and now is not None and now.is_filled and now.value in signed:
            vi = f"Trường «{name}» thêm sau khi ký dùng lại một chữ ký có sẵn."
            en = f"the field {name!r}, added after signing, reuses a signature that was there"
            yield _change("SIGNATURE_DOUBLED", vi, en, Modification.ANNOTATIONS)
        change = _one_field(name, was, now)
        if change is not None:
            yield ShownChange(
                remark=change.remark, level=change.level, page=change.page, fields=(name,)
            )
        if now is not None and _covers_anew(was, now):
            yield _change(
                "BLOCK_COVERS_PAGE",
                f"Khối chữ ký «{name}» thêm sau khi ký che phần lớn trang.",
                f"the block {name!r}, added after signing, covers much of a page",
                Modification.OTHER,
            )


def _covers_anew(was: FieldView | None, now: FieldView) -> bool:
    """Tell whether a field covers much of a page, and did not when the page was signed."""
    is_larger = was is None or now.share > was.share
    is_signed_since = was is not None and now.is_signature and now.is_filled and not was.is_filled
    return now.share > _MOST_COVERED and (is_larger or is_signed_since)


def _one_field(name: str, was: FieldView | None, now: FieldView | None) -> ShownChange | None:
    if was is not None and now is not None:
        return _kept_field(name, was, now)
    if was is not None:
        return _removed(name, was)
    assert now is not None
    if _is_drawn_stamp(now):
        return _stamp_drawn(name)
    if now.is_signature and now.share and not now.is_filled:
        vi = f"Thêm khối chữ ký «{name}» mà không có chữ ký."
        en = f"the block {name!r} was added without a signature"
        return _change("EMPTY_BLOCK_ADDED", vi, en, Modification.ANNOTATIONS)
    if now.is_signature:
        is_shown = now.share > 0
        level = Modification.FORM_FILLING if is_shown else Modification.LTA
        vi, en = f"Thêm trường chữ ký «{name}».", f"the signature field {name!r} was added"
        return _change("SIGNATURE_FIELD_ADDED", vi, en, level)
    return _change(
        "FIELD_ADDED",
        f"Trường «{name}» được thêm sau khi ký.",
        f"the field {name!r} was added after signing",
        Modification.ANNOTATIONS,
    )


def _is_drawn_stamp(field: FieldView) -> bool:
    return field.is_signature and field.is_timestamp and field.share > 0


def _stamp_drawn(name: str) -> ShownChange:
    """A timestamp is of bytes: nobody looked at, or signed, what its block draws over a page."""
    vi = f"Dấu thời gian «{name}» vẽ lên trang một khối mà không ai ký."
    en = f"the document timestamp {name!r} draws a block on a page, which nobody signed"
    return _change("TIMESTAMP_BLOCK_ADDED", vi, en, Modification.ANNOTATIONS)


def _removed(name: str, was: FieldView) -> ShownChange:
    is_signature = was.is_signature and was.is_filled
    return _change(
        "SIGNATURE_REMOVED" if is_signature else "FIELD_REMOVED",
        f"{'Chữ ký' if is_signature else 'Trường'} «{name}» đã bị gỡ sau khi ký.",
        f"{name!r} was removed after signing",
    )


def _kept_field(name: str, was: FieldView, now: FieldView) -> ShownChange | None:
    if (was.is_signature, was.value, was.looks) == (now.is_signature, now.value, now.looks):
        return None
    if was.is_signature and was.is_filled and not (now.is_signature and now.is_filled):
        return _removed(name, was)
    if was.is_signature:
        if was.is_filled or not now.is_filled:
            vi = f"Chữ ký «{name}» đã bị thay hoặc sửa."
            return _change("SIGNATURE_REPLACED", vi, f"the signature {name!r} was replaced")
        if _is_drawn_stamp(now):
            return _stamp_drawn(name)
        vi, en = f"Trường «{name}» được ký thêm.", f"the field {name!r} was signed"
        return _change("SIGNED_LATER", vi, en, Modification.FORM_FILLING)
    if was.frame != now.frame and was.value != now.value:
        vi = f"Trường «{name}» bị dời chỗ hoặc đổi cách hoạt động khi đổi giá trị."
        en = f"the field {name!r} was moved, or acts otherwise, beside another value"
        return _change("FIELD_LOOKS_CHANGED", vi, en)
    if was.value == now.value:
        vi = f"Hình hiển thị của trường «{name}» bị đổi mà giá trị thì không."
        return _change("FIELD_LOOKS_CHANGED", vi, f"only the looks of {name!r} were changed")
    code = "FIELD_CHANGED" if was.is_filled else "FIELD_FILLED"
    vi, en = f"Trường «{name}» đổi giá trị sau khi ký.", f"the field {name!r} was changed"
    return _change(code, vi, en, Modification.FORM_FILLING)


def _document_changes(old: RevisionView, new: RevisionView) -> Iterator[ShownChange]:
    for key, (code, vi, en) in _DOCUMENT_WORDS.items():
        if old.document[key] != new.document[key]:
            yield _change(code, f"Sau khi ký đã đổi {vi}.", f"changed after signing: {en}")
    if old.document["/Perms"] != new.document["/Perms"]:
        # Only the first signature of a file may certify it, and nothing takes that back: a later
        # revision would have readers say of a signature what its signer did not.
        yield _change(
            "PERMISSIONS_CHANGED",
            "Sau khi ký đã đổi điều tệp khai về chứng nhận và quyền sửa: trình đọc có thể gọi chữ "
            "ký là «chứng nhận», hoặc thôi giữ điều chứng nhận cấm.",
            "changed after signing: what the file says of its certification and of who may change "
            "it; readers may call a signature certifying, or forget what one forbids",
            Modification.ANNOTATIONS,
        )
    has_values = any(not field.is_signature for field in old.fields.values())
    is_redrawn = old.redraws != new.redraws or (
        new.redraws and any(old.document[key] != new.document[key] for key in _DRAWN_BY)
    )
    if has_values and is_redrawn:
        yield _change(
            "FORM_REDRAWN",
            "Sau khi ký, biểu mẫu bị đặt để vẽ lại giá trị các trường.",
            "after signing, the form was set to draw its values anew",
            Modification.ANNOTATIONS,
        )

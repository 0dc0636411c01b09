"""What a PDF holds, seen through qpdf: pages, encryption, signatures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pikepdf

from digitize.errors import DamagedFile, EncryptedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfFacts:
    """What intake asks of a PDF."""

    page_count: int
    signed: bool
    restricted: bool
    """Encrypted with an empty password: it opens, but its maker restricted it."""
    repaired: bool
    """qpdf had to mend it while reading."""


def inspect_pdf(path: Path) -> PdfFacts:
    """Open a PDF and tell what it holds.

    Raises:
        EncryptedFile: it needs a password.
        DamagedFile: it does not open, or has no page.
    """
    try:
        with pikepdf.open(path) as pdf:
            count = len(pdf.pages)
            facts = PdfFacts(
                page_count=count,
                signed=_is_signed(pdf),
                restricted=pdf.is_encrypted,
                repaired=bool(pdf.get_warnings()),
            )
    except pikepdf.PasswordError as error:
        raise EncryptedFile(
            f"Tệp «{path.name}» có mật khẩu. Hãy lưu lại bản không có mật khẩu rồi thả lại.",
            "the PDF needs a password; save a copy without it",
        ) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError) as error:
        raise _damaged(path) from error
    if not count:
        raise _damaged(path)
    return facts


def _damaged(path: Path) -> DamagedFile:
    return DamagedFile(
        f"Tệp PDF «{path.name}» bị hỏng, không mở được. Hãy quét hoặc xuất lại tệp này.",
        "the PDF does not open; scan or export it again",
    )


def _is_signed(pdf: pikepdf.Pdf) -> bool:
    root = pdf.Root
    if "/Perms" in root:
        return True
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    # A field's type may stand in its parent (ISO 32000-1, 12.7.3.1); hostile forms hold themselves.
    waiting = [(field, False) for field in _children(form, "/Fields")]
    seen: set[tuple[tuple[int, int], bool]] = set()
    while waiting:
        field, inherited = waiting.pop()
        is_signature = field.get("/FT") == pikepdf.Name.Sig or (inherited and "/FT" not in field)
        key = (field.objgen, is_signature)
        if field.is_indirect and key in seen:
            continue
        seen.add(key)
        if is_signature and "/V" in field:
            return True
        waiting.extend((kid, is_signature) for kid in _children(field, "/Kids"))
    return False


def _children(holder: pikepdf.Object, key: str) -> list[pikepdf.Object]:
    items = holder.get(key)
    if not isinstance(items, pikepdf.Array):
        return []
    return [item for item in items if isinstance(item, pikepdf.Dictionary)]


def visible_box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """Return the part of a page that readers show: left, bottom, right, top in its own units.

    The crop box within the media box (ISO 32000-1, 14.11.2.1); corners may be given in any order.
    """
    media, crop = _normal(page.mediabox), _normal(page.cropbox)
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def is_plain(page: pikepdf.Page) -> bool:
    """Tell whether a page is shown whole, upright, and from the corner where its units begin."""
    box = visible_box(page)
    turned = int(page.obj.get("/Rotate", 0)) % 360
    return not turned and box[:2] == (0, 0) and box == _read(page.mediabox)


def _read(box: pikepdf.Array) -> tuple[float, ...]:
    return tuple(float(value) for value in box)


def _normal(box: pikepdf.Array) -> tuple[float, float, float, float]:
    first, second, third, fourth = (float(value) for value in box)
    return min(first, third), min(second, fourth), max(first, third), max(second, fourth)

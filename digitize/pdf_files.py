"""What a PDF holds, seen through qpdf: pages, encryption, signatures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pikepdf

from digitize.errors import DamagedFile, EncryptedFile

_MAX_FIELDS = 10_000


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
    waiting = list(_children(form, "/Fields"))
    seen = 0
    while waiting and seen < _MAX_FIELDS:
        field = waiting.pop()
        seen += 1
        if field.get("/FT") == pikepdf.Name.Sig and "/V" in field:
            return True
        waiting.extend(_children(field, "/Kids"))
    return False


def _children(holder: pikepdf.Object, key: str) -> list[pikepdf.Object]:
    items = holder.get(key)
    if not isinstance(items, pikepdf.Array):
        return []
    return [item for item in items if isinstance(item, pikepdf.Dictionary)]

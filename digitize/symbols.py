"""The symbol of a number: it names the type of the document (NĐ 30/2020/NĐ-CP Phụ lục III)."""

from __future__ import annotations

import re

from config.vietnamese import fold
from config.vocabulary import Classes, DocumentClass

# Shorter symbols are also names of agencies and units: those count in the first place only.
_OWN_LENGTH = 4
_YEAR = re.compile(r"^(?:19|20)\d{2}$")


def type_symbol(notation: str | None) -> tuple[str, ...]:
    """Return the pieces of a notation that may name a type: `QĐ` of `2026/QĐ-UBND`.

    The first piece, and any that is too long for the name of a unit (`UBND-XNTTHN`).
    """
    if notation is None:
        return ()
    pieces = [piece for piece in re.split(r"[-–/]", notation) if piece and not _YEAR.match(piece)]
    return tuple(pieces[:1] + [piece for piece in pieces[1:] if len(piece) >= _OWN_LENGTH])


def named_by(pieces: tuple[str, ...], classes: Classes) -> DocumentClass | None:
    """Return the kind that a symbol names; None where none, or where a lost mark leaves two.

    QD can only be QĐ; DA may be DA (dự án) or ĐA (đề án), HD may be HD or HĐ.
    """
    for piece in pieces:
        alike = [item for item in classes.items if _folded(piece) in map(_folded, item.symbols)]
        if len(alike) == 1:
            return alike[0]
        if alike:
            # What is read with its stroke has it; what is read without may have lost it.
            stroked = [item for item in alike if "Đ" in piece and piece in item.symbols]
            return stroked[0] if len(stroked) == 1 else None
    return None


def _folded(symbol: str) -> str:
    return fold(symbol)

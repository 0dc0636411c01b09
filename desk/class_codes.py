"""Codes of kinds of paper as people type them: there is such a kind, or the nearest is named."""

from __future__ import annotations

import difflib

from config.vietnamese import fold
from config.vocabulary import Classes, DocumentClass
from desk.errors import UnknownCode

# A shorter word stands in most names.
_LEAST_LETTERS = 3


def require_class(code: str, classes: Classes) -> DocumentClass:
    """Return the kind of paper with a code.

    Raises:
        UnknownCode: there is none; the message names the one that was probably meant.
    """
    kind = classes.find(code)
    if kind is not None:
        return kind
    near = _nearest(code, classes)
    raise UnknownCode(
        f"Không có loại giấy tờ «{code}». Có phải «{near.code}» ({near.name})?",
        f"there is no class {code!r}; the nearest valid one is {near.code!r}",
    )


def _nearest(code: str, classes: Classes) -> DocumentClass:
    """Return the kind whose name holds these words, the shortest, else the likest code."""
    words = fold(code.strip())
    named = [
        item for item in classes.items if len(words) >= _LEAST_LETTERS and words in fold(item.name)
    ]
    if named:
        return min(named, key=lambda item: len(item.name))
    codes = {item.code: item for item in classes.items}
    return codes[difflib.get_close_matches(code.strip().upper(), codes, n=1, cutoff=0.0)[0]]

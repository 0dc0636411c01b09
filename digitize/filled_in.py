"""What was filled into a PDF page: values of form fields, and notes typed onto it.

They are drawn by annotations and do not belong to the page's content, so that programs which read
the content miss just what the applicant wrote.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name

from digitize.model import Box, Line, Word
from digitize.ocr import make_line, normalise
from digitize.pdf_files import visible_box

_TYPED = {"/Tx", "/Ch"}
# Bits of /F (ISO 32000-1, table 165): hidden, no view.
_UNSEEN = 2 | 32
# Of /Ff: a password's characters are shown as dots (table 228).
_PASSWORD = 1 << 13
_MAX_PARENTS = 32
_SAME_ROW = 0.5
_LETTER_WIDTH = 0.5
"""Of a line's height, where the width of letters is not known."""


def read_filled_in(path: Path, index: int) -> tuple[Line, ...]:
    """Return what was filled into a page of a PDF, by index from 0; one line a field's line.

    Raises:
        pikepdf.PdfError: it cannot be parsed.
    """
    with pikepdf.open(path) as pdf:
        page = pdf.pages[index]
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, pikepdf.Array):
            return ()
        found: list[Line] = []
        for annotation in annotations:
            with suppress(TypeError, ValueError, AttributeError):  # no field, whatever it says
                found.extend(_lines_of(annotation, page))
        return tuple(found)


def _lines_of(annotation: pikepdf.Object, page: pikepdf.Page) -> list[Line]:
    text = _text_of(annotation)
    rows = [words for row in text.splitlines() if (words := normalise(row).split())]
    rectangle = annotation.get("/Rect")
    if not rows or not isinstance(rectangle, pikepdf.Array) or len(rectangle) != 4:
        return []
    left, top, right, bottom = _shown(tuple(float(value) for value in rectangle), page)
    height = (bottom - top) / len(rows)
    return [
        _spread(words, (left, top + number * height, right, top + (number + 1) * height))
        for number, words in enumerate(rows)
    ]


def _text_of(annotation: pikepdf.Object) -> str:
    if int(annotation.get("/F", 0)) & _UNSEEN:
        return ""
    if annotation.get("/Subtype") == Name.FreeText:
        return _string(annotation.get("/Contents"))
    if annotation.get("/Subtype") != Name.Widget:
        return ""
    if str(_inherited(annotation, "/FT")) not in _TYPED:
        return ""
    flags = _inherited(annotation, "/Ff")
    is_secret = isinstance(flags, int) and flags & _PASSWORD
    return "" if is_secret else _string(_inherited(annotation, "/V"))


def _string(value: object) -> str:
    """Return a text; of several chosen values, one a line."""
    if isinstance(value, pikepdf.Array):
        return "\n".join(_string(item) for item in value)
    return str(value) if isinstance(value, pikepdf.String) else ""


def _inherited(field: pikepdf.Object, key: str) -> object:
    """Return a key of a field or of those above it (ISO 32000-1, 12.7.3.1)."""
    for _ in range(_MAX_PARENTS):
        if key in field:
            return field[key]
        parent = field.get("/Parent")
        if not isinstance(parent, Dictionary):
            break
        field = parent
    return None


def _shown(rectangle: tuple[float, ...], page: pikepdf.Page) -> Box:
    """Return where a rectangle of a page lies as the page is shown, from its top left corner."""
    left, bottom, right, top = visible_box(page)
    x = sorted((rectangle[0], rectangle[2]))
    y = sorted((rectangle[1], rectangle[3]))
    match int(page.obj.get("/Rotate", 0)) % 360:
        case 90:
            return (y[0] - bottom, x[0] - left, y[1] - bottom, x[1] - left)
        case 180:
            return (right - x[1], y[0] - bottom, right - x[0], y[1] - bottom)
        case 270:
            return (top - y[1], right - x[1], top - y[0], right - x[0])
        case _:
            return (x[0] - left, top - y[1], x[1] - left, top - y[0])


def _spread(words: list[str], box: Box) -> Line:
    """Give each word its share of a row: letters alike, and no wider than letters are."""
    letters = sum(len(word) for word in words) + len(words) - 1
    step = min((box[2] - box[0]) / letters, _LETTER_WIDTH * (box[3] - box[1]))
    placed, at = [], box[0]
    for word in words:
        end = at + step * len(word)
        placed.append(Word(text=word, box=(at, box[1], end, box[3]), confidence=1.0))
        at = end + step
    return make_line(placed)


def weave_in(lines: tuple[Line, ...], filled: tuple[Line, ...]) -> tuple[Line, ...]:
    """Put what was filled in where it is read: after its label, else before what lies below."""
    woven = list(lines)
    for line in filled:
        woven.insert(_place(woven, line), line)
    return tuple(woven)


def _place(lines: list[Line], line: Line) -> int:
    before = [
        at
        for at, other in enumerate(lines)
        if _on_one_row(other, line) and other.box[0] <= line.box[0]
    ]
    if before:
        return before[-1] + 1
    below = [at for at, other in enumerate(lines) if other.box[1] > line.box[1]]
    return below[0] if below else len(lines)


def _on_one_row(one: Line, other: Line) -> bool:
    overlap = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    height = min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    return overlap > _SAME_ROW * height

"""Dossier codes on a paper: in a QR code, behind a label of their own, or cited in its text.

TT 01/2023/TT-VPCP Art. 26 prints a QR code with the code at the top left, in no fixed form: it is
looked for anywhere in the payload. A label counts where it opens its line or cell and the code is
all that follows; «đã lưu tại hồ sơ …» and «theo hồ sơ số …» cite another dossier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

from config.agencies import load_agencies
from config.codes import CodeInText, exact_dossier_codes, read_dossier_codes
from config.vietnamese import fold
from digitize.layout import split_at_gaps, stands_below
from digitize.model import Evidence, Line, Paper, RecognizedPage, Word

NAMES = ("dossier_code_qr", "dossier_code_label", "dossier_code")
"""Names of the fields, the surest kind of place first."""
CODE_LABEL = re.compile(r"\b(?:ma(?: so)? (?:ho so|hs)|so (?:ho so|hs)|ho so so)\b")
"""A label of a dossier's code, folded."""
_LABEL_ALONE = re.compile(rf"\W*{CODE_LABEL.pattern}\W*$")
# What may follow a labelled code: nothing, another part of the head, another label.
_ENDS = re.compile(r"^\W*$|^\s*[)\]]?\s*[-–|;(/]|^\W*[^\W\d_][^:.,;]{0,40}:")
# Widths of a sign: of 60 codes that were read in pieces those with less room had lost none between.
_ROOM_OF_SIGN = 0.95
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


def dossier_codes(paper: Paper) -> tuple[Evidence, ...]:
    """Return the dossier codes seen on a paper, the surest kind of place first.

    The names tell the place (`NAMES`). A code of no agency, or of a ministry that was gone by its
    day, was misread.
    """
    can_bear = load_agencies().can_bear
    seen = [
        field
        for page in paper.pages
        for field in (*_in_barcodes(page), *_in_print(page))
        if can_bear(field.value)
    ]
    return tuple(sorted(seen, key=lambda field: NAMES.index(field.name)))


def _in_barcodes(page: RecognizedPage) -> Iterator[Evidence]:
    for code in page.barcodes:
        # Payloads are never misread: nothing of them is repaired.
        texts = [code.text, unquote(code.text)] if _PERCENT.search(code.text) else [code.text]
        for value in dict.fromkeys(exact_dossier_codes("\n".join(texts))):
            yield Evidence(
                name="dossier_code_qr",
                value=value,
                confidence=1.0,
                page=page.number,
                box=code.box,
                source="qr",
            )


def _in_print(page: RecognizedPage) -> Iterator[Evidence]:
    for index, line in enumerate(page.lines):
        before = ""
        for cell in split_at_gaps(line):
            above = page.lines[max(0, index - 2) : index]
            for code in _whole_codes(cell):
                is_own = _is_labelled(code, before) or (
                    _stands_alone(code) and _has_label_above(cell, above)
                )
                yield _evidence(page, code, cell, is_own=is_own)
            before = cell.text


def _whole_codes(cell: Line) -> list[CodeInText]:
    found = dict.fromkeys(read_dossier_codes(cell.text))
    return [code for code in found if not _may_lack_a_sign(code, cell)]


def _may_lack_a_sign(code: CodeInText, cell: Line) -> bool:
    """Tell whether a code was read in pieces with room between for a sign that was not read."""
    if any(one.value == code.value for word in cell.words for one in read_dossier_codes(word.text)):
        return False
    return any(
        after.box[0] - before.box[2] > _ROOM_OF_SIGN * _width_of_sign(after)
        for before, after in pairwise(cell.words)
        if re.search(r"\d", before.text) and re.search(r"\d", after.text)
    )


def _width_of_sign(word: Word) -> float:
    return (word.box[2] - word.box[0]) / len(word.text)


def _is_labelled(code: CodeInText, cell_before: str) -> bool:
    """Tell whether a label opens the code's cell and the code is all it says."""
    label = code.before if code.before.strip(" :.([") else cell_before
    return _is_label(label) and _ENDS.match(code.after) is not None


def _stands_alone(code: CodeInText) -> bool:
    return not re.search(r"\w", code.before + code.after)


def _is_label(text: str) -> bool:
    """Tell whether a text ends in a label that opens it, written as one: with a capital."""
    piece = re.split(r"[-–|;*•/]", text)[-1]
    first = re.search(r"[^\W\d_]", piece)
    is_written_so = first is not None and first.group().isupper()
    return is_written_so and _LABEL_ALONE.match(fold(piece)) is not None


def _has_label_above(cell: Line, above: tuple[Line, ...]) -> bool:
    return any(
        _is_label(upper.text) and stands_below(upper, cell)
        for line in above
        for upper in split_at_gaps(line)
    )


def _evidence(page: RecognizedPage, code: CodeInText, cell: Line, *, is_own: bool) -> Evidence:
    as_read = " ".join(word.read or word.text for word in cell.words)
    repaired_line = as_read if as_read != cell.text else ""
    return Evidence(
        name="dossier_code_label" if is_own else "dossier_code",
        value=code.value,
        confidence=min(word.confidence for word in cell.words),
        page=page.number,
        box=cell.box,
        read=(code.read if code.read != code.value else "") or repaired_line,
    )

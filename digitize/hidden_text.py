"""The invisible text that scanners and other engines lay under a scan.

It is not believed: the page is read again, and ours takes its place. Invisible are the rendering
modes 3 and 7 (ISO 32000-1, 9.3.6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from pikepdf import ContentStreamInstruction, Name, Operator

from digitize.errors import DamagedFile

_INVISIBLE = (3, 7)
_SHOWING = {"Tj", "TJ", "'", '"'}
_TEXT = {"BT", "ET", "Tf", "Td", "TD", "Tm", "T*", "Tc", "Tw", "Tz", "TL", "Ts", "Tr"}
# Two of the showing ones begin a new line besides, and that stays.
_NEW_LINE = [ContentStreamInstruction([], Operator("T*"))]
_NEXT_LINE = {"'": _NEW_LINE, '"': _NEW_LINE}
_MAX_FORMS = 1000
_Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage


@dataclass(slots=True)
class _Scan:
    """What was met while following a page's content and the forms it draws."""

    visible: bool = False
    hidden: bool = False
    seen: set[tuple[int, int]] = field(default_factory=set)
    kept: list[tuple[pikepdf.Stream, list[_Instruction]]] = field(default_factory=list)
    """Each form that shows hidden text, with its content without it."""


@dataclass(slots=True)
class _TextMode:
    """The rendering mode through `q`, `Q` and `Tr`."""

    now: int
    saved: list[int] = field(default_factory=list)

    def apply(self, instruction: _Instruction) -> None:
        match str(instruction.operator):
            case "q":
                self.saved.append(self.now)
            case "Q" if self.saved:
                self.now = self.saved.pop()
            case "Tr":
                self.now = int(instruction.operands[0])


def has_visible_text(path: Path, index: int) -> bool:
    """Tell whether a page of a PDF, by index from 0, shows any of its text.

    Raises:
        DamagedFile: its content cannot be parsed.
    """
    try:
        with pikepdf.open(path) as pdf:
            scan = _Scan()
            _follow(pdf.pages[index].obj, 0, scan)
            return scan.visible
    except pikepdf.PdfError as error:
        raise DamagedFile(
            f"Nội dung trang {index + 1} của «{path.name}» bị hỏng. Hãy xuất lại tệp này.",
            f"the content of page {index + 1} cannot be parsed",
        ) from error


def remove_hidden_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> bool:
    """Take invisible text out of a page and of the forms it draws; pictures are not touched.

    Returns:
        Whether there was any.
    """
    scan = _Scan()
    own = _follow(page.obj, 0, scan)
    if not scan.hidden:
        return False
    page.obj["/Contents"] = pdf.make_stream(_content(own, page.obj, scan))
    for form, instructions in scan.kept:
        form.write(_content(instructions, form, scan))
    return True


def _content(kept: list[_Instruction], holder: pikepdf.Object, scan: _Scan) -> bytes:
    """Write a content; where no text is left at all, without fonts and what sets them."""
    if not scan.visible:
        kept = [item for item in kept if str(item.operator) not in _TEXT]
        resources = holder.get("/Resources")
        if isinstance(resources, pikepdf.Dictionary) and "/Font" in resources:
            del resources["/Font"]
    return pikepdf.unparse_content_stream(kept)


def _follow(holder: pikepdf.Object, first: int, scan: _Scan) -> list[_Instruction]:
    """Follow a content stream that begins in a rendering mode; return it without hidden text."""
    kept: list[_Instruction] = []
    mode, hides = _TextMode(now=first), False
    for instruction in pikepdf.parse_content_stream(holder):
        mode.apply(instruction)
        operator = str(instruction.operator)
        if operator == "Do":
            _follow_form(holder, str(instruction.operands[0]), mode.now, scan)
        if operator not in _SHOWING:
            kept.append(instruction)
        elif mode.now not in _INVISIBLE:
            scan.visible = True
            kept.append(instruction)
        else:
            hides = True
            kept.extend(_NEXT_LINE.get(operator, ()))
    scan.hidden |= hides
    if hides and isinstance(holder, pikepdf.Stream):
        scan.kept.append((holder, kept))
    return kept


def _follow_form(holder: pikepdf.Object, name: str, mode: int, scan: _Scan) -> None:
    resources = holder.get("/Resources", pikepdf.Dictionary())
    form = resources.get("/XObject", pikepdf.Dictionary()).get(name)
    if not isinstance(form, pikepdf.Stream) or form.get("/Subtype") != Name.Form:
        return
    if form.objgen not in scan.seen and len(scan.seen) < _MAX_FORMS:
        scan.seen.add(form.objgen)
        _follow(form, mode, scan)

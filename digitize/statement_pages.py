"""A statement as PDF/A: pages that a person reads, prints and files, whoever's words stand in it.

Nothing on a page is told by colour alone; the words say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from config.statement import Row, Section, Statement, Tone
from digitize.archival import find_problems, write_archival
from digitize.errors import NotArchival
from digitize.letter_font import LetterFont
from digitize.metadata import DocumentFacts

_WIDTH, _HEIGHT = 595.276, 841.89
_MARGIN = 56.0
_FOOT = 34.0
_ROOM = _WIDTH - 2 * _MARGIN
_LABEL_ROOM = 142.0
_VALUE_LEFT = 152.0
_LEADING = 1.28
_TITLE, _CONCLUSION, _HEADING, _TEXT, _SMALL = 17.0, 13.0, 12.0, 10.0, 8.0
# Of a heading at the foot of a page nobody sees what it heads.
_KEPT_TOGETHER = 3
# Dark enough on white for contrast of 7:1 (WCAG 2.2 AAA), and apart for most who see few colours.
_INKS = {
    Tone.GOOD: "0 0.29 0.13",
    Tone.BAD: "0.55 0 0.05",
    Tone.DOUBT: "0.42 0.24 0",
    Tone.PLAIN: "0 0 0",
}
_PAPERS = {
    Tone.GOOD: "0.9 0.96 0.91",
    Tone.BAD: "0.99 0.91 0.91",
    Tone.DOUBT: "0.99 0.95 0.86",
    Tone.PLAIN: "0.94 0.94 0.94",
}
_GREY = "0.29 0.29 0.29"
_BOX_EDGE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A piece of text on a line."""

    text: str
    left: float
    """From the margin, points."""
    points: float
    ink: str
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line, and what lies under it."""

    runs: tuple[_Run, ...]
    height: float
    paper: str = ""
    """Colour of the strip under it; empty for none."""
    bar: str = ""
    """Colour of a bar at its left; empty for none."""
    keep: int = 0
    """How many lines must follow on the same page."""


def write_statement(statement: Statement, font: Path, facts: DocumentFacts, target: Path) -> None:
    """Write a statement as PDF/A-2; the same statement and facts give the same bytes.

    Args:
        statement: what is said.
        font: a TrueType font with Vietnamese letters.
        facts: what the file says of itself.
        target: written anew.

    Raises:
        NotArchival: what was written is not PDF/A-2b; nothing is left at `target`.
        OSError: it cannot be written.
    """
    letters = LetterFont(font, "".join(_all_text(statement)))
    pages = _paginate(list(_lines(statement, letters)))
    with pikepdf.new() as pdf:
        embedded = letters.add_to(pdf)
        for number, lines in enumerate(pages, start=1):
            foot = f"{statement.reference} · {number}/{len(pages)}"
            content = "\n".join(_draw_page(lines, foot, letters))
            page = pdf.add_blank_page(page_size=(_WIDTH, _HEIGHT)).obj
            page["/Resources"] = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=embedded))
            page["/Contents"] = pikepdf.Stream(pdf, content.encode("ascii"))
        write_archival(pdf, embedded, facts, target)
    if problems := find_problems(target, facts):
        target.unlink()
        raise NotArchival(
            "Không ghi được báo cáo dạng PDF/A. Hãy báo cho người quản trị.",
            "the report is not PDF/A-2b: " + "; ".join(problems[:3]),
        )


def _all_text(statement: Statement) -> Iterator[str]:
    yield from (statement.title, statement.conclusion, statement.checked, statement.caution)
    yield f"{statement.reference} · 0123456789/"
    for section in statement.sections:
        yield section.heading
        for row in section.rows:
            yield from (row.label, row.value)


def _lines(statement: Statement, letters: LetterFont) -> Iterator[_Line]:
    yield from _paragraph(statement.title, _TITLE, letters, bold=True)
    yield _gap(8)
    yield from _box(statement, letters)
    yield _gap(10)
    yield from _paragraph(statement.checked, _TEXT, letters)
    for section in statement.sections:
        yield _gap(12)
        yield from _section(section, letters)
    yield _gap(14)
    yield from _paragraph(statement.caution, _SMALL, letters, ink=_GREY)


def _gap(points: float) -> _Line:
    return _Line(runs=(), height=points)


def _paragraph(
    text: str, points: float, letters: LetterFont, *, bold: bool = False, ink: str = "0 0 0"
) -> Iterator[_Line]:
    for line in letters.wrap(text, points, _ROOM):
        run = _Run(text=line, left=0, points=points, ink=ink, bold=bold)
        yield _Line(runs=(run,), height=points * _LEADING)


def _box(statement: Statement, letters: LetterFont) -> Iterator[_Line]:
    paper, ink = _PAPERS[statement.tone], _INKS[statement.tone]
    wrapped = list(letters.wrap(statement.conclusion, _CONCLUSION, _ROOM - 2 * _BOX_EDGE))
    edge = _Line(runs=(), height=6, paper=paper, bar=ink, keep=len(wrapped))
    yield edge
    for line in wrapped:
        run = _Run(text=line, left=_BOX_EDGE, points=_CONCLUSION, ink=ink, bold=True)
        yield _Line(runs=(run,), height=_CONCLUSION * _LEADING, paper=paper, bar=ink)
    yield _Line(runs=(), height=6, paper=paper, bar=ink)


def _section(section: Section, letters: LetterFont) -> Iterator[_Line]:
    ink = _INKS[section.tone]
    for line in letters.wrap(section.heading, _HEADING, _ROOM - _BOX_EDGE):
        run = _Run(text=line, left=_BOX_EDGE, points=_HEADING, ink="0 0 0", bold=True)
        yield _Line(
            runs=(run,),
            height=_HEADING * _LEADING + 2,
            paper=_PAPERS[Tone.PLAIN],
            bar=ink,
            keep=_KEPT_TOGETHER,
        )
    yield _gap(4)
    for row in section.rows:
        yield from _row(row, letters)


def _row(row: Row, letters: LetterFont) -> Iterator[_Line]:
    labels = list(letters.wrap(row.label, _TEXT, _LABEL_ROOM))
    values = list(letters.wrap(row.value, _TEXT, _ROOM - _VALUE_LEFT))
    for at in range(max(len(labels), len(values))):
        runs = []
        if at < len(labels):
            runs.append(_Run(text=labels[at], left=0, points=_TEXT, ink=_GREY))
        if at < len(values):
            bold = row.tone in {Tone.BAD, Tone.DOUBT}
            run = _Run(
                text=values[at], left=_VALUE_LEFT, points=_TEXT, ink=_INKS[row.tone], bold=bold
            )
            runs.append(run)
        yield _Line(runs=tuple(runs), height=_TEXT * _LEADING)
    yield _gap(2)


def _paginate(lines: Sequence[_Line]) -> list[list[_Line]]:
    pages: list[list[_Line]] = [[]]
    left = room = _HEIGHT - 2 * _MARGIN
    for at, line in enumerate(lines):
        needed = sum(one.height for one in lines[at : at + 1 + line.keep])
        if needed > left and pages[-1]:
            pages.append([])
            left = room
        if line.runs or pages[-1]:
            # A page does not begin with a gap.
            pages[-1].append(line)
            left -= line.height
    return pages


def _draw_page(lines: Sequence[_Line], foot: str, letters: LetterFont) -> Iterator[str]:
    y = _HEIGHT - _MARGIN
    for line in lines:
        bottom = y - line.height
        if line.paper:
            yield f"{line.paper} rg {_MARGIN:.2f} {bottom:.2f} {_ROOM:.2f} {line.height:.2f} re f"
        if line.bar:
            yield f"{line.bar} rg {_MARGIN:.2f} {bottom:.2f} 3 {line.height:.2f} re f"
        for run in line.runs:
            yield _draw_run(run, bottom + 0.28 * run.points, letters)
        y = bottom
    run = _Run(text=letters.readable(foot), left=0, points=_SMALL, ink=_GREY)
    yield _draw_run(run, _FOOT, letters)


def _draw_run(run: _Run, baseline: float, letters: LetterFont) -> str:
    # One font serves all: its letters made bolder by a stroke around them.
    weight = f"2 Tr {run.points / 32:.2f} w {run.ink} RG" if run.bold else "0 Tr"
    return (
        f"BT {weight} {run.ink} rg /F1 {run.points:g} Tf "
        f"1 0 0 1 {_MARGIN + run.left:.2f} {baseline:.2f} Tm <{letters.encode(run.text)}> Tj ET"
    )

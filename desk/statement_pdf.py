"""A statement as a PDF/A file, in the font that comes with the program."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from config.statement import Statement
from digitize.metadata import DocumentFacts


def write_pdf(statement: Statement, facts: DocumentFacts, target: Path) -> None:
    """Write a statement as PDF/A-2.

    Raises:
        NotArchival: what was written is not PDF/A-2b; nothing is left at `target`.
        OSError: it cannot be written.
    """
    # Rarely asked for, and its library of fonts takes ten megabytes of each server.
    from digitize.statement_pages import write_statement

    with as_file(files("signing") / "fonts" / "Tinos-Regular.ttf") as font:
        write_statement(statement, font, facts, target)

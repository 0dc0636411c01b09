"""The text of what a program wrote, and how far it is from the truth."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber

from bench.rivals.programs import pdf_of
from digitize.ocr import parse_table
from fixtures.measure import character_error_rate, word_recall
from fixtures.reading.truth import Truth

Texts = dict[Path, str]
"""What was read, by the path of the scan; empty where nothing was written."""


def by_pdftotext(files: Sequence[Truth], out: Path) -> Texts:
    """Extract each PDF's text as poppler does by default."""
    return _extract(files, out, _pdftotext)


def by_pdfplumber(files: Sequence[Truth], out: Path) -> Texts:
    """Extract each PDF's text as pdfplumber does by default."""
    return _extract(files, out, _pdfplumber)


def _extract(files: Sequence[Truth], out: Path, extract: Callable[[Path], str]) -> Texts:
    paths = {item.path: pdf_of(item, out) for item in files}
    return {source: extract(pdf) if pdf.exists() else "" for source, pdf in paths.items()}


def _pdftotext(pdf: Path) -> str:
    command = ["pdftotext", "-q", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _pdfplumber(pdf: Path) -> str:
    with pdfplumber.open(pdf) as opened:
        return "\n".join(page.extract_text() for page in opened.pages)


def by_table(files: Sequence[Truth], out: Path) -> Texts:
    """Take the words of Tesseract's own table, in its own order."""
    found: Texts = {}
    for item in files:
        table = (out / f"{item.path.stem}.tsv").read_text(encoding="utf-8")
        found[item.path] = "\n".join(line.text for line in parse_table(table, 1.0))
    return found


def read_pages(out: Path) -> dict[Path, list[dict[str, Any]]]:
    """Return what `hoso read --json` said of each file's pages; none of a file it refused."""
    shown = json.loads((out / "read.json").read_text(encoding="utf-8"))
    items = shown if isinstance(shown, list) else [shown]
    return {Path(item["file"]): item.get("pages", []) for item in items}


def by_json(files: Sequence[Truth], out: Path) -> Texts:
    """Take the running text that `hoso read --json` gave."""
    pages = read_pages(out)
    return {item.path: "\n".join(page["text"] for page in pages[item.path]) for item in files}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well some pages were read, in per cent, means over the pages."""

    pages: int
    error: float
    """Wrong characters."""
    recall: float
    """Words found."""
    folded_recall: float
    """Words found when diacritics and case are ignored, as search does."""


def score(files: Iterable[Truth], texts: Texts) -> Score:
    """Judge the texts of files against the reading orders of their truth."""
    judged = [(texts[item.path], item.pages[0].orders) for item in files]
    return Score(
        pages=len(judged),
        error=100 * _mean(character_error_rate(text, orders) for text, orders in judged),
        recall=100 * _mean(word_recall(text, orders[0], False) for text, orders in judged),
        folded_recall=100 * _mean(word_recall(text, orders[0], True) for text, orders in judged),
    )


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)

"""tantivy and PostgreSQL on the texts and queries of `bench/archive.py`.

They run with libraries of their own, in `bench/.search` (bench/README.md says how it is made), and
get words in the same forms as our index. One that is not there is left out.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.drawn.archive import Asked
from storage.archive import Archive
from storage.fold import spellings
from storage.query import Column, parse_query

RIVALS = ("tantivy", "PostgreSQL")
HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent / ".search" / "bin" / "python"
# Their slow kinds take seconds a query.
QUERIES = 20
SECONDS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """CPU milliseconds of the queries of a kind."""

    milliseconds: tuple[float, ...]

    @property
    def p99(self) -> float:
        """The worst but one in a hundred."""
        ranked = sorted(self.milliseconds)
        return ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]

    @property
    def text(self) -> str:
        """For the table."""
        return f"{statistics.median(self.milliseconds):.2f} / {self.p99:.1f}"


def ask_rivals(
    folder: Path, archive: Archive, questions: Sequence[Asked]
) -> dict[tuple[str, str, str], Timings]:
    """Return what each rival took, by name, kind of query and order; nothing where it is not had.

    Args:
        folder: For texts, queries and their indexes.
        archive: Whose texts.
        questions: What is asked; beginnings and dossiers are ours alone.
    """
    work = folder / "rivals"
    work.mkdir(mode=0o755)
    folder.chmod(0o755)
    _write_texts(archive, work / "texts.jsonl")
    asked = {item.name: _words(item) for item in questions if item.kind == "papers"}
    asked.pop("prefix", None)
    (work / "queries.json").write_text(json.dumps(asked), encoding="utf-8")
    found: dict[tuple[str, str, str], Timings] = {}
    for rival in RIVALS if PYTHON.exists() else ():
        for name, orders in _run(rival, work).items():
            for order, spent in orders.items():
                found[rival, name, order] = Timings(milliseconds=tuple(spent))
    return found


def _run(rival: str, work: Path) -> dict[str, dict[str, list[float]]]:
    command = [str(PYTHON), str(HERE / "full_text_engines.py"), rival, str(work)]
    try:
        run = subprocess.run(command, capture_output=True, timeout=SECONDS, text=True, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"{rival} is not shown: {getattr(error, 'stderr', None) or error}", file=sys.stderr)
        return {}
    answer: dict[str, dict[str, list[float]]] = json.loads(run.stdout)
    return answer


def _write_texts(archive: Archive, target: Path) -> None:
    with target.open("w", encoding="utf-8") as file:
        for number in archive.search.indexed():
            pairs = [
                pair for page in archive.records.pages(number) for pair in spellings(page.text)
            ]
            exact, folded = (" ".join(pair[side] for pair in pairs) for side in (0, 1))
            file.write(json.dumps({"n": number, "x": exact, "f": folded}) + "\n")


def _words(asked: Asked) -> list[dict[str, object]]:
    """Return queries as words of one column: the better tier of ours, and that alone."""
    told: list[dict[str, object]] = []
    for text in asked.queries[:QUERIES]:
        query = parse_query(text)
        column: Column = "x" if query.is_accented else "f"
        terms = [term.forms(column) for term in query.terms]
        told.append({"column": column, "terms": terms})
    return told

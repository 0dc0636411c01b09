"""Which paper is it, and what is written on it: a drawn gold set of which all is known.

python bench/understanding.py [--count N] [--secret N] [--elsewhere N] [--harmless N]
    [--foreign N] [--sealed N] [--half train|test] [--learn N] [--brief] [--unlisted] [--unknown]
    [--dpi D] [--seed S] [--keep DIR]

How it is measured and how to read it: bench/README.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # fixtures are not installed

from bench.gold import tables
from bench.gold.judging import Verdict, judge, know, wilson
from bench.gold.reading import ReadPaper, kept_or_drawn, numbered, read_all
from fixtures.understanding.drawing import Drawing, draw_gold_file
from fixtures.understanding.foreign_marks import draw_foreign_file
from fixtures.understanding.offices import PLACES, PROVINCES
from fixtures.understanding.sealed_marks import draw_sealed_file
from fixtures.understanding.secret_marks import (
    draw_elsewhere_file,
    draw_harmless_file,
    draw_secret_file,
)

ON = dt.date(2026, 11, 21)  # the day whose rules the papers are held against


def read_gold(folder: Path, how: Drawing, count: int) -> Iterator[ReadPaper]:
    """Draw and read a half of the gold set."""
    return read_all(kept_or_drawn(folder, numbered(draw_gold_file, folder, how), count))


def read_secret(folder: Path, seed: int, count: int) -> Iterator[ReadPaper]:
    """Draw and read papers that must stop."""
    return read_all(kept_or_drawn(folder, numbered(draw_secret_file, folder, seed), count))


def read_harmless(folder: Path, seed: int, count: int) -> Iterator[ReadPaper]:
    """Draw and read papers with other stamps in a mark's place."""
    return read_all(kept_or_drawn(folder, numbered(draw_harmless_file, folder, seed), count))


def read_elsewhere(folder: Path, seed: int, count: int) -> Iterator[ReadPaper]:
    """Draw and read papers whose mark stands where none is looked for at first."""
    return read_all(kept_or_drawn(folder, numbered(draw_elsewhere_file, folder, seed), count))


def read_foreign(folder: Path, seed: int, count: int) -> Iterator[ReadPaper]:
    """Draw and read papers with marks in manners that reading was not made for."""
    return read_all(kept_or_drawn(folder, numbered(draw_foreign_file, folder, seed), count))


def read_sealed(folder: Path, seed: int, count: int) -> Iterator[ReadPaper]:
    """Draw and read papers whose framed mark lies on rows of print and below a seal."""
    return read_all(kept_or_drawn(folder, numbered(draw_sealed_file, folder, seed), count))


def measure(folder: Path, wanted: argparse.Namespace) -> None:
    """Draw, read, judge, print."""
    places = None if wanted.unknown else PROVINCES if wanted.unlisted else PLACES
    known = know(ON, places=places)
    how = Drawing(half=wanted.half, seed=wanted.seed, dpi=wanted.dpi, is_brief=wanted.brief)
    if wanted.secret:
        secret = read_secret(folder / "secret", wanted.seed, wanted.secret)
        tables.print_missed([judge(paper, known) for paper in secret])
    if wanted.elsewhere:
        elsewhere = read_elsewhere(folder / "elsewhere", wanted.seed, wanted.elsewhere)
        tables.print_missed([judge(paper, known) for paper in elsewhere])
    if wanted.foreign:
        foreign = read_foreign(folder / "foreign", wanted.seed, wanted.foreign)
        tables.print_missed([judge(paper, known) for paper in foreign])
    if wanted.sealed:
        sealed = read_sealed(folder / "sealed", wanted.seed, wanted.sealed)
        tables.print_missed([judge(paper, known) for paper in sealed])
    if wanted.harmless:
        harmless = read_harmless(folder / "harmless", wanted.seed, wanted.harmless)
        tables.print_stops([judge(paper, known) for paper in harmless])
    if wanted.learn:
        taught = replace(how, half="train")
        known = know(ON, read_gold(folder / "train", taught, wanted.learn), places)
    if wanted.count:
        papers = read_gold(folder / wanted.half, how, wanted.count)
        print_all([judge(paper, known) for paper in papers])


def print_all(verdicts: Sequence[Verdict]) -> None:
    """Print every table, and the line of the named numbers."""
    tables.print_classes(verdicts)
    tables.print_shares(verdicts)
    tables.print_codes(verdicts)
    tables.print_fields(verdicts)
    tables.print_least_accepted(verdicts)
    tables.print_confusions(verdicts)
    tables.print_stops(verdicts)
    accepted = [item for item in verdicts if item.is_accepted]
    right = sum(item.is_right for item in accepted)
    low, high = wilson(right, len(accepted))
    print(f"\n{len(accepted)} of {len(verdicts)} accepted, {len(accepted) - right} of them wrong; "
          f"precision between {low:.4f} and {high:.4f} (95 %)")  # fmt: skip
    precision = right / len(accepted) if accepted else 0.0
    print(f"precision={precision:.4f} accepted={len(accepted) / len(verdicts):.4f}")


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, metavar="N", help="how many papers")
    parser.add_argument("--half", choices=("train", "test"), default="test")
    parser.add_argument("--secret", type=int, default=60, metavar="N", help="papers that must stop")
    parser.add_argument("--elsewhere", type=int, default=0, metavar="N",
                        help="papers with marks turned, at the foot, on page 2")  # fmt: skip
    parser.add_argument("--foreign", type=int, default=0, metavar="N",
                        help="papers with marks in manners not drawn otherwise")  # fmt: skip
    parser.add_argument("--sealed", type=int, default=0, metavar="N",
                        help="papers with framed marks below round seals")  # fmt: skip
    parser.add_argument("--harmless", type=int, default=0, metavar="N",
                        help="papers with other stamps in a mark's place")  # fmt: skip
    parser.add_argument("--learn", type=int, default=0, metavar="N",
                        help="train papers to learn a second opinion from")  # fmt: skip
    parser.add_argument("--brief", action="store_true", help="short papers, as `make test` reads")
    parser.add_argument("--unlisted", action="store_true",
                        help="the agency lists no places, the State its provinces")  # fmt: skip
    parser.add_argument("--unknown", action="store_true",
                        help="the papers' provinces are on no list either")  # fmt: skip
    parser.add_argument("--dpi", type=int, default=200, metavar="D", help="of the sheets")
    parser.add_argument("--seed", type=int, default=5, metavar="S", help="of all chance")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="keep papers and what was read; read there what was kept")  # fmt: skip
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as temporary:
        measure(wanted.keep or Path(temporary), wanted)


if __name__ == "__main__":
    main()

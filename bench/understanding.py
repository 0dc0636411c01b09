"""Which paper is it, and what is written on it: a drawn gold set of which all is known.

python bench/understanding.py [--count N] [--secret N] [--half train|test] [--brief]
    [--seed S] [--keep DIR]

How it is measured and how to read it: bench/README.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # fixtures are not installed

from bench.gold import tables
from bench.gold.judging import Verdict, judge, wilson
from bench.gold.reading import kept_or_drawn, numbered, read_all
from config.rules import load_rule_set
from config.vocabulary import load_classes
from fixtures.understanding.drawing import Drawing, draw_gold_file
from fixtures.understanding.secret_marks import draw_secret_file
from fixtures.understanding.truth import GoldTruth

ON = dt.date(2026, 11, 21)  # the day whose rules the papers are held against


def measure(folder: Path, how: Drawing, count: int) -> list[Verdict]:
    """Draw and read a half of the gold set, and judge what is understood of it."""
    return _judged(kept_or_drawn(folder, numbered(draw_gold_file, folder, how), count))


def measure_secret(folder: Path, seed: int, count: int) -> list[Verdict]:
    """Draw and read papers that must stop."""
    return _judged(kept_or_drawn(folder, numbered(draw_secret_file, folder, seed), count))


def _judged(truths: Sequence[GoldTruth]) -> list[Verdict]:
    classes, rules = load_classes(), load_rule_set(ON)
    return [judge(paper, classes, rules) for paper in read_all(truths)]


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
    """Draw, read, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, metavar="N", help="how many papers")
    parser.add_argument("--half", choices=("train", "test"), default="test")
    parser.add_argument("--secret", type=int, default=60, metavar="N", help="papers that must stop")
    parser.add_argument("--brief", action="store_true", help="short papers, as `make test` reads")
    parser.add_argument("--seed", type=int, default=5, metavar="S", help="of all chance")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="keep papers and what was read; read there what was kept")  # fmt: skip
    wanted = parser.parse_args()
    how = Drawing(half=wanted.half, seed=wanted.seed, is_brief=wanted.brief)
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as temporary:
        folder = wanted.keep or Path(temporary)
        if wanted.secret:
            tables.print_missed(measure_secret(folder / "secret", wanted.seed, wanted.secret))
        if wanted.count:
            print_all(measure(folder, how, wanted.count))


if __name__ == "__main__":
    main()

"""Pages with seals over text, pen and scanner edges: what the bare engine and ours make of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.rivals import texts
from bench.rivals.programs import BareTesseract, Hoso, measure
from bench.rivals.texts import Texts
from fixtures.alignment import (
    classify_errors,
    error_table,
    inserted_rubbish,
    per_thousand,
    recall_in_place,
)
from fixtures.reading.truth import Truth


def compare(files: Sequence[Truth], work: Path) -> dict[str, float]:
    """Read stamped pages with both; print and return rubbish, lost words and error classes."""
    bare, ours = BareTesseract(pictures=work / "stamped-pictures"), Hoso(name="hoso")
    bare.take_out(files)
    measure(bare, files, work / "stamped-bare")
    measure(ours, files, work / "stamped-hoso")
    before = texts.by_table(files, work / "stamped-bare")
    after = texts.by_json(files, work / "stamped-hoso")
    named: dict[str, float] = {}
    print(
        f"\n{'stamped pages':<18}{'pages':>6}{'rubbish':>18}{'lost under seals':>20}{'CER %':>16}"
    )
    for kind in [*dict.fromkeys(item.degradation for item in files), "all"]:
        chosen = [item for item in files if kind in (item.degradation, "all")]
        rubbish = [_rubbish(chosen, read) for read in (before, after)]
        lost = [_lost(chosen, read) for read in (before, after)]
        wrong = [texts.score(chosen, read).error for read in (before, after)]
        print(
            f"{kind:<18}{len(chosen):>6}{rubbish[0]:>9} →{rubbish[1]:>7}"
            f"{lost[0]:>11} →{lost[1]:>7}{wrong[0]:>8.2f} →{wrong[1]:>6.2f}"
        )
        named[f"rubbish_share_{kind.replace(' ', '_')}"] = rubbish[1] / max(1, rubbish[0])
        named[f"lost_share_{kind.replace(' ', '_')}"] = lost[1] / max(1, lost[0])
    return {**named, **_classes(files, before, after)}


def _rubbish(files: Sequence[Truth], read: Texts) -> int:
    return sum(inserted_rubbish(read[item.path], item.pages[0].orders) for item in files)


def _lost(files: Sequence[Truth], read: Texts) -> int:
    """Return how many words under seals were not read."""
    lost = 0
    for item in files:
        page = item.pages[0]
        words = [word.text for word in page.words]
        covered = ["seal" in word.under for word in page.words]
        recall = recall_in_place(read[item.path], page.orders, words, covered, folded=False)
        lost += recall.wanted - recall.found
    return lost


def _classes(files: Sequence[Truth], before: Texts, after: Texts) -> dict[str, float]:
    """Print errors by class; return the share that ours leaves, and the worst new class."""
    raw = [classify_errors(before[item.path], item.pages[0].orders) for item in files]
    ours = [classify_errors(after[item.path], item.pages[0].orders) for item in files]
    print(error_table(raw, ours))
    was, now = per_thousand(raw), per_thousand(ours)
    grown = max(now[name] - was[name] for name in now)
    return {
        "shape_and_tone_share": now["shape and tone"] / max(was["shape and tone"], 0.001),
        "most_grown_class_percent": grown / 10,
    }

"""A second scan of a paper is known from other people's papers on the same form.

`looks.json` holds what was read of twelve sample papers: as they are in the samples (`orig`), drawn
anew and scanned by another device (`again`), and the same form with other people, dates and numbers
(`other`). It is what `hash_page` and recognition gave for them.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from digitize.fingerprints import (
    MAX_BITS,
    PaperLooks,
    compare,
    distance,
    hash_page,
    is_rescan,
    keys,
)
from digitize.model import Line, Word

LOOKS = {
    name: PaperLooks(pictures=tuple(look["pictures"]), texts=tuple(look["texts"]))
    for name, look in json.loads(
        Path(__file__).with_name("looks.json").read_text(encoding="utf-8")
    ).items()
}
PAPERS = sorted({name.partition(".")[0] for name in LOOKS})


def is_same(first: str, second: str) -> bool:
    likeness = compare(LOOKS[first], LOOKS[second])
    return likeness is not None and is_rescan(likeness)


@pytest.mark.parametrize("paper", PAPERS)
def test_another_device_gives_the_same_paper_and_other_people_another(paper: str) -> None:
    assert is_same(f"{paper}.orig", f"{paper}.again")
    assert not is_same(f"{paper}.orig", f"{paper}.other")
    assert not is_same(f"{paper}.again", f"{paper}.other")
    shared = set(keys(LOOKS[f"{paper}.orig"].texts)) & set(keys(LOOKS[f"{paper}.again"].texts))
    assert len(shared) >= 16


def test_no_pair_of_different_papers_is_taken_for_one() -> None:
    pairs = [
        (first, second)
        for first, second in itertools.combinations(LOOKS, 2)
        if {name.rpartition(".")[2] for name in (first, second)} != {"orig", "again"}
        or first.partition(".")[0] != second.partition(".")[0]
    ]
    taken = [pair for pair in pairs if is_same(*pair)]
    assert len(pairs) == 618
    assert taken == []


def test_a_twin_is_another_paper() -> None:
    """Two dossiers of one person on one day differ in their codes alone."""
    first = LOOKS["birth-receipt.orig"]
    texts = tuple(text.replace("261105-0001", "261105-0002") for text in first.texts)
    likeness = compare(first, PaperLooks(pictures=first.pictures, texts=texts))
    assert likeness is not None
    assert likeness.codes_differ
    assert not is_rescan(likeness)


def test_papers_that_say_too_little_are_never_taken_for_one() -> None:
    form = PaperLooks(pictures=("0f" * 8,), texts=("tờ khai đăng ký điền bằng tay " * 20,))
    likeness = compare(form, form)
    assert likeness is not None
    assert (likeness.bits, likeness.words, likeness.number_count) == (0, 1.0, 0)
    assert not is_rescan(likeness)


def test_papers_of_different_lengths_are_not_compared() -> None:
    one = LOOKS["birth-receipt.orig"]
    two = PaperLooks(pictures=one.pictures * 2, texts=one.texts * 2)
    assert compare(one, two) is None


def test_the_hash_is_of_what_is_written_at_any_size() -> None:
    random = np.random.default_rng(5)
    rows = np.repeat(random.integers(0, 2, (40, 8)), 10, axis=0)
    small = np.where(np.repeat(rows, 40, axis=1), 40, 255).astype(np.uint8)
    large = np.repeat(np.repeat(small, 2, axis=0), 2, axis=1)

    def lines(scale: float) -> tuple[Line, ...]:
        side = 72 / 100 * scale
        words = tuple(
            Word(
                text="chữ", box=(x * side, y * side, (x + 40) * side, (y + 10) * side), confidence=1
            )
            for x in range(0, 320, 40)
            for y in range(0, 400, 10)
        )
        return (Line(words=words, box=(0.0, 0.0, 1.0, 1.0)),)

    first, second = hash_page(small, lines(1), 100), hash_page(large, lines(1), 200)
    assert len(first) == 16
    assert distance(first, second) <= MAX_BITS
    assert hash_page(small, (), 100) == ""

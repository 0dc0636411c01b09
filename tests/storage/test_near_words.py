from __future__ import annotations

from pathlib import Path

import pytest

from storage.database import Database
from storage.index_tables import MIGRATIONS
from storage.near_words import MAX_VARIANTS, near_words, one_letter_away
from storage.query import parse_query
from storage.syllables import is_folded_syllable, is_syllable


@pytest.fixture
def index(tmp_path: Path) -> Database:
    db = Database(tmp_path / "search.db")
    db.migrate(MIGRATIONS)
    return db


def put(db: Database, *texts: str) -> None:
    for text in texts:
        db.execute("INSERT INTO paper_fts (words) VALUES (?)", (text,))


def test_every_spelling_one_letter_away_is_made() -> None:
    near = one_letter_away("truong")
    assert {"truon", "ruong", "turong", "tru0ng", "truongg", "xtruong", "trong"} <= near
    assert "truong" not in near
    assert "trung0" not in near


def test_misread_words_are_near_and_other_syllables_are_not(index: Database) -> None:
    put(index, "truong tru0ng trvong thuong trong truongg", "tru0ng")
    found = near_words(index, parse_query("trường"))
    # The most frequent first; «thương» and «trong» are words of their own.
    assert found == {"truong": ("tru0ng", "truongg", "trvong")}
    assert near_words(index, parse_query('"trường" 12/QĐ-UBND an truon*')) == {}
    index.close()


def test_a_word_that_is_no_syllable_is_near_to_syllables_too(index: Database) -> None:
    put(index, "karaoke khanh")
    assert near_words(index, parse_query("karaoka khannh")) == {
        "karaoka": ("karaoke",),
        "khannh": ("khanh",),
    }
    index.close()


def test_there_are_never_too_many_near_words(index: Database) -> None:
    put(index, " ".join(sorted(one_letter_away("karaoke"))))
    assert len(near_words(index, parse_query("karaoke"))["karaoke"]) == MAX_VARIANTS
    index.close()


def test_nonsense_costs_no_more_than_a_sentence(index: Database) -> None:
    looked_up = near_words(index, parse_query(f"karaoke {'d' * 90} {'e' * 200}"))
    assert list(looked_up) == ["karaoke"]


@pytest.mark.parametrize(
    "word",
    [
        "nghiêng",
        "quyết",
        "khuỷu",
        "gì",
        "giá",
        "uống",
        "ngoèo",
        "Đường",
        "ươm",
        "yêu",
        "thuở",
        "hoa",
    ],
)
def test_vietnamese_syllables_are_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["karaoke", "xyz", "đươngg", "tru0ng", "", "báà", "fax"])
def test_other_words_are_none(word: str) -> None:
    assert not is_syllable(word)


def test_folded_syllables_are_known_without_their_marks() -> None:
    assert is_folded_syllable("nguyen")
    assert is_folded_syllable("duong")
    assert not is_folded_syllable("trvong")

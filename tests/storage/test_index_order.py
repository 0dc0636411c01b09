"""The pieces of the search index are joined by who has nothing else to do, and nothing is lost."""

from __future__ import annotations

import pytest

from storage import index_order
from storage.archive import Archive, open_archive
from storage.errors import DatabaseDamaged
from storage.fixity import check_archive
from storage.index_order import pieces
from storage.rows import PAPERS
from tests.storage.conftest import NewRecordMaker
from tests.storage.test_follower import file, findings, papers

# No batch of these is joined with others by itself: FTS5 joins from four of a size on.
MOST = 2


@pytest.fixture
def in_pieces(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> Archive:
    """An archive whose index has three pieces, which are more than enough here."""
    monkeypatch.setattr(index_order, "MOST_PIECES", MOST)
    monkeypatch.setattr(index_order, "_STEP_PAGES", 1)
    for number in range(1, MOST + 2):
        text = " ".join(f"lần{number}từ{word}" for word in range(4_000))
        file(archive, new_record, number, f"giấy khai sinh {text}", "H1")
        archive.catch_up()
    assert pieces_of(archive) == MOST + 1
    return archive


def pieces_of(archive: Archive) -> int:
    return pieces(archive.index_db, PAPERS.index)


def rest(archive: Archive, times: int = 1) -> None:
    """Have nothing else to do for so many moments."""
    for _ in range(times):
        archive.index_gathered(is_idle=True)


def rest_until_joined(archive: Archive) -> int:
    """Return how many moments it took."""
    for moment in range(1_000):
        if pieces_of(archive) == 1:
            return moment
        rest(archive)
        assert archive.search.is_sound(), "the check takes a joining for damage"
    raise AssertionError("the pieces were never joined")


def test_an_idle_archive_joins_the_pieces_of_its_index_a_little_at_a_time(
    in_pieces: Archive,
) -> None:
    before = papers(in_pieces, "khai sinh"), papers(in_pieces, "lần2từ17")
    assert rest_until_joined(in_pieces) > 20
    assert (papers(in_pieces, "khai sinh"), papers(in_pieces, "lần2từ17")) == before
    assert findings(in_pieces) == set()
    assert in_pieces.search.is_sound()
    assert check_archive(in_pieces).findings == ()


def test_pieces_without_a_common_word_are_joined_one_after_the_other_and_the_check_knows(
    archive: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is at its end long before the joining is, and its list of pages is still there."""
    monkeypatch.setattr(index_order, "MOST_PIECES", MOST)
    monkeypatch.setattr(index_order, "_STEP_PAGES", 1)
    for number, letter in enumerate("bmx", start=1):
        text = " ".join(f"{letter}{word:05}" for word in range(6_000))
        file(archive, new_record, number, text, "H1")
        archive.catch_up()
    assert rest_until_joined(archive) > 20
    assert [len(papers(archive, f"{letter}00077")) for letter in "bmx"] == [1, 1, 1]


def test_a_joining_over_a_damaged_index_is_given_up_until_the_next_look(
    in_pieces: Archive,
) -> None:
    order = index_order.IndexOrder(in_pieces.index_db)
    order.step()
    order.step()
    in_pieces.index_db.execute("UPDATE paper_fts_data SET block = zeroblob(40) WHERE id > 10")
    with pytest.raises(DatabaseDamaged):
        take_steps(order)
    take_steps(order)


def take_steps(order: index_order.IndexOrder) -> None:
    for _ in range(300):
        order.step()


def test_whoever_files_joins_nothing(in_pieces: Archive) -> None:
    for _ in range(20):
        in_pieces.index_gathered(is_idle=False)
        in_pieces.keep_up()
    assert pieces_of(in_pieces) == MOST + 1


def test_papers_that_come_meanwhile_are_indexed_first_and_found(
    in_pieces: Archive, new_record: NewRecordMaker
) -> None:
    rest(in_pieces, 4)
    filed = file(in_pieces, new_record, 9, "giấy khai sinh đến giữa chừng", "H1")
    assert papers(in_pieces, "giữa chừng") == [filed.id]
    for _ in range(200):
        rest(in_pieces)
    assert len(papers(in_pieces, "khai sinh")) == MOST + 2
    assert pieces_of(in_pieces) <= MOST
    assert findings(in_pieces) == set()


def test_a_joining_that_was_cut_off_leaves_a_whole_index_and_is_begun_anew(
    in_pieces: Archive,
) -> None:
    rest(in_pieces, 6)
    in_pieces.close()
    with open_archive(in_pieces.root) as again:
        assert again.search.is_sound()
        assert findings(again) == set()
        assert len(papers(again, "khai sinh")) == MOST + 1
        rest_until_joined(again)
        assert findings(again) == set()


def test_an_index_is_looked_at_once_an_hour_and_joined_once_a_day(
    in_pieces: Archive, new_record: NewRecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("storage.index_order.time.monotonic", lambda: clock[0])
    order = index_order.IndexOrder(in_pieces.index_db)
    take_steps(order)
    assert pieces_of(in_pieces) == 1
    for number in range(20, 20 + MOST + 1):
        file(in_pieces, new_record, number, f"giấy {number}", "H1")
        in_pieces.catch_up()
    count = pieces_of(in_pieces)
    assert count > MOST
    for clock[0] in (3_600.0, 19 * 3_600.0):
        take_steps(order)
        assert pieces_of(in_pieces) == count
    clock[0] = 21 * 3_600.0
    take_steps(order)
    assert pieces_of(in_pieces) == 1

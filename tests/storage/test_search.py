from __future__ import annotations

import hashlib
import random
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.vocabulary import Role
from storage.archive import Archive, open_archive
from storage.cursor import Place, write_cursor
from storage.errors import BadCursor
from storage.index_entry import digest_of, entry_of, paper_words
from storage.model import NewLink, PageText
from storage.search import Filters, Hit, SearchPage, SearchRequest
from tests.storage.conftest import AT, NewRecordMaker

PAGES = {
    1: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐăng ký hộ kinh doanh\nđường Hoà Bình",
    2: "dang ky duong hoa binh khong dau",
    3: unicodedata.normalize("NFD", "Uỷ ban nhân dân\nđường phố, quý khách") + "\nSố: 12/QĐ-UBND",
    4: "dương lịch\nKARAOKE",
}


@pytest.fixture
def filled(archive: Archive, new_record: NewRecordMaker) -> Archive:
    for n, text in PAGES.items():
        link = NewLink(dossier_code=f"H15.50-26100{n}-0001", role=Role.COMPONENT)
        new = new_record(n, text, fields=(), title="", class_name="", digitisation_code=None)
        archive.file(new, link, actor="desk", at=AT)
    return archive


def find(archive: Archive, query: str, **limits: object) -> SearchPage:
    return archive.search.search(SearchRequest(query=query, **limits))  # type: ignore[arg-type]  # named by each test


def found(archive: Archive, query: str, **limits: object) -> list[tuple[int, int]]:
    page = find(archive, query, **limits)
    return [(int(hit.record_id[-2:]), hit.tier) for hit in page.records]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("dang ky", [(2, 3), (1, 3)]),
        ("đăng ký", [(1, 1), (2, 3)]),
        (unicodedata.normalize("NFD", "đăng ký"), [(1, 1), (2, 3)]),
        ("đường", [(3, 2), (1, 2), (4, 4), (2, 4)]),
        ("duong", [(4, 4), (3, 4), (2, 4), (1, 4)]),
        ("hòa bình", [(1, 1), (2, 3)]),
        ("HOÀ BÌNH", [(1, 1), (2, 3)]),
        ("ủy ban", [(3, 1)]),
        ("uỷ ban", [(3, 1)]),
        ("uy ban", [(3, 3)]),
        ("quý", [(3, 2)]),
        ("qúy", [(3, 2)]),
        ("quí", []),
        ('"phố quý"', [(3, 2)]),
        ('"quý phố"', []),
        ("12/QĐ-UBND", [(3, 2)]),
        ("12/qd-ubnd", [(3, 4)]),
        ("12/QĐ", [(3, 2)]),
        ("QĐ-12", []),
        ("H15.50-261002-0001", [(2, 4)]),
        ("kara*", [(4, 4)]),
        ("dươ*", [(4, 2), (3, 4), (2, 4), (1, 4)]),
        ("binh duong", [(2, 4), (1, 4)]),
        ("khong dau", [(2, 3)]),
        ("k*", []),
        ("vắng mặt", []),
        ("***", []),
    ],
)
def test_the_acceptance_table_of_vietnamese_search(
    filled: Archive, query: str, wanted: list[tuple[int, int]]
) -> None:
    assert found(filled, query) == wanted
    assert find(filled, query).count == len(wanted)


def test_nothing_typed_lists_everything_newest_first(filled: Archive) -> None:
    page = find(filled, "")
    assert [hit.record_id[-1] for hit in page.records] == ["4", "3", "2", "1"]
    assert (page.count, page.more, page.next) == (4, False, None)
    assert page.records[0].hits == ()


def test_a_hit_names_page_and_line(archive: Archive, new_record: NewRecordMaker) -> None:
    new = new_record(1, "đầu\nđuôi", "", "một\nhai\r\nba bốn")
    archive.file(new, NewLink(dossier_code="H1", role=Role.RESULT), actor="desk", at=AT)
    assert find(archive, "bốn").records[0].hits == (Hit(page=3, line=3),)
    assert find(archive, "duoi").records[0].hits == (Hit(page=1, line=2),)


def test_a_record_appears_once_with_all_its_pages(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    new = new_record(1, "chứng thực", "chung thuc", "x\nchứng thực")
    archive.file(new, NewLink(dossier_code="H1", role=Role.RESULT), actor="desk", at=AT)
    page = find(archive, "chung thuc")
    assert [hit.hits for hit in page.records] == [
        (Hit(page=1, line=1), Hit(page=2, line=1), Hit(page=3, line=2))
    ]
    assert page.count == 1
    assert found(archive, "chứng thực") == [(1, 1)]


def test_a_record_is_found_by_its_description_without_a_page(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    new = new_record(1, "trang")
    archive.file(new, NewLink(dossier_code="H1", role=Role.RESULT), actor="desk", at=AT)
    (hit,) = find(archive, "trần thị thử").records
    assert (hit.tier, hit.hits) == (1, ())


def test_pages_of_answers_join_without_gap_or_repetition(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    draw = random.Random(7)
    spellings = ["đường phố", "duong pho", "dương phô"]
    for n in range(1, 31):
        text = "\n".join(draw.choices(spellings, k=3))
        link = NewLink(dossier_code="H1", role=Role.COMPONENT)
        archive.file(new_record(n, text, text), link, actor="desk", at=AT)
    for query in ("đường", "duong", ""):
        whole = found(archive, query, limit=100)
        joined: list[tuple[int, int]] = []
        after: str | None = None
        while after or not joined:
            page = find(archive, query, limit=7, after=after)
            joined += [(int(hit.record_id[-2:]), hit.tier) for hit in page.records]
            after = page.next
        assert joined == whole
        assert len({number for number, _ in joined}) == 30
        tiers = [tier for _, tier in joined]
        assert tiers == sorted(tiers)
        for tier in set(tiers):
            numbers = [number for number, of in joined if of == tier]
            assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize(
    ("query", "order"),
    [("đường", "relevance"), ("duo*", "relevance"), ('"duong"', "relevance"), ("", "newest")],
)
def test_pages_of_answers_join_where_papers_are_filed_meanwhile(
    archive: Archive,
    new_record: NewRecordMaker,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    order: str,
) -> None:
    monkeypatch.setattr("storage.matches.FEW", 4)

    def file(n: int) -> None:
        # The older a paper, the oftener it says the word: by rank they stand the other way round.
        text = "đường phố " * (20 - n) + "xa " * n
        link = NewLink(dossier_code="H1", role=Role.COMPONENT)
        archive.file(new_record(n, text), link, actor="desk", at=AT)

    # One more than few, and one more than are counted, come while the pages are read.
    for n in range(1, 5):
        file(n)
    whole = found(archive, query, order=order)
    joined: list[tuple[int, int]] = []
    after: str | None = None
    while after or not joined:
        page = find(archive, query, order=order, limit=1, after=after)
        joined += [(int(hit.record_id[-2:]), hit.tier) for hit in page.records]
        after = page.next
        file(4 + len(joined))
    assert joined == whole


@pytest.mark.parametrize("order", ["newest", "relevance"])
@pytest.mark.parametrize("query", ["đường", "duong", '"duong"', "duo*", "duong xa pho"])
@pytest.mark.parametrize("ranked", [4, 1_000])
def test_pages_of_answers_join_where_papers_are_destroyed_meanwhile(
    archive: Archive,
    new_record: NewRecordMaker,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    order: str,
    ranked: int,
) -> None:
    monkeypatch.setattr("storage.matches.FEW", 5)
    monkeypatch.setattr("storage.matches.RANKED", ranked)
    for n in range(1, 9):
        text = "đường phố " * n + "xa " * (9 - n)
        link = NewLink(dossier_code="H1", role=Role.COMPONENT)
        archive.file(new_record(n, text), link, actor="desk", at=AT)
    whole = found(archive, query, order=order)
    joined: list[tuple[int, int]] = []
    after: str | None = None
    while after or not joined:
        page = find(archive, query, order=order, limit=2, after=after)
        joined += [(int(hit.record_id[-2:]), hit.tier) for hit in page.records]
        after = page.next
        # What was shown last, so that the cursor stands on nothing, and soon only few are left.
        archive.search.remove(page.records[-1].record_id)
    assert joined == whole


def test_a_page_tells_which_papers_are_the_newest_where_it_had_to_look(filled: Archive) -> None:
    for query in ('"duong"', "duong", "duo*", "vắng", ""):
        page = find(filled, query, limit=1)
        assert page.knows(1_000)
        assert list(page.newest) == filled.search.newest(SearchRequest(query=query), 1_000)


def test_a_cursor_of_another_search_is_refused(filled: Archive) -> None:
    cursor = find(filled, "duong", limit=1).next
    assert cursor is not None
    for query, after in [("dang", cursor), ("duong", cursor[:-4]), ("duong", "x"), ("", "ô")]:
        with pytest.raises(BadCursor):
            find(filled, query, after=after)
    scope = Filters(agency=("H15.50",))
    with pytest.raises(BadCursor):
        find(filled, "duong", after=cursor, filters=scope)


def test_a_cursor_that_somebody_made_up_is_refused(filled: Archive) -> None:
    request = SearchRequest(query="duong", order="relevance")
    for number in (1 << 63, 1 << 70):
        forged = write_cursor(request, Place(tier=4, number=number, top=number))
        with pytest.raises(BadCursor):
            find(filled, "duong", order="relevance", after=forged)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=60), after=st.none() | st.text(max_size=30))
def test_no_typed_string_fails_a_search_and_no_cursor_but_as_a_bad_cursor(
    filled: Archive, query: str, after: str | None
) -> None:
    try:
        page = find(filled, query, after=after)
    except BadCursor:
        assert after is not None
    else:
        assert len(page.records) <= 4


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(dossier=("H15.50-261001-0001",)), [1]),
        (Filters(dossier=("H15.50-261001-0001", "H15.50-261003-0001")), [3, 1]),
        (Filters(agency=("H15.50",)), [4, 3, 2, 1]),
        (Filters(agency=("H15.5",)), []),
        (Filters(agency=("H15",)), []),
        (Filters(year=("2026",), role=("component",)), [4, 3, 2, 1]),
        (Filters(role=("result",)), []),
        (Filters(class_code=("GKS",), verdict=("TOTAL-PASSED",)), [4, 3, 2, 1]),
        (Filters(verdict=("INDETERMINATE",)), []),
        (Filters(agency=('x") OR f : ("duong',)), []),
    ],
)
def test_filters_hold_for_searches_and_lists(
    filled: Archive, filters: Filters, wanted: list[int]
) -> None:
    assert [n for n, _ in found(filled, "duong", filters=filters)] == wanted
    assert [n for n, _ in found(filled, "", filters=filters)] == wanted
    assert find(filled, "", filters=filters).count == len(wanted)


def test_what_is_typed_never_reaches_the_filter_column(filled: Archive) -> None:
    token = "r" + b"component".hex()
    assert found(filled, token) == []
    assert found(filled, f"a : {token}") == []


def test_a_removed_record_is_found_no_more(filled: Archive) -> None:
    record_id = find(filled, "karaoke").records[0].record_id
    filled.search.remove(record_id)
    assert found(filled, "karaoke") == []
    assert find(filled, "").count == 3
    assert filled.search.is_sound()
    filled.search.remove(record_id)  # again: nothing happens
    assert filled.search.is_sound()


def test_indexing_again_replaces(filled: Archive) -> None:
    record_id = find(filled, "karaoke").records[0].record_id
    record = filled.records.get(record_id)
    changed = replace(record, pages=(replace(record.pages[0], text="nhà hàng"),))
    filled.search.add(changed)
    assert found(filled, "karaoke") == []
    assert found(filled, "nhà hàng") == [(4, 1)]
    held = filled.search.fingerprints()
    assert filled.search.is_current(changed, (), held)
    assert not filled.search.is_current(record, (), held)


def test_a_rebuilt_index_answers_the_same(filled: Archive) -> None:
    before = {query: found(filled, query) for query in ("đường", "duong", "", "12/QĐ-UBND")}
    records = [filled.records.get(record_id) for record_id in filled.records.all_ids()]
    count = filled.search.rebuild((record, filled.dossier_facts(record)) for record in records)
    assert count == 4
    assert {query: found(filled, query) for query in before} == before


def test_counting_stops_where_it_would_be_slow(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.matches.COUNT_LIMIT", 2)
    monkeypatch.setattr("storage.matches.FEW", 1)
    for query, count in (("duong", 2), ('"duong"', 2), ("duo*", 2)):
        page = find(filled, query)
        assert (page.count, page.more) == (count, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "giấy khai sinh " * 2000,
        "ß ǅ ﬁ Ⅷ ² ٣ 한국 漢字 ᲀ 𞤀 𖹀 q̀a",
        "".join(map(chr, range(0x20, 0x2FFF))),
    ],
)
def test_an_index_of_any_letters_is_current(
    archive: Archive, new_record: NewRecordMaker, text: str
) -> None:
    link = NewLink(dossier_code="H1", role=Role.COMPONENT)
    record = archive.file(new_record(1, text), link, actor="desk", at=AT)
    held = archive.search.fingerprints()
    assert archive.search.is_current(record, archive.dossier_facts(record), held)


def test_words_that_stand_together_come_before_scattered_ones(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    texts = {
        1: "Đăng ký khai sinh",
        2: "Đăng ký biến động đất đai\nKhai báo nơi sinh",
        3: "dang ky khai sinh",
    }
    for n, text in texts.items():
        link = NewLink(dossier_code=f"H15.50-26100{n}-0001", role=Role.COMPONENT)
        archive.file(new_record(n, text, fields=(), title=""), link, actor="desk", at=AT)
    assert found(archive, "đăng ký khai sinh") == [(1, 1), (2, 2), (3, 3)]
    assert found(archive, "dang ky khai sinh") == [(3, 3), (1, 3), (2, 4)]
    assert found(archive, '"dang ky khai sinh"') == [(3, 4), (1, 4)]


def sealed(archive: Archive, new_record: NewRecordMaker, n: int, text: str, overlay: str) -> None:
    page = PageText(number=1, text=text, overlay_text=overlay)
    new = new_record(n, fields=(), title="", class_name="", pages=(page,))
    link = NewLink(dossier_code=f"H15.50-26100{n}-0001", role=Role.COMPONENT)
    archive.file(new, link, actor="desk", at=AT)


def test_words_in_seals_and_pen_are_found_on_request_only_and_said_to_be_there(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    sealed(archive, new_record, 1, "Giấy mời\nông Hòa", "ỦY BAN\nxã Hoà Bình")
    sealed(archive, new_record, 2, "xã Hòa Bình", "")
    sealed(archive, new_record, 3, "giấy báo\nhoa binh", "HOA BINH")
    assert found(archive, "hòa bình") == [(2, 1), (3, 3)]
    assert found(archive, "hòa bình", overlay=True) == [(2, 1), (1, 1), (3, 3)]
    page = find(archive, "hòa bình", overlay=True)
    assert page.count == 3
    assert [hit.hits for hit in page.records] == [
        (Hit(page=1, line=1),),
        (Hit(page=1, line=2, overlay=True),),
        (Hit(page=1, line=2), Hit(page=1, line=1, overlay=True)),
    ]
    # A word of the text and one of the seal stand on one page; a phrase stands in one of them.
    assert found(archive, "mời ủy ban", overlay=True) == [(1, 2)]
    assert found(archive, '"mời ủy ban"', overlay=True) == []
    assert found(archive, '"hòa ủy"', overlay=True) == []
    assert found(archive, "mời ủy ban") == []
    assert found(archive, "ủy ban") == []
    scope = Filters(dossier=("H15.50-261003-0001",))
    assert found(archive, "hoa binh", overlay=True, filters=scope) == [(3, 3)]


def test_a_cursor_of_the_text_alone_is_not_one_of_the_overlay_too(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    for n in (1, 2, 3):
        sealed(archive, new_record, n, "giấy", "giấy")
    cursor = find(archive, "giấy", limit=1).next
    assert len(find(archive, "giấy", limit=5, after=cursor).records) == 2
    with pytest.raises(BadCursor):
        find(archive, "giấy", after=cursor, overlay=True)


def test_what_was_read_before_a_repair_is_found_without_marks_on_its_line(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    page = PageText(number=1, text="Quyết định\nSố 15/QĐ ngày 20", as_read="\nl5 2O")
    new = new_record(1, fields=(), title="", class_name="", pages=(page,))
    archive.file(new, NewLink(dossier_code="H1", role=Role.RESULT), actor="desk", at=AT)
    assert found(archive, "l5") == [(1, 4)]
    (hit,) = find(archive, "2o ngày").records
    assert (hit.tier, hit.hits) == (4, (Hit(page=1, line=2),))
    assert find(archive, "15/QĐ").records[0].hits == (Hit(page=1, line=2),)
    # It is no text: it stands beside nothing.
    assert found(archive, '"l5 qđ"') == []


def test_overlay_and_repairs_are_part_of_what_the_index_is_checked_against(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    sealed(archive, new_record, 1, "giấy", "dấu tròn")
    record = archive.records.get(archive.search.indexed()[1])
    facts = archive.dossier_facts(record)
    assert record.pages[0].overlay_text == "dấu tròn"
    assert archive.search.is_current(record, facts, archive.search.fingerprints())
    page = record.pages[0]
    for changed in (replace(page, overlay_text="dấu vuông"), replace(page, as_read="glấy")):
        other = replace(record, pages=(changed,))
        assert not archive.search.is_current(other, facts, archive.search.fingerprints())
    # An entry that says so, and words that do not: the check looks at the words themselves.
    other = replace(record, pages=(replace(page, overlay_text="dấu vuông"),))
    digest = digest_of(paper_words(entry_of(other, facts), other.pages))
    archive.index_db.execute("UPDATE entry SET digest = ?", (digest,))
    assert not archive.search.is_current(other, facts, archive.search.fingerprints())


def test_an_index_of_an_older_program_is_made_anew(
    tmp_path: Path, new_record: NewRecordMaker, archive: Archive
) -> None:
    sealed(archive, new_record, 1, "thành phố Hoà Bình, qúy một", "dấu tròn")
    connection = archive.index_db.tables.conn
    older = (
        "DROP TABLE paper_fts",
        "DROP TABLE dossier_fts",
        "DROP TABLE dossier",
        "CREATE VIRTUAL TABLE page_fts USING fts5(x, f, a, content='', "
        "tokenize='unicode61 remove_diacritics 0')",
        "INSERT INTO page_fts (rowid, x, f, a) VALUES (65537, 'qúy một', 'quy mot', '')",
        "CREATE TABLE body (row INTEGER PRIMARY KEY, text TEXT NOT NULL)",
        "DELETE FROM _sqlite_migrations WHERE name >= '0005_codes_with_lone_marks'",
        "DROP TABLE passed_over",
    )
    with archive.index_db.transaction():
        for statement in older:
            connection.execute(statement)
    archive.close()
    with open_archive(tmp_path / "archive") as opened:
        assert opened.index_lag() == 0
        assert found(opened, "quý") == [(1, 2)]
        assert found(opened, "dấu tròn", overlay=True) == [(1, 1)]
        assert opened.search.is_sound()


def test_an_index_made_before_words_were_gathered_goes_on(
    tmp_path: Path, new_record: NewRecordMaker, archive: Archive
) -> None:
    """The words are the same: nothing is indexed anew, and the check of all of it agrees."""
    sealed(archive, new_record, 1, "thành phố Hoà Bình", "")
    archive.catch_up()
    assert archive.search.is_sound()
    before = archive.search.fingerprints()
    with archive.index_db.transaction():
        archive.index_db.execute("DELETE FROM paper_fts_config WHERE k = 'hashsize'")
        archive.index_db.execute(
            "DELETE FROM _sqlite_migrations WHERE name = '0007_gathered_words'"
        )
    archive.close()
    with open_archive(tmp_path / "archive") as opened:
        assert opened.search.is_sound()
        assert opened.search.fingerprints() == before
        assert opened.index_lag() == 0
        assert found(opened, "hòa bình") == [(1, 1)]


def test_a_page_without_overlay_keeps_the_digest_that_it_was_filed_with(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    sealed(archive, new_record, 1, "giấy", "")
    sealed(archive, new_record, 2, "giấy", "dấu")
    plain, over = (archive.records.get(archive.search.indexed()[n]) for n in (1, 2))
    assert b'"pages":[[1,"' + hashlib.sha256("giấy".encode()).hexdigest().encode() + b'"]]' in (
        archive.records.canonical(plain)
    )
    page = over.pages[0]
    for changed in (replace(page, overlay_text="dâu"), replace(page, as_read="dấu")):
        other = replace(over, pages=(changed,))
        assert archive.records.digest(other) != archive.records.digest(over)

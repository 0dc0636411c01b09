"""What people type, and which papers must answer in which order: one archive, many questions."""

from __future__ import annotations

import math
import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from config.vocabulary import Role
from storage.archive import Archive, open_archive
from storage.fold import words
from storage.index_entry import entry_of, paper_words
from storage.model import FieldValue, NewLink, NewRecord, ObjectRef, PageText
from storage.register import Dossier, Procedure, RegisterBatch
from storage.search import Filters, Hit, SearchPage, SearchRequest

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
A, B, C = "H20.03-251103-0001", "H20.03-251104-0002", "H21.07-260105-0003"
# Number: dossier, role, class, holder's name and number, texts of the pages.
PAPERS: dict[int, tuple[str, Role, str, str, str, tuple[str, ...]]] = {
    1: (A, Role.COMPONENT, "GKS", "NGUYỄN VĂN HOÀ", "001234567890",
        ("Giấy khai sinh\nđường Hoà Bình, quý một", "Nơi sinh: Uỷ ban nhân dân xã Thuỷ Lợi")),
    2: (A, Role.RESULT, "QDD", "TRẦN THỊ THU", "",
        ("Quyết định\nSố: 12/QĐ-UBND", "Điều 1. Cấp giấy phép karaoke", "Nơi nhận: Lưu")),
    3: (B, Role.COMPONENT, "TKHT", "NGUYỄN VĂN HÒA", "",
        ("to khai dang ky khai sinh\nduong hoa binh", "so 12 qd ubnd")),
    4: (B, Role.COMPONENT, "HKD", "LÊ THỊ DƯƠNG", "",
        ("Dương lịch, đường phố\nđăng ký hộ kinh doanh karaokc", "Số 12QĐ/UBND")),
    5: (C, Role.RESULT, "GPXD", "PHẠM ĐỨC ĐƯỜNG", "079.300.000.001",
        (unicodedata.normalize("NFD", "Giấy phép xây dựng số 45/GPXD, quỹ đất"), "trừơng học")),
    6: (C, Role.COMPONENT, "GTN", "", "",
        ("Giấy tiếp nhận hồ sơ\nMã H21.07-260105-0003 và hẹn trả kết quả", "cấp cấp phép")),
}  # fmt: skip
REGISTER = RegisterBatch(
    procedures=(Procedure(code="1.001193", title="Thẩm tra nội bộ"),),
    dossiers=(
        Dossier(
            code=A,
            title="Cấp lại bản chính",
            procedure_code="1.001193",
            agency_code="H20.03",
            applicant="BÙI QUANG VỌNG",
        ),
        Dossier(code=B, title="Hộ mới", procedure_code="", agency_code="H20.03"),
    ),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with open_archive(tmp_path_factory.mktemp("kho")) as archive:
        archive.register.load(REGISTER)
        with archive.db.transaction():
            for number, (dossier, role, *_) in PAPERS.items():
                link = NewLink(dossier_code=dossier, role=role)
                archive.records.insert(paper(number), link, AT)
        archive.catch_up()
        yield archive


def paper(number: int) -> NewRecord:
    _, _, class_code, name, digits, texts = PAPERS[number]
    stored = ObjectRef(sha256=f"{number:064}", sha512=f"{number:0128}", size_bytes=1)
    values = (("holder", name), ("personal_number", digits))
    return NewRecord(
        id=f"018F0000-0000-7000-8000-{number:012d}",
        submission_id=f"nop-{number}",
        paper=1,
        class_code=class_code,
        class_name="",
        title="",
        original=stored,
        original_name="q.tif",
        original_media_type="image/tiff",
        pdf=stored,
        pages=tuple(PageText(number=at, text=text) for at, text in enumerate(texts, start=1)),
        page_count=len(texts),
        fields=tuple(FieldValue(name=n, value=v, confidence=1) for n, v in values if v),
        verdict="TOTAL-PASSED" if number != 4 else "INDETERMINATE",
        rule_set="1",
        classes_version="1",
    )


def ask(shelf: Archive, query: str, **manner: object) -> SearchPage:
    return shelf.search.search(SearchRequest(query=query, **manner))  # type: ignore[arg-type]  # named by each test


def numbers(page: SearchPage) -> list[int]:
    return [int(hit.record_id[-2:]) for hit in page.records]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        # Composed, decomposed, capitals, no marks, marks in part.
        ("giấy khai sinh", [1]),
        (unicodedata.normalize("NFD", "giấy khai sinh"), [1]),
        ("GIẤY KHAI SINH", [1]),
        ("giay khai sinh", [1]),
        ("giấy phép xây dựng", [5]),
        (unicodedata.normalize("NFD", "GIẤY PHÉP XÂY DỰNG"), [5]),
        ("giay phep xay dung", [5]),
        ("xay dựng", [5]),
        ("đăng ký", [4, 3]),
        ("dang ky", [4, 3]),
        # Old and new places of the tone, and misplaced ones.
        ("hòa bình", [1, 3]),
        ("hoà bình", [1, 3]),
        ("ủy ban", [1]),
        ("uỷ ban", [1]),
        ("thủy lợi", [1]),
        ("thuỷ lợi", [1]),
        ("THUỶ LỢI", [1]),
        ("trường học", [5]),
        ("trừơng học", [5]),
        ("qúy một", [1]),
        ("quý", [1, 5]),
        ("quỹ", [5, 1]),
        # Đ, which has no decomposition.
        ("đường", [5, 4, 1, 3]),
        ("duong", [5, 4, 3, 1]),
        ("dương", [4, 5, 3, 1]),
        ("ÐƯỜNG", [5, 4, 1, 3]),
        ("đức đường", [5]),
        ("duc duong", [5]),
        # Phrases.
        ('"khai sinh"', [3, 1]),
        ('"sinh khai"', []),
        ("“đường hòa bình”", [1, 3]),
        ('"duong hoa binh"', [3, 1]),
        ('"hẹn trả kết quả"', [6]),
        ('"kết quả hẹn trả"', []),
        ('"cấp giấy phép"', [2]),
        ('"khai sinh', [3, 1]),
        # Words of one paper on several pages, and no phrase over the edge of a page.
        ("khai sinh thủy lợi", [1]),
        ("quyết định karaoke", [2]),
        ("quyết định karaoke lưu", [2]),
        ("quyet dinh karaoke luu", [2]),
        ('"ubnd điều"', []),
        ("xây dựng trường học", [5]),
        ("tiếp nhận cấp phép", [6]),
        # Codes in three spellings, whole and in part.
        ("12/QĐ-UBND", [2, 4, 3]),
        ("12/qd-ubnd", [4, 3, 2]),
        ("12 QĐ UBND", [2, 4, 3]),
        ("12QĐUBND", [4, 2]),
        ("12qdubnd", [4, 2]),
        ("12-QĐ/UBND", [2, 4, 3]),
        ("QĐ-UBND", [2, 3]),
        ("45/GPXD", [5]),
        ("45GPXD", [5]),
        (A, [2, 1]),
        ("H20 03 251103 0001", [2, 1]),
        ("h20032511030001", [2, 1]),
        ("H21.07-260105-0003", [6, 5]),
        ("H20.03-2511*", [4, 3, 2, 1]),
        ("001234567890", [1]),
        ("079300000001", [5]),
        ("079.300.000.001", [5]),
        # Beginnings.
        ("karao*", [4, 2]),
        ("đươ*", [5, 4, 3, 1]),
        ("đườ*", [5, 4, 1, 3]),
        ("khai si*", [3, 1]),
        ("k*", []),
        # What the register and the fields say.
        ("bùi quang vọng", [2, 1]),
        ("bui quang vong karaoke", [2]),
        ("nguyễn văn hòa", [3, 1]),
        ("1.001193", [2, 1]),
        # Nothing to find, nothing typed, hostile, and far too much.
        ("vắng mặt", []),
        ("!!", []),
        ("", [6, 5, 4, 3, 2, 1]),
        (" \t\n", [6, 5, 4, 3, 2, 1]),
        ('a" OR t : "duong', []),
        ("t : duong", []),
        ("NEAR(khai sinh, 2)", []),
        ("duong NOT pho", []),
        ("(((", []),
        ("\0khai\0sinh\0", [3, 1]),
        ("\ue001", []),
        ("\ue002đường", [5, 4, 1, 3]),
        ("karaoke; DROP TABLE entry --", []),
        ("khai sinh " * 1_000, [3, 1]),
        ("x" * 10_240, []),
    ],
)
def test_every_question_has_its_answers_in_their_order(
    shelf: Archive, query: str, wanted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(shelf, query)
    assert numbers(page) == wanted
    assert (page.count, page.more) == (len(wanted), False)
    tiers = [hit.tier for hit in page.records]
    assert tiers == sorted(tiers)
    ranked = ask(shelf, query, order="relevance")
    # Ranking moves papers within a tier, never across.
    assert sorted(numbers(ranked)) == sorted(wanted)
    assert [hit.tier for hit in ranked.records] == tiers
    # However many there are, the order is the same.
    monkeypatch.setattr("storage.matches.FEW", 0)
    monkeypatch.setattr("storage.matches.TOGETHER", 3)
    assert ask(shelf, query) == page
    monkeypatch.setattr("storage.matches.COUNT_LIMIT", 0)
    assert ask(shelf, query).records == page.records


def test_the_best_of_a_tier_comes_first_where_there_are_many(
    shelf: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.matches.FEW", 0)
    for query in ("khai sinh", "sinh khai", '"khai sinh"', '"khai sinh" duong'):
        hits = ask(shelf, query, order="relevance").records
        assert len(hits) > 1
        asked = [word for word in query.replace('"', "").split() if len(word) > 1]
        scores = expected_scores(shelf, asked)
        for tier in {hit.tier for hit in hits}:
            found = [
                scores[shelf.records.get(hit.record_id).number] for hit in hits if hit.tier == tier
            ]
            assert found == sorted(found, reverse=True)


def expected_scores(shelf: Archive, asked: list[str]) -> dict[int, float]:
    """Return bm25 of papers for some words, from their texts: words by powers of two, to four."""
    counts: dict[int, Counter[str]] = {}
    sizes: dict[int, int] = {}
    for record_id in shelf.records.all_ids():
        record = shelf.records.get(record_id)
        entry = entry_of(record, shelf.dossier_facts(record))
        texts = [entry.text, entry.text, *(page.text for page in record.pages)]
        counts[record.number] = Counter(word.folded for text in texts for word in words(text))
        sizes[record.number] = len(paper_words(entry, record.pages))
    usual = sum(sizes.values()) / len(sizes)
    scores = dict.fromkeys(counts, 0.0)
    for word in asked:
        held = sum(word in found for found in counts.values())
        weight = math.log(1 + (len(counts) - held + 0.5) / (held + 0.5))
        for number, found in counts.items():
            times = min(4, 1 << found[word].bit_length() - 1) if found[word] else 1
            brake = 1.2 * (0.25 + 0.75 * sizes[number] / usual)
            scores[number] += weight * times * 2.2 / (times + brake)
    return scores


def test_words_on_several_pages_name_each_of_them(shelf: Archive) -> None:
    (hit,) = ask(shelf, "quyết định karaoke lưu").records
    assert hit.hits == (Hit(page=1, line=1), Hit(page=2, line=1), Hit(page=3, line=1))
    # Where one page has them all, the others are not named.
    (hit,) = ask(shelf, "giấy phép karaoke").records
    assert hit.hits == (Hit(page=2, line=1),)


def test_a_code_is_shown_on_its_line_however_it_is_parted(shelf: Archive) -> None:
    found = {int(hit.record_id[-2:]): hit.hits for hit in ask(shelf, "12QĐUBND").records}
    assert found == {
        2: (Hit(page=1, line=2),),
        4: (Hit(page=2, line=1),),
    }


def test_near_words_come_last_and_only_when_asked_for(shelf: Archive) -> None:
    assert numbers(ask(shelf, "karaoke")) == [2]
    page = ask(shelf, "karaoke", near=True)
    assert [(int(hit.record_id[-2:]), hit.tier) for hit in page.records] == [(2, 4), (4, 5)]
    assert page.records[1].hits == (Hit(page=1, line=2),)
    assert page.count == 2
    # Quoted words, codes and beginnings mean what they say.
    for query in ('"karaoke"', "karaok*", "12/QĐ-UBNB"):
        assert numbers(ask(shelf, query, near=True)) == numbers(ask(shelf, query))


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(holder=("Nguyễn Văn Hòa",)), [3, 1]),
        (Filters(holder=("nguyen van hoa",)), [3, 1]),
        (Filters(holder=("001 234 567 890",)), [1]),
        (Filters(holder=("079300000001",)), [5]),
        (Filters(holder=("Nguyễn Văn",)), []),
        (Filters(holder=("trần thị thu", "LÊ THỊ DƯƠNG")), [4, 2]),
        (Filters(agency=("H20.03",)), [4, 3, 2, 1]),
        (Filters(agency=("H21.07",), role=("result",)), [5]),
        (Filters(procedure=("1.001193",)), [2, 1]),
        (Filters(class_code=("GKS", "GTN")), [6, 1]),
        (Filters(verdict=("INDETERMINATE",)), [4]),
        (Filters(year=("2026",), dossier=(C,)), [6, 5]),
        (Filters(year=("2025",)), []),
        (Filters(holder=('x") OR t : ("duong',)), []),
    ],
)
def test_filters_hold_for_papers(shelf: Archive, filters: Filters, wanted: list[int]) -> None:
    page = ask(shelf, "", filters=filters)
    assert (numbers(page), page.count) == (wanted, len(wanted))


@pytest.mark.parametrize(
    ("query", "filters", "wanted"),
    [
        ("bùi quang vọng", Filters(), [(A, 1)]),
        ("bui quang vong", Filters(), [(A, 3)]),
        ("vọng bùi", Filters(), [(A, 2)]),
        ("nguyễn văn hòa", Filters(), [(B, 1), (A, 1)]),
        ("nguyen van hoa", Filters(), [(B, 3), (A, 3)]),
        ('"van nguyen"', Filters(), []),
        # Words of several papers of one dossier.
        ("nguyễn văn hòa trần thị thu", Filters(), [(A, 2)]),
        ("h20.03-251104-0002", Filters(), [(B, 4)]),
        ("H20032511040002", Filters(), [(B, 4)]),
        ("", Filters(), [(C, 0), (B, 0), (A, 0)]),
        ("", Filters(agency=("H21.07",)), [(C, 0)]),
        ("", Filters(holder=("phạm đức đường",)), [(C, 0)]),
        ("", Filters(class_code=("HKD",)), [(B, 0)]),
        ("!!", Filters(), []),
        # Pages are not part of it.
        ("karaoke", Filters(), []),
    ],
)
def test_dossiers_are_found_by_code_title_and_names(
    shelf: Archive, query: str, filters: Filters, wanted: list[tuple[str, int]]
) -> None:
    page = ask(shelf, query, kind="dossiers", filters=filters)
    assert [(hit.code, hit.tier) for hit in page.dossiers] == wanted
    assert (page.records, page.count) == ((), len(wanted))


@pytest.mark.parametrize("few", [0, 40])
@pytest.mark.parametrize("order", ["newest", "relevance"])
@pytest.mark.parametrize("query", ["duong", "đường", "", "khai sinh", "12 QĐ UBND"])
def test_pages_of_answers_join_in_either_order(
    shelf: Archive, query: str, order: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.matches.FEW", few)
    monkeypatch.setattr("storage.matches.TOGETHER", 2)
    whole = numbers(ask(shelf, query, order=order))
    joined: list[int] = []
    after: str | None = None
    while after or not joined:
        page = ask(shelf, query, order=order, limit=1, after=after)
        joined += numbers(page)
        after = page.next
    assert joined == whole


def test_ranking_goes_on_with_older_papers_behind_the_newest(
    shelf: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.matches.RANKED", 2)
    for query in ("duong", ""):
        joined: list[int] = []
        after: str | None = None
        while after or not joined:
            page = ask(shelf, query, order="relevance", limit=1, after=after)
            joined += numbers(page)
            after = page.next
        assert sorted(joined[:2]) == sorted(numbers(ask(shelf, query))[:2])
        assert joined[2:] == numbers(ask(shelf, query))[2:]


def test_facets_count_what_was_found(shelf: Archive) -> None:
    request = SearchRequest(query="duong")
    facets = shelf.facets.count(shelf.search.newest(request, 1_000))

    def told(name: str) -> list[tuple[str, int]]:
        return [(item.value, item.count) for item in getattr(facets, name)]

    assert facets.of == 4
    assert told("agency") == [("H20.03", 3), ("H21.07", 1)]
    assert told("procedure") == [("1.001193", 1)]
    assert told("role") == [("component", 3), ("result", 1)]
    assert told("class_code") == [("GKS", 1), ("GPXD", 1), ("HKD", 1), ("TKHT", 1)]
    assert told("verdict") == [("TOTAL-PASSED", 3), ("INDETERMINATE", 1)]
    assert told("year") == [("2026", 4)]
    newest = shelf.search.newest(request, 2)
    assert (newest, shelf.facets.count(newest).of) == ([5, 4], 2)
    assert shelf.facets.count([]).agency == ()


_SIGNS = "\"'“”*()-+:^{}\\,.;/ \0\t\ue000\ue001\ue002\u0300\u0323aĐưốUỶ12_NEAROT한ß²"


def hostile(draw: random.Random) -> str:
    length = draw.choice((1, 5, 40, 600))
    if draw.random() < 0.5:
        return "".join(draw.choices(_SIGNS, k=length))
    letters = (chr(draw.randrange(1, 0x3000)) for _ in range(length))
    return "".join(letter for letter in letters if not "\ud800" <= letter <= "\udfff")


def throw(shelf: Archive, count: int, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(count):
        query = hostile(draw)
        kind = draw.choice(("papers", "dossiers"))
        order = draw.choice(("newest", "relevance"))
        manner = {"near": draw.random() < 0.2, "overlay": draw.random() < 0.5}
        page = ask(shelf, query, kind=kind, order=order, **manner)
        assert page.count <= len(PAPERS)


def test_no_hostile_string_fails_a_search(shelf: Archive) -> None:
    throw(shelf, 300, 1)


@pytest.mark.soak
def test_none_of_twenty_thousand_hostile_strings_fails_a_search(shelf: Archive) -> None:
    throw(shelf, 20_000, 2)

"""Kinds of paper, roles and events: closed lists that records are kept by."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from itertools import combinations
from pathlib import Path

import pytest

from config.tables import SettingsError
from config.vietnamese import fold
from config.vocabulary import DocumentClass, EventType, Role, load_classes

CLASSES = load_classes()
by_class = pytest.mark.parametrize("item", CLASSES.items, ids=lambda item: item.code)

# NĐ 30/2020/NĐ-CP Phụ lục III: the 29 types; letters (công văn, thư công) bear no symbol.
TYPES = {
    "NQ": "NQ", "QD": "QĐ", "CT": "CT", "QC": "QC", "QYD": "QyĐ", "TC": "TC", "TB": "TB",
    "HD": "HD", "CTR": "CTr", "KH": "KH", "PA": "PA", "DEAN": "ĐA", "DUAN": "DA", "BC": "BC",
    "BB": "BB", "TTR": "TTr", "HOPD": "HĐ", "CV": "", "CD": "CĐ", "GN": "GN", "TTH": "TTh",
    "GUQ": "GUQ", "GM": "GM", "GGT": "GGT", "NP": "NP", "PG": "PG", "PC": "PC", "PB": "PB",
    "THC": "",
}  # fmt: skip
# The forms of civil status, building, environment and labour carry their own.
SECTORS = {"TLKS", "TLKH", "TLKT", "XNTTHN", "GCS", "GPXD", "GPMT", "GPLĐ"}
# What a desk meets beside them.
DESK = {
    "GKS", "TLKS", "TLKH", "GCNKH", "TTHN", "GKT", "GCS", "TLCC", "QDHT", "TKKS", "TKKH", "TKKT",
    "TKTL", "TKTTHN", "CCCD", "CMND", "HC", "CT01", "CT04", "CT06", "CT07", "CT08", "SHK",
    "GCNQSDD", "DDKBD", "DDK", "HDCN", "DKTC", "TLBD", "QDD", "VBTK", "GPXD", "DGPXD", "HKD",
    "DHKD", "GCNDN", "GUQ", "LCCT", "SYLL", "LLTP", "BTXH", "QDTC", "NCC", "BHYT", "VB", "GKSK",
    "THUE", "GTN", "PKS", "PBS", "PTC", "PXL", "TBDGQ", "STD", "GPLD", "TTT", "ATTP", "GPBL",
    "GPMT", "DKMT", "DON",
}  # fmt: skip


@pytest.mark.parametrize(("code", "symbol"), TYPES.items())
def test_the_29_types_of_the_decree_are_there_with_their_symbols(code: str, symbol: str) -> None:
    """NĐ 30/2020/NĐ-CP Điều 7, Phụ lục III; typeName of TT 05/2025/TT-BNV for each."""
    item = CLASSES.find(code)
    assert item is not None
    assert item.symbols == ((symbol,) if symbol else ())
    assert item.type_name != "32"


def test_the_decree_has_29_types_and_each_has_a_type_name_of_its_own() -> None:
    found = [CLASSES.find(code) for code in TYPES]
    assert len(TYPES) == 29
    assert len({item.type_name for item in found if item}) == 29


@pytest.mark.parametrize("code", sorted(DESK))
def test_what_a_desk_meets_is_there(code: str) -> None:
    assert CLASSES.find(code) is not None


def test_maps_and_drawings_ask_for_300_dpi() -> None:
    """TT 05/2025/TT-BNV Điều 8."""
    assert {item.code: item.minimum_dpi for item in CLASSES.items if item.minimum_dpi} == {
        "TLBD": 300
    }


def test_papers_of_a_limited_life_say_so() -> None:
    """NĐ 123/2015/NĐ-CP Điều 23; Luật Căn cước Điều 46; Luật Cư trú Điều 38."""
    assert {item.code: item.validity_months for item in CLASSES.items if item.validity_months} == {
        "TTHN": 6
    }
    assert {item.code: item.invalid_from for item in CLASSES.items if item.invalid_from} == {
        "CMND": dt.date(2025, 1, 1),
        "SHK": dt.date(2023, 1, 1),
    }


def test_health_poverty_record_and_identity_are_sensitive() -> None:
    """Luật 91/2025/QH15, NĐ 356/2025/NĐ-CP."""
    assert {item.code for item in CLASSES.items if item.sensitive} == {
        "LLTP", "CCCD", "CMND", "HC", "BTXH", "QDTC", "NCC", "GKSK",
    }  # fmt: skip


def test_there_are_enough_kinds_and_no_code_twice() -> None:
    codes = [item.code for item in CLASSES.items]
    assert len(codes) >= 20
    assert len(set(codes)) == len(codes)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", CLASSES.version)


@by_class
def test_a_kind_is_written_as_its_file_promises(item: DocumentClass) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9]{1,9}", item.code)
    assert item.name == item.name.strip() != ""
    assert item.role in {"receipt", "component", "any"}
    assert re.fullmatch(r"0[1-9]|[12]\d|3[0-2]", item.type_name)
    assert item.titles or item.words
    for text in (item.name, *item.titles, *item.subjects, *item.symbols, *item.words):
        assert unicodedata.is_normalized("NFC", text)
        assert text == " ".join(text.split())


@by_class
def test_titles_are_printed_in_capitals_and_the_most_specific_comes_first(
    item: DocumentClass,
) -> None:
    assert all(title.isupper() for title in item.titles)
    for earlier, later in combinations(item.titles, 2):
        assert not later.startswith(earlier) or "(" in later


@by_class
def test_a_code_finds_its_kind(item: DocumentClass) -> None:
    assert CLASSES.find(item.code) is item
    assert CLASSES.find(item.code.lower()) is None


def test_no_title_names_two_kinds_but_where_what_it_speaks_of_tells_them_apart() -> None:
    titles = [fold(title) for item in CLASSES.items if not item.subjects for title in item.titles]
    assert len(titles) == len(set(titles))
    for item in CLASSES.items:
        assert not item.subjects or {fold(title) for title in item.titles} <= set(titles)


def test_no_symbol_names_two_kinds() -> None:
    symbols = [symbol.casefold() for item in CLASSES.items for symbol in item.symbols]
    assert len(symbols) == len(set(symbols))
    known = {symbol for item in CLASSES.items for symbol in item.symbols}
    assert known == {symbol for symbol in TYPES.values() if symbol} | SECTORS


def test_one_kind_is_the_receipt() -> None:
    assert [item.code for item in CLASSES.items if item.role == "receipt"] == ["GTN"]


def test_an_unknown_code_finds_nothing() -> None:
    assert CLASSES.find("KHONGCO") is None
    assert CLASSES.find("") is None


def test_the_essential_services_of_the_domain_have_their_papers() -> None:
    """QĐ 06/QĐ-TTg: births, marriages, deaths, residence, land, building, businesses, insurance."""
    wanted = {"GKS", "TKKS", "GCNKH", "TTHN", "GKT", "CCCD", "CT01", "GCNQSDD", "GPXD", "HKD",
              "BHYT", "LLTP", "QD", "CV", "GTN"}  # fmt: skip
    assert wanted <= {item.code for item in CLASSES.items}


def test_events_and_roles_are_words_of_the_standard_once_each() -> None:
    values = [event.value for event in EventType]
    assert len(values) == len(set(values))
    assert all(re.fullmatch(r"[a-z]+( [a-z]+)*", value) for value in values)
    assert {role.value for role in Role} == {"component", "result", "receipt"}


OWN = """\
version = "2026-12-01"

[[class]]
code = "GXNTV"
name = "Giấy xác nhận tạm vắng"
titles = ["GIẤY XÁC NHẬN TẠM VẮNG"]
validity_months = 3

[[add]]
code = "DON"
titles = ["ĐƠN TRÌNH BÀY"]
words = ["Tôi trình bày"]
"""


def _own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "classes.toml"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_an_agency_adds_kinds_and_titles_without_touching_ours(tmp_path: Path) -> None:
    merged = load_classes(_own(tmp_path, OWN))
    assert merged.version == f"{CLASSES.version}+2026-12-01"
    assert merged.items[: len(CLASSES.items)] != CLASSES.items
    added = merged.find("GXNTV")
    assert added is not None
    assert added.validity_months == 3
    ours, theirs = CLASSES.find("DON"), merged.find("DON")
    assert ours is not None
    assert theirs is not None
    assert theirs.titles == (*ours.titles, "ĐƠN TRÌNH BÀY")
    assert theirs.words == (*ours.words, "Tôi trình bày")
    assert load_classes() == CLASSES


def test_a_file_that_the_agency_changes_holds_from_the_next_look_on(tmp_path: Path) -> None:
    path = _own(tmp_path, OWN)
    assert load_classes(path).names["GXNTV"] == "Giấy xác nhận tạm vắng"
    path.write_text(OWN.replace("tạm vắng", "vắng mặt"), encoding="utf-8")
    assert load_classes(path).names["GXNTV"] == "Giấy xác nhận vắng mặt"
    path.unlink()
    assert load_classes(path).names == {item.code: item.name for item in CLASSES.items}


def test_without_a_file_of_the_agency_ours_are_all(tmp_path: Path) -> None:
    assert load_classes(tmp_path / "none.toml") == CLASSES


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('"GXNTV"', '"GKS"', 4, "GKS"),
        ('"GIẤY XÁC NHẬN TẠM VẮNG"', '"GIẤY KHAI SINH"', 6, "GKS"),
        ("validity_months", "validity_month", 7, "validity_months"),
        ('"DON"', '"DONN"', 9, "DON"),
        ("titles = [\"ĐƠN", "title = [\"ĐƠN", 11, "titles"),
        ("[[add]]", "[[ad]]", 9, "add"),
        ("version =", "versoin =", 1, "version"),
        ("name = ", "nome = ", 5, "name"),
        ("= 3", '= "3"', 7, "a whole number"),
    ],
)  # fmt: skip
def test_what_contradicts_ours_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    path = _own(tmp_path, OWN.replace(old, new, 1))
    with pytest.raises(SettingsError) as caught:
        load_classes(path)
    assert f"classes.toml, line {line}:" in caught.value.en
    assert told in caught.value.en


def test_a_shared_title_is_taken_where_what_it_speaks_of_tells_the_kinds_apart(
    tmp_path: Path,
) -> None:
    text = OWN.replace('titles = ["GIẤY XÁC NHẬN TẠM VẮNG"]', 'titles = ["QUYẾT ĐỊNH"]', 1)
    with pytest.raises(SettingsError, match="subjects"):
        load_classes(_own(tmp_path, text))
    spoken = text.replace("validity_months = 3", 'subjects = ["tách thửa"]', 1)
    assert load_classes(_own(tmp_path, spoken)).find("GXNTV") is not None


def test_symbols_that_differ_by_a_stroke_are_two(tmp_path: Path) -> None:
    base = OWN.replace("validity_months = 3", 'symbols = ["{}"]', 1)
    assert load_classes(_own(tmp_path, base.format("BĐ"))).find("GXNTV") is not None
    with pytest.raises(SettingsError, match="TTR"):
        load_classes(_own(tmp_path, base.format("TTr")))

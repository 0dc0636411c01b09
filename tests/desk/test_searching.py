"""`hoso search` and `hoso reindex`, as people and programs see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import Role
from desk.cli.main import main
from storage.archive import open_archive
from tests.desk.shelf import BIRTH, A, B, Shelf, dossier, procedure, spoiled

Hoso = Callable[..., Any]
KQ1 = f"{A}-KQ(1)"


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    root = folder / "tram"
    main(["init", str(root), "--agency", "UBND XÃ THỬ NGHIỆM"])
    with open_archive(root / "archive") as archive:
        shelf = Shelf(archive=archive, folder=folder)
        settled = {**dossier(B, applicant="LÊ VĂN KIÊN"), "settled_at": "2026-11-10"}
        shelf.load(
            {
                "procedures": [procedure(BIRTH)],
                "dossiers": [dossier(A, applicant="PHẠM THỊ LỤA"), settled],
            }
        )
        shelf.file("GKS", Role.RESULT, {"holder": "PHẠM VĂN ÚT"}, place=(A, KQ1))
        shelf.file("TKKS", Role.COMPONENT, place=(B, None))
        shelf.file("CCCD", Role.RESULT, place=("H30.01-261101-0009", None))
    return root


@pytest.fixture
def hoso(
    station: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Hoso:
    monkeypatch.setenv("HOSO_STATION", str(station))

    def run(*arguments: str) -> Any:
        capsys.readouterr()
        assert main(list(arguments)) == 0
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in arguments else out

    return run


def codes(answer: dict[str, Any]) -> list[str]:
    return [record["class"] for record in answer["records"]]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ((), ["CCCD", "TKKS", "GKS"]),
        (("--class", "GKS"), ["GKS"]),
        (("--class", "GKS", "--class", "CCCD"), ["CCCD", "GKS"]),
        (("--role", "component"), ["TKKS"]),
        (("--holder", "Phạm Văn Út"), ["GKS"]),
        (("--dossier", B), ["TKKS"]),
        (("--agency", "H30.01"), ["CCCD"]),
        (("--procedure", BIRTH), ["TKKS", "GKS"]),
        (("--verdict", "TOTAL-FAILED"), []),
        (("--year", "2026"), ["CCCD", "TKKS", "GKS"]),
        (("--near", "--order", "relevance"), ["CCCD", "TKKS", "GKS"]),
    ],
)
def test_options_narrow_a_search(hoso: Hoso, options: tuple[str, ...], wanted: list[str]) -> None:
    answer = hoso("search", "thử nghiệm", *options, "--json")
    assert sorted(codes(answer)) == sorted(wanted)
    assert (answer["count"], answer["behind"], answer["facets"]) == (len(wanted), 0, None)


def test_a_hit_shows_its_line_with_the_words_marked(hoso: Hoso) -> None:
    (record,) = hoso("search", "GKS thu nghiem", "--json")["records"]
    (hit,) = record["hits"]
    assert (hit["page"], hit["line"], hit["text"]) == (1, 1, "giấy GKS thử nghiệm số 1")
    assert [hit["text"][start:end] for start, end in hit["marks"]] == ["GKS", "thử", "nghiệm"]
    assert "tr. 1: giấy «GKS» «thử» «nghiệm» số 1" in hoso("search", "GKS thu nghiem")


def test_facets_are_counted_and_told(hoso: Hoso) -> None:
    answer = hoso("search", "", "--facets", "--json")
    assert answer["facets"]["of"] == 3
    assert answer["facets"]["role"] == [
        {"value": "result", "count": 2},
        {"value": "component", "count": 1},
    ]
    assert "Vai trò, trong 3 giấy tờ mới nhất: result (2), component (1)" in hoso(
        "search", "", "--facets"
    )


def test_dossiers_are_found_by_name(hoso: Hoso) -> None:
    answer = hoso("search", "pham van ut", "--kind", "dossiers", "--json")
    assert [(item["code"], item["papers"]) for item in answer["dossiers"]] == [(A, 1)]
    told = hoso("search", "lê văn kiên", "--kind", "dossiers")
    assert B in told
    assert "1 hồ sơ" in told


def test_what_is_missing_is_listed_both_ways(hoso: Hoso) -> None:
    answer = hoso("search", "--missing", "result", "--json")
    assert [item["code"] for item in answer["dossiers"]] == [B]
    assert [item["dossier_code"] for item in answer["records"]] == ["H30.01-261101-0009"]
    told = hoso("search", "--missing", "result")
    assert "1 hồ sơ đã giải quyết, chưa lưu kết quả" in told
    assert "1 kết quả của hồ sơ chưa có trong sổ" in told


def test_an_index_made_anew_answers_the_same(hoso: Hoso, station: Path) -> None:
    before = hoso("search", "thử nghiệm", "--json")
    assert hoso("reindex", "--json") == {"records": 3, "behind": 0}
    assert hoso("search", "thử nghiệm", "--json") == before
    (station / "archive" / "search.db").write_bytes(b"no database at all")
    assert "3 giấy tờ" in hoso("reindex")
    assert hoso("search", "thử nghiệm", "--json") == before


def test_damaged_rows_are_named_beside_what_can_be_read(hoso: Hoso, station: Path) -> None:
    with open_archive(station / "archive") as archive:
        (first,) = archive.records.of_dossier(B)
        (second,) = archive.records.of_dossier(A)
        with spoiled(archive, "record.filed_at", f"number = {first.number}", "hôm qua"):
            answer = hoso("search", "", "--json")
            assert (len(answer["records"]), answer["damaged"]) == (2, [first.id])
            told = hoso("search", "")
            assert f"HỎNG dòng dữ liệu: {first.id}." in told
            assert "hoso fixity" in told
            shown = hoso("show", B, "--json")
            assert (shown["records"], shown["damaged"]) == ([], [first.id])
            assert first.id in hoso("show", B)
        with spoiled(archive, "dossier.settled_at", f"code = '{B}'", "hôm qua"):
            shown = hoso("show", B, "--json")
            assert shown["dossier"] == {"code": B, "registered": None}
            assert shown["damaged"] == [f"dossier {B}", f"components {B}"]
            assert [paper["id"] for paper in shown["records"]] == [first.id]
            dossiers = hoso("search", "", "--kind", "dossiers", "--json")
            assert dossiers["damaged"] == [B]
            assert A in [item["code"] for item in dossiers["dossiers"]]
            assert hoso("search", "--missing", "result", "--json")["damaged"] == [B]
            (alarm,) = hoso("status", "--json")["alarms"]
            assert (alarm["code"], B in alarm["vi"]) == ("rows_damaged", True)
        (event,) = archive.events.about(second.id).events[:1]
        with spoiled(archive, "event.body", f"seq = {event.seq}", "{"):
            shown = hoso("show", second.id, "--json")
            assert shown["damaged_events"] == [event.seq]
            assert event.seq not in [told["seq"] for told in shown["events"]]
            assert f"sự kiện {event.seq}." in hoso("show", second.id)
    assert hoso("status", "--json")["alarms"] == []

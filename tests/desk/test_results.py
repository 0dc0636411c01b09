"""Results and their register entries, in whatever order they come: no wrong link, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.vocabulary import Role
from desk import results
from desk.accession import AS_COMPONENT
from desk.search_views import view_papers
from desk.views import view
from storage.archive import open_archive
from storage.errors import RegisterFileError
from storage.model import NewLink
from storage.search import SearchRequest
from tests.desk.shelf import BIRTH, MARRIAGE, A, B, Shelf, dossier, procedure

KQ1, KQ2 = f"{A}-KQ(1)", f"{A}-KQ(2)"


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with open_archive(tmp_path / "archive") as archive:
        made = Shelf(archive, tmp_path)
        made.load(
            {
                "procedures": [
                    procedure(BIRTH, ["GKS"], TKKS=True),
                    procedure(MARRIAGE, ["GCNKH"], TKKH=True, GKS=True),
                ],
                "dossiers": [dossier(A), dossier(B, MARRIAGE)],
            }
        )
        yield made


def code_of(shelf: Shelf, number: int, dossier_code: str = A) -> str | None:
    record = shelf.archive.records.newest(50)[-number]
    return next(
        link.procedure_result_code for link in record.links if link.dossier_code == dossier_code
    )


def test_a_result_before_its_entry_waits_and_is_tied_when_the_register_brings_it(
    shelf: Shelf,
) -> None:
    record = shelf.file("GKS", Role.RESULT, {"number": "215", "issue_date": "2026-11-06"})
    waiting = view(record.id, shelf.archive)["links"][0]["waiting"]
    assert waiting["code"] == "result_not_in_register"
    assert shelf.archive.results.count_waiting() == 1
    counted = shelf.bring({"ordinal": 1, "number": "215/2026", "issue_date": "2026-11-06"})
    assert counted.tied == 1
    tied = shelf.again(record)
    assert [link.procedure_result_code for link in tied.links] == [KQ1]
    assert view(record.id, shelf.archive)["links"][0]["waiting"] is None
    assert shelf.archive.results.count_waiting() == 0
    assert shelf.outcomes(record) == ["result_tied"]
    newest = shelf.archive.events.events(record.id)[-1]
    assert newest.detail["record_sha256"] == shelf.archive.records.digest(tied)
    assert newest.actor == "thử nghiệm"


def test_importing_again_ties_nothing_again(shelf: Shelf) -> None:
    record = shelf.file("GKS", Role.RESULT, {"number": "215"})
    assert shelf.bring({"ordinal": 1, "number": "215"}).tied == 1
    assert shelf.bring({"ordinal": 1, "number": "215"}).tied == 0
    assert shelf.outcomes(record) == ["result_tied"]


@pytest.mark.parametrize(
    ("said", "entry", "reason"),
    [
        ({"number": "216"}, {"number": "215"}, "result_number_differs"),
        ({"number": "215", "issue_date": "2026-11-09"},
         {"number": "215", "issue_date": "2026-11-06"}, "result_day_differs"),
        ({}, {"number": "215"}, "result_unclear"),
    ],
)  # fmt: skip
def test_an_entry_that_says_otherwise_is_not_tied_and_says_why(
    shelf: Shelf, said: dict[str, str], entry: dict[str, str], reason: str
) -> None:
    record = shelf.file("GKS", Role.RESULT, said)
    assert shelf.bring({"ordinal": 1, **entry}).tied == 0
    shown = view(record.id, shelf.archive)["links"][0]
    assert (shown["procedure_result_code"], shown["waiting"]["code"]) == (None, reason)


def test_several_results_of_a_dossier_find_their_own_entries(shelf: Shelf) -> None:
    shelf.file("GKS", Role.RESULT, {"number": "216"})
    shelf.file("GKS", Role.RESULT, {"number": "215"})
    entries = ({"ordinal": n, "number": f"{214 + n}"} for n in (1, 2, 3))
    assert shelf.bring(*entries).tied == 2
    assert [code_of(shelf, 1), code_of(shelf, 2)] == [KQ2, KQ1]


def test_of_two_papers_that_may_be_one_entry_neither_is_tied(shelf: Shelf) -> None:
    for _ in range(2):
        shelf.file("GKS", Role.RESULT, {"number": "215"})
    assert shelf.bring({"ordinal": 1, "number": "215"}).tied == 0
    assert [code_of(shelf, 1), code_of(shelf, 2)] == [None, None]


def test_an_entry_that_has_its_paper_takes_no_other(shelf: Shelf) -> None:
    shelf.bring({"ordinal": 1, "number": "215"})
    shelf.file("GKS", Role.RESULT, {"number": "215"}, place=(A, KQ1))
    late = shelf.file("GKS", Role.RESULT, {"number": "215"})
    assert shelf.bring({"ordinal": 1, "number": "215", "holder": "THỬ NGHIỆM"}).tied == 0
    assert view(late.id, shelf.archive)["links"][0]["waiting"]["code"] == "result_taken"


def test_the_same_number_in_another_dossier_is_another_paper(shelf: Shelf) -> None:
    other = shelf.file("GKS", Role.COMPONENT, {"number": "215"}, place=(B, None))
    assert shelf.bring({"ordinal": 1, "number": "215"}).tied == 0
    assert shelf.outcomes(other) == []


def test_a_paper_of_two_dossiers_is_tied_in_its_own(shelf: Shelf) -> None:
    record = shelf.file("GKS", Role.COMPONENT, {"number": "215"}, place=(B, None))
    link = record.links[0]
    shelf.archive.link(
        record.id,
        NewLink(dossier_code=A, role=Role.RESULT),
        actor="thử nghiệm",
        at=record.filed_at,
    )
    assert shelf.bring({"ordinal": 1, "number": "215"}).tied == 1
    tied = shelf.again(record)
    assert [(item.dossier_code, item.role, item.procedure_result_code) for item in tied.links] == [
        (link.dossier_code, Role.COMPONENT, None),
        (A, Role.RESULT, KQ1),
    ]


@pytest.mark.parametrize(
    ("said", "notes", "role"),
    [
        ({"number": "215"}, {}, Role.RESULT),
        ({"number": "215"}, {"role_answer": AS_COMPONENT}, Role.COMPONENT),
        ({"number": "99"}, {}, Role.COMPONENT),
        ({"holder": "TRẦN THỬ NGHIỆM"}, {}, Role.COMPONENT),
    ],
)
def test_a_paper_filed_before_its_procedure_was_known_is_a_result_by_its_very_number_only(
    shelf: Shelf, said: dict[str, str], notes: dict[str, str], role: Role
) -> None:
    record = shelf.file("GKS", Role.COMPONENT, said, notes=notes)
    shelf.bring({"ordinal": 1, "number": "215", "holder": "TRẦN THỬ NGHIỆM"})
    assert shelf.again(record).links[0].role is role


def test_a_receipt_is_never_a_result(shelf: Shelf) -> None:
    record = shelf.file("GKS", Role.RECEIPT, {"number": "215"})
    assert shelf.bring({"ordinal": 1, "number": "215"}).tied == 0
    assert shelf.again(record).links[0].role is Role.RECEIPT


@pytest.mark.parametrize("first", [1, 2])
def test_a_corrected_result_is_superseded_whichever_paper_came_first(
    shelf: Shelf, first: int
) -> None:
    shelf.bring({"ordinal": 1, "number": "215"}, {"ordinal": 2, "number": "300"})
    order = [first, 3 - first]
    codes = {1: KQ1, 2: KQ2}
    papers = {
        n: shelf.file("GKS", Role.RESULT, {"number": str(n)}, place=(A, codes[n])) for n in order
    }
    assert {results.standing(paper, shelf.archive) for paper in papers.values()} == {"valid"}
    shelf.bring({"ordinal": 2, "number": "300", "replaces": 1})
    assert results.standing(papers[1], shelf.archive) == "superseded"
    assert results.standing(papers[2], shelf.archive) == "valid"
    shown = view(papers[2].id, shelf.archive)
    assert shown["supersedes"] == {"id": papers[1].id, "kind": "replacement"}
    assert view(papers[1].id, shelf.archive)["standing"] == "superseded"
    shelf.bring({"ordinal": 2, "number": "300", "replaces": 1, "title": "sửa"})
    assert shelf.outcomes(papers[1]).count("replacement") == 1


def test_a_revoked_result_is_marked_kept_and_found(shelf: Shelf) -> None:
    shelf.bring({"ordinal": 1, "number": "215"})
    record = shelf.file("GKS", Role.RESULT, {"number": "215"}, place=(A, KQ1))
    shelf.bring({"ordinal": 1, "number": "215", "status": "revoked"})
    (hit,) = view_papers(SearchRequest(query="giấy GKS thử nghiệm"), shelf.archive)["records"]
    assert (hit["id"], hit["standing"]) == (record.id, "revoked")
    shown = view(A, shelf.archive)["results"][0]
    assert (shown["status"], shown["record_ids"]) == ("revoked", [record.id])
    shelf.bring({"ordinal": 1, "number": "215", "status": "valid"})
    assert results.standing(record, shelf.archive) == "valid"
    assert shelf.outcomes(record) == ["revoked", "reinstated"]


def test_a_broken_import_ties_nothing(shelf: Shelf) -> None:
    record = shelf.file("GKS", Role.RESULT, {"number": "215"})
    with pytest.raises(RegisterFileError, match="ordinal"):
        shelf.bring({"ordinal": 1, "number": "215"}, {"number": "216"})
    assert shelf.again(record).links[0].procedure_result_code is None


def test_an_import_names_the_kinds_of_paper_that_the_station_does_not_know(shelf: Shelf) -> None:
    counted = shelf.load({"procedures": [procedure("1.000001", ["LA1"], TKKS=True, LA2=True)]})
    assert counted.unknown_classes == ("LA1", "LA2")
    assert shelf.bring({"ordinal": 1}).unknown_classes == ()

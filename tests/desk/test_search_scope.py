"""What a person of one agency is told of papers that also lie in another one's dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import Role
from desk.search_views import view_papers
from storage.archive import Archive, open_archive
from storage.facets import EVERY_VALUE
from storage.model import NewLink
from storage.register import Dossier, RegisterBatch
from storage.search import Filters, SearchRequest
from tests.desk.shelf import AT, A, Shelf

HERE, THERE = "H26.99", "H98.02-261105-0009"
PAPERS = 7
# Numbers of papers that also lie in a dossier of another agency, whose title says «thử xoắn số».
SHARED = (2, 4, 6)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder: Path = tmp_path_factory.mktemp("scope")
    with open_archive(folder / "archive") as archive:
        entry = Dossier(
            code=THERE, title="thử xoắn số 7", procedure_code="9.999999", agency_code="H98.02"
        )
        archive.register.load(RegisterBatch(dossiers=(entry,)))
        shelf = Shelf(archive=archive, folder=folder)
        for number in range(1, PAPERS + 1):
            record = shelf.file("GKS", Role.COMPONENT)
            if number in SHARED:
                link = NewLink(dossier_code=THERE, role=Role.RESULT)
                archive.link(record.id, link, actor="thử nghiệm", at=AT)
        yield archive


def ask(archive: Archive, query: str, **manner: Any) -> dict[str, Any]:
    request = SearchRequest(query=query, filters=Filters(agency=(HERE,)), **manner)
    return view_papers(request, archive, facets=EVERY_VALUE, scope=(HERE,))


def numbers(answer: dict[str, Any]) -> list[int]:
    return [int(record["id"][-2:]) for record in answer["records"]]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("thử nghiệm", [7, 6, 5, 4, 3, 2, 1]),
        ("xoắn", []),
        ("thu* ", [7, 6, 5, 4, 3, 2, 1]),
        ("xoa*", []),
        (THERE, []),
        ("9.999999", []),
        # Both words stand on each paper, but together in that title alone.
        ('"thử số"', []),
        ('"nghiệm số"', [7, 6, 5, 4, 3, 2, 1]),
        ("số 4", [4]),
        # Paper 7 says so itself; of the shared ones only the title in the other place does.
        ("số 7", [7]),
        ('"số 7"', [7]),
        (A, [7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_a_paper_is_found_by_what_its_own_places_say(
    archive: Archive, query: str, wanted: list[int]
) -> None:
    answer = ask(archive, query)
    assert sorted(numbers(answer)) == sorted(wanted)
    assert (answer["count"], answer["more"]) == (len(wanted), False)
    assert answer["facets"]["of"] == len(wanted)


def test_what_is_counted_is_what_was_looked_at(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.search_scope.COUNTED", 3)
    every = ask(archive, "thử nghiệm")
    assert (every["count"], every["more"], every["facets"]["of"]) == (3, True, 3)
    # The newest four are found, one of them by the other place alone: three are left, no more told.
    found = ask(archive, "số 7")
    assert (numbers(found), found["count"], found["more"]) == ([7], 1, False)


def test_older_pages_hide_what_the_newest_do(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.search_scope.COUNTED", 1)
    seen: list[int] = []
    after: str | None = None
    while after is not None or not seen:
        answer = ask(archive, "số 7", limit=1, after=after)
        seen += numbers(answer)
        after = answer["next"]
        assert (answer["count"], answer["more"]) == (1, False)
    assert seen == [7]


@pytest.mark.parametrize(("query", "order"), [("xoắn", "newest"), ("số 7", "relevance")])
def test_neither_a_short_page_nor_a_cursor_tells_that_something_is_hidden(
    archive: Archive, query: str, order: str
) -> None:
    for limit in (1, 2, 20):
        answer = ask(archive, query, order=order, limit=limit)
        assert (len(answer["records"]), answer["next"]) == (answer["count"], None)
    # Shared papers are shown where their own text answers: pages of them are full.
    seen: list[int] = []
    after: str | None = None
    while after is not None or not seen:
        answer = ask(archive, "thử nghiệm", order=order, limit=3, after=after)
        seen += numbers(answer)
        after = answer["next"]
        assert after is None or len(answer["records"]) == 3
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7]

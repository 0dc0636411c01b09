"""Longer phrases: the index knows pairs of words, the texts tell whether they stand in a row."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.vocabulary import Role
from storage.archive import Archive, open_archive
from storage.fold import spellings
from storage.model import NewLink, PageText
from storage.search import SearchPage, SearchRequest
from storage.tiers import EXACT, EXACT_PHRASE, FOLDED, FOLDED_PHRASE
from tests.storage.conftest import AT, make_record

COUNT = 50
# Few words, so that pairs of a phrase often stand apart.
WORDS = ("hồ", "ho", "sơ", "so", "số")


@pytest.fixture(scope="module")
def texts() -> dict[int, list[str]]:
    draw = random.Random(11)
    return {
        number: [" ".join(draw.choices(WORDS, k=draw.randint(1, 7))) for _ in range(2)]
        for number in range(1, COUNT + 1)
    }


@pytest.fixture(scope="module")
def shelf(
    texts: dict[int, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archive]:
    with open_archive(tmp_path_factory.mktemp("matches")) as archive:
        made = replace(make_record(archive, 1), fields=(), title="", class_name="")
        with archive.db.transaction():
            for number, pages in texts.items():
                new = replace(
                    made,
                    id=f"thu-{number}",
                    submission_id=f"nop-{number}",
                    pages=tuple(PageText(number=n, text=text) for n, text in enumerate(pages, 1)),
                )
                link = NewLink(dossier_code=f"H1-{number}", role=Role.COMPONENT)
                archive.records.insert(new, link, AT)
        archive.catch_up()
        yield archive


def ask(shelf: Archive, query: str, **manner: object) -> SearchPage:
    return shelf.search.search(SearchRequest(query=query, **manner))  # type: ignore[arg-type]  # named by each test


def told(page: SearchPage) -> list[tuple[int, int]]:
    return [(hit.tier, int(hit.record_id.removeprefix("thu-"))) for hit in page.records]


def expected(texts: dict[int, list[str]], query: str) -> list[tuple[int, int]]:
    """Return tier and number of what a query must find, from the texts alone."""
    phrase, is_quoted = spellings(query.strip('"')), query.startswith('"')
    found = []
    for number, pages in texts.items():
        tier = tier_of([spellings(page) for page in pages], phrase, is_quoted=is_quoted)
        found += [(tier, number)] if tier else []
    return sorted(found, key=lambda at: (at[0], -at[1]))


def tier_of(
    pages: list[list[tuple[str, str]]], phrase: list[tuple[str, str]], *, is_quoted: bool
) -> int:
    tiers = ((EXACT_PHRASE, EXACT), (FOLDED_PHRASE, FOLDED))
    is_accented = any(exact != folded for exact, folded in phrase)
    for side in (0, 1) if is_accented else (1,):
        words = [pair[side] for pair in phrase]
        held = [[pair[side] for pair in page] for page in pages]
        together, apart = tiers[side]
        if any(stands(words, page) for page in held):
            return apart if is_quoted or len(words) == 1 else together
        if not is_quoted and set(words) <= {word for page in held for word in page}:
            return apart
    return 0


def stands(words: list[str], page: list[str]) -> bool:
    return any(page[at : at + len(words)] == words for at in range(len(page)))


def queries(seed: int, count: int) -> list[str]:
    draw = random.Random(seed)
    drawn = (" ".join(draw.choices(WORDS, k=draw.randint(1, 4))) for _ in range(count))
    return [f'"{query}"' if draw.random() < 0.5 else query for query in drawn]


def find_all(
    shelf: Archive, texts: dict[int, list[str]], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for few in (0, 40):
        monkeypatch.setattr("storage.matches.FEW", few)
        for query in asked:
            wanted = expected(texts, query)
            page = ask(shelf, query, limit=COUNT)
            assert told(page) == wanted, query
            # Beyond a few, a paper with all pairs of a phrase counts too.
            assert page.count == len(wanted) if few else page.count >= len(wanted)
            ranked = told(ask(shelf, query, limit=COUNT, order="relevance"))
            assert [tier for tier, _ in ranked] == [tier for tier, _ in wanted]
            assert sorted(ranked) == sorted(wanted)


def test_what_is_found_is_what_the_texts_say(
    shelf: Archive, texts: dict[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    find_all(shelf, texts, queries(1, 12), monkeypatch)


@pytest.mark.soak
def test_what_is_found_is_what_the_texts_say_of_many_questions(
    shelf: Archive, texts: dict[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    find_all(shelf, texts, queries(2, 3_000), monkeypatch)


@pytest.mark.parametrize("order", ["newest", "relevance"])
@pytest.mark.parametrize("query", ["hồ sơ số", '"ho so so"', "hồ sơ hồ sơ", "so ho so ho"])
def test_pages_of_answers_join_whatever_the_texts_say(
    shelf: Archive, query: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.matches.FEW", 0)
    monkeypatch.setattr("storage.matches.RANKED", 5)
    whole = told(ask(shelf, query, limit=COUNT, order=order))
    joined: list[tuple[int, int]] = []
    after: str | None = None
    while after or not joined:
        page = ask(shelf, query, limit=3, after=after, order=order)
        joined += told(page)
        after = page.next
    assert joined == whole
    assert len(whole) > 6


def test_of_many_papers_the_older_ones_are_taken_by_their_pairs(
    shelf: Archive, texts: dict[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.matches.FEW", 0)
    query = "ho so ho so"
    every = expected(texts, query)
    for read in (1, 4, 1_000):
        monkeypatch.setattr("storage.matches.READ", read)
        page = ask(shelf, query, limit=COUNT)
        # Each once, and none is lost; of words that stand in a row no paper is lower.
        assert sorted(number for _, number in told(page)) == sorted(n for _, n in every)
        assert {n for tier, n in every if tier == FOLDED_PHRASE} <= {
            n for tier, n in told(page) if tier == FOLDED_PHRASE
        }
        # What stands in a tier by its pairs alone is shown where its words are.
        assert all(hit.hits for hit in page.records)
    assert told(page) == every

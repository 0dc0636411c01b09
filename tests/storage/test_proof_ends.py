"""Papers counted and listed by the end of their proof, within agencies, page by page."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.vocabulary import Role
from storage.archive import Archive
from storage.fingerprints import Version
from storage.model import NewLink, Record
from storage.proof_ends import (
    EndingPaper,
    ProofEnds,
    count_ending_before,
    count_proof_ends,
    list_proof_ends,
)
from tests.storage.conftest import AT, make_record

SOON, YEAR = AT + timedelta(days=92), AT + timedelta(days=365)
MOMENTS = (AT, SOON, YEAR)
FIRST = (datetime(1970, 1, 1, tzinfo=UTC), 0)
HERE, THERE = "H15.50", "H26.99"


def file(archive: Archive, n: int, agency: str, *ends: datetime | None) -> Record:
    """File a paper with a signature for each end, in a dossier of an agency."""
    paper = make_record(archive, n)
    (signature,) = paper.signatures
    paper = replace(paper, signatures=tuple(replace(signature, proven_until=end) for end in ends))
    link = NewLink(dossier_code=f"{agency}-261122-{n:04d}", role=Role.RESULT)
    return archive.file(paper, link, actor="desk", at=AT)


def ids(found: list[EndingPaper]) -> list[str]:
    return [paper.id for paper in found]


def test_papers_count_from_the_first_end_of_their_signatures(archive: Archive) -> None:
    later = datetime(2030, 12, 31, 20, tzinfo=UTC)
    file(archive, 1, HERE, AT - timedelta(days=1), later)
    file(archive, 2, HERE, later, AT + timedelta(days=10), None)
    file(archive, 3, HERE, SOON)
    file(archive, 4, THERE, later)
    file(archive, 5, THERE, None)
    file(archive, 6, THERE)
    assert count_proof_ends(archive, (), MOMENTS) == ProofEnds(
        # In Vietnam the last night of 2030 is the first morning of 2031.
        before=(1, 1, 1),
        later=((2031, 1),),
        unknown=1,
        unsigned=1,
    )
    here = count_proof_ends(archive, (HERE,), MOMENTS)
    assert here == ProofEnds(before=(1, 1, 1), later=(), unknown=0, unsigned=0)
    nowhere = count_proof_ends(archive, ("-",), MOMENTS)
    assert nowhere == ProofEnds(before=(0, 0, 0), later=(), unknown=0, unsigned=0)


def test_a_paper_in_two_agencies_is_named_by_the_dossier_that_may_be_told(archive: Archive) -> None:
    shared = file(archive, 1, HERE, SOON)
    code = f"{THERE}-261122-0009"
    archive.link(shared.id, NewLink(dossier_code=code, role=Role.COMPONENT), actor="desk", at=AT)
    for scope, told in (((THERE,), code), ((HERE,), shared.links[0].dossier_code)):
        (found,) = list_proof_ends(archive.db, scope, FIRST, 9)
        assert (found.dossier_code, found.until) == (told, SOON)
        assert sum(count_proof_ends(archive, scope, MOMENTS).before) == 1
    assert len(list_proof_ends(archive.db, (), FIRST, 9)) == 1
    assert list_proof_ends(archive.db, ("H1",), FIRST, 9) == []


@pytest.mark.parametrize(("kind", "left"), [("replacement", 1), ("version", 2)])
def test_what_another_paper_replaced_counts_no_more(archive: Archive, kind: str, left: int) -> None:
    earlier, later = file(archive, 1, HERE, AT), file(archive, 2, HERE, SOON)
    version = Version(record_id=later.id, supersedes=earlier.id, kind=kind, at=AT)  # type: ignore[arg-type]  # both are kinds
    archive.supersede(version, actor="desk")
    assert len(list_proof_ends(archive.db, (), FIRST, 9)) == left
    assert sum(count_proof_ends(archive, (), MOMENTS).before) == left
    assert count_ending_before(archive.db, AT) == 0
    assert count_ending_before(archive.db, AT + timedelta(days=1)) == left - 1
    assert count_ending_before(archive.db, SOON + timedelta(days=1)) == left


def test_pages_follow_one_another_in_the_order_of_the_ends(archive: Archive) -> None:
    rng = random.Random(20261122)
    ends: dict[str, datetime] = {}
    with archive.db.transaction():
        for n in range(1, 16):
            drawn = [AT + timedelta(days=rng.choice((1, 2, 400))) for _ in range(rng.randint(1, 3))]
            paper = file(archive, n, rng.choice((HERE, THERE)), *drawn, None)
            ends[paper.id] = min(drawn)
    found: list[EndingPaper] = []
    after = FIRST
    while page := list_proof_ends(archive.db, (HERE, THERE), after, 4):
        found += page
        after = (page[-1].until, page[-1].number)
    assert ids(found) == sorted(ends, key=lambda each: (ends[each], each))
    assert {paper.id: paper.until for paper in found} == ends
    counted = Counter(end > YEAR for end in ends.values())
    told = count_proof_ends(archive, (), MOMENTS)
    assert told.before == (0, counted[False], 0)
    assert sum(papers for _, papers in told.later) == counted[True]

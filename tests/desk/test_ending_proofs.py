"""The alarm on papers whose proof ends, and the day by which it is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import EvidenceSettings, Settings
from config.vocabulary import Role
from desk.ending_proofs import ending, months_after, told_moments
from desk.moments import now
from desk.station import Station
from storage.archive import open_archive
from storage.model import NewLink
from tests.storage.conftest import make_record


@pytest.mark.parametrize(
    ("at", "months", "day"),
    [
        ("2026-11-22T13:00:00+07:00", 3, "2027-02-22"),
        ("2026-11-30T13:00:00+07:00", 3, "2027-02-28"),
        # The last evening of a month in London is the first morning of the next in Hà Nội.
        ("2026-11-30T20:00:00+00:00", 12, "2027-12-01"),
        ("2026-11-22T13:00:00+07:00", 0, "2026-11-22"),
        ("2026-11-22T13:00:00+07:00", 10**6, "9999-12-31"),
    ],
)
def test_months_are_those_of_the_calendar_here(at: str, months: int, day: str) -> None:
    end = months_after(dt.datetime.fromisoformat(at), months)
    assert end.isoformat() == f"{day}T00:00:00+07:00"


def test_moments_ascend() -> None:
    moments = told_moments(now())
    assert sorted(moments) == list(moments)


def test_what_ends_within_the_months_that_are_set_is_told(tmp_path: Path) -> None:
    def told(months: int) -> str | None:
        settings = Settings(evidence=EvidenceSettings(proof_months=months))
        found = ending(Station(root=tmp_path, settings=settings), archive)
        return found.vi if found else None

    with open_archive(tmp_path / "archive") as archive:
        assert told(1200) is None
        for n, days in enumerate((-5, 60, 60, 3000), start=1):
            paper = make_record(archive, n)
            until = now() + dt.timedelta(days=days)
            signatures = (replace(paper.signatures[0], proven_until=until), *paper.signatures)
            link = NewLink(dossier_code="H26.99-261122-0001", role=Role.COMPONENT)
            archive.file(replace(paper, signatures=signatures), link, actor="desk", at=now())
        for months, count in ((0, 1), (1, 1), (6, 3), (1200, 4)):
            said = told(months)
            assert said is not None
            assert f" {count} giấy tờ" in said

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from config.vocabulary import EventType
from storage.archive import Archive
from storage.fixity import check_some
from storage.log_fixity import NOTHING
from storage.looks import Looks
from storage.model import NewEvent, NewLink
from storage.orphans import is_sweep_due, sweep_orphans
from tests.storage.conftest import NewRecordMaker
from tests.storage.test_objects import flip_a_byte

# Objects of a test are made now; a sweep looks at what is a day old.
NOW = datetime.now().astimezone()
DAY = timedelta(hours=24)
LATER = NOW + 2 * DAY


@pytest.fixture
def looks(archive: Archive) -> Iterator[Looks]:
    with closing(Looks(archive.root)) as opened:
        yield opened


def sweep(archive: Archive, looks: Looks, at: datetime) -> list[str]:
    return sweep_orphans(archive, looks, actor="desk", at=at)


def test_an_orphan_goes_at_the_second_look_a_day_after_the_first(
    archive: Archive, looks: Looks
) -> None:
    orphan = archive.objects.add_bytes(b"left by a crash").sha256
    assert sweep(archive, looks, NOW) == []  # not a day old
    assert sweep(archive, looks, LATER) == []
    assert sweep(archive, looks, LATER + DAY - timedelta(minutes=1)) == []
    assert sweep(archive, looks, LATER + DAY) == [orphan]
    assert not archive.objects.has(orphan)
    assert list(archive.staging.iterdir()) == []
    event = archive.events.events("archive")[-1]
    assert (event.type, event.outcome) == (EventType.DELETION, "orphans")
    assert event.detail == {"objects": [orphan]}


def test_what_a_record_the_ledger_or_an_event_names_stays(
    archive: Archive, looks: Looks, new_record: NewRecordMaker, link: NewLink, at: datetime
) -> None:
    archive.file(new_record(1), link, actor="desk", at=at)
    told = archive.objects.add_bytes(b"an earlier version").sha256
    detail = {"deep": [{"sha256": told}]}
    archive.events.append(
        NewEvent(type=EventType.NORMALIZATION, object="x", actor="desk", at=at, detail=detail)
    )
    before = set(archive.objects)
    for days in range(4):
        assert sweep(archive, looks, LATER + days * DAY) == []
    assert set(archive.objects) == before


def test_what_is_stored_again_or_named_meanwhile_stays(archive: Archive, looks: Looks) -> None:
    again = archive.objects.add_bytes(b"again")
    path = archive.objects.path(again.sha256)
    sweep(archive, looks, LATER)
    os.utime(path, (0, 0))
    archive.objects.add_bytes(b"again")
    assert path.stat().st_mtime > NOW.timestamp() - 60
    assert not archive.objects.remove_unused(again.sha256, NOW.timestamp() - 60)
    assert archive.objects.read(again.sha256) == b"again"
    # Named for a while: the looks begin anew.
    detail = {"sha256": again.sha256}
    named = NewEvent(type=EventType.CAPTURE, object="x", actor="d", at=NOW, detail=detail)
    archive.events.append(named)
    assert sweep(archive, looks, LATER + DAY) == []
    assert looks.unnamed() == {}


def test_a_sweep_is_due_once_a_day(archive: Archive, looks: Looks) -> None:
    assert is_sweep_due(looks, NOW)
    sweep(archive, looks, NOW)
    assert not is_sweep_due(looks, NOW + DAY - timedelta(seconds=1))
    assert is_sweep_due(looks, NOW + DAY)


def test_a_nightly_quota_takes_what_was_not_looked_at_for_longest(
    archive: Archive, looks: Looks
) -> None:
    for n in range(5):
        archive.objects.add_bytes(bytes([n]))
    bad = sorted(archive.objects)[3]
    flip_a_byte(archive.objects.path(bad))
    found = []
    for night in range(3):
        report = check_some(archive, NOTHING, looks, 2, at=NOW + night * DAY)
        assert report.objects == 2
        found += [item.identifier for item in report.findings]
    assert found == [bad]
    assert len(looks.hashed()) == 5


def test_a_night_notices_an_index_that_lost_a_paper(
    archive: Archive, looks: Looks, new_record: NewRecordMaker, link: NewLink, at: datetime
) -> None:
    archive.file(new_record(1), link, actor="desk", at=at)
    archive.file(new_record(2), link, actor="desk", at=at)
    assert check_some(archive, NOTHING, looks, 1, at=NOW).findings == ()
    archive.index_db.execute("DELETE FROM entry WHERE record = 1")
    (finding,) = check_some(archive, NOTHING, looks, 1, at=NOW).findings
    assert (finding.kind, finding.identifier) == ("index", "search.db")

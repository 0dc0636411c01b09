"""What the engine does at its start and once a day goes on beside damaged rows."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config import codec
from config.settings import Settings
from config.vocabulary import Role
from desk import personal
from desk.claims import adopt_strays
from desk.daily_work import DailyWork
from desk.engine.local import work
from desk.founding import found_station
from desk.leftovers import clear_leftovers, finish_filed
from desk.moments import now
from desk.personal import Asked
from desk.releases import waiting_for_release
from desk.services import Services
from desk.sign_sessions import waiting_for
from desk.station import Station, open_station
from desk.status import measure_status
from storage.archive import Archive, open_archive
from storage.model import ObjectRef
from storage.submissions import NewSubmission, Outcome, Submission, SubmissionState
from tests.desk.shelf import A, Shelf, dossier, spoiled

DAY = timedelta(days=1)


def test_a_damaged_row_keeps_the_sweep_waiting_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found_station(tmp_path / "tram", Settings())
    station = open_station(tmp_path / "tram")
    at = now()
    with open_archive(station.archive) as archive:
        shelf = Shelf(archive=archive, folder=tmp_path)
        shelf.load({"dossiers": [dossier(A)]})
        shelf.file("GKS", Role.RESULT)
        orphan = archive.objects.add_bytes("bỏ quên".encode()).sha256
        place: Any = SimpleNamespace(station=station, archive=archive, trust=None, network=None)
        with caplog.at_level(logging.WARNING), spoiled(archive, "record.notes", "true", "{"):
            work = DailyWork(cast(Services, place))
            for day in range(1, 5):
                work.tick(at + day * DAY)
        assert "the sweep: not done" in caplog.text
        assert archive.objects.has(orphan)
        for day in range(5, 8):
            work.tick(at + day * DAY)
        assert not archive.objects.has(orphan)


def test_what_lies_in_staging_of_a_scan_whose_row_is_damaged_is_kept(tmp_path: Path) -> None:
    found_station(tmp_path / "tram", Settings())
    station = open_station(tmp_path / "tram")
    with open_archive(station.archive) as archive:
        for name in ("một", "hai"):
            _claimed(archive, station, name)
            (archive.staging / name).mkdir()
        (archive.staging / "xong").mkdir()
        services: Any = SimpleNamespace(station=station, archive=archive)
        spoils = (("received_at", "hôm qua"), ("state", "đâu đó"), ("id", b"hai\xff"))
        for column, value in spoils:
            with spoiled(archive, f"submission.{column}", "id = 'hai'", value):
                finish_filed(services)
                clear_leftovers(services)
                assert list(adopt_strays(services)) == []
                status = measure_status(station, archive)
                (alarm,) = [item for item in status.alarms if item.code == "rows_damaged"]
                assert "hai" in alarm.vi
        left = {path.name for path in archive.staging.iterdir() if path.is_dir()}
    assert left == {"một", "hai"}


def _claimed(archive: Archive, station: Station, name: str) -> Submission:
    """Claim a scan that lies in the work tray."""
    scan = NewSubmission(
        id=name,
        name=f"{name}.pdf",
        tray_path=f"2-dang-xu-ly/{name}.pdf",
        size_bytes=1,
        received_at=now(),
    )
    (station.work / scan.name).write_bytes(b"x")
    return archive.ledger.claim(scan, "máy")


def _note(archive: Archive, submission_id: str, stage: str, **body: object) -> None:
    archive.ledger.record_outcome(
        Outcome(submission_id=submission_id, paper=1, stage=stage, body=body)
    )


def _named_damaged(station: Station, archive: Archive) -> list[str]:
    alarms = {alarm.code: alarm.vi for alarm in measure_status(station, archive).alarms}
    said = alarms.get("rows_damaged", "")
    return [name for name in ("một", "hai") if name in said]


def test_a_scan_with_a_damaged_row_is_put_aside_and_the_station_goes_on(tmp_path: Path) -> None:
    found_station(tmp_path / "tram", Settings())
    station = open_station(tmp_path / "tram")
    with open_archive(station.archive) as archive:
        item = _claimed(archive, station, "một")
        archive.ledger.record_outcome(
            Outcome(submission_id=item.id, paper=0, stage="aside", body={})
        )
        archive.db.execute("UPDATE outcome SET body = CAST(x'ff41' AS TEXT)")
        services: Any = SimpleNamespace(station=station, archive=archive)
        ending = work(item, services)
        assert ending.state is SubmissionState.IN_ERROR
        assert ending.reason is not None
        assert ending.reason.code == "RowDamaged"
        assert "hoso fixity" in ending.reason.vi
        assert [path.name for path in station.error.glob("*.pdf")] == ["một.pdf"]


@pytest.mark.parametrize("value", [b"\xffA", b"{"])
def test_a_damaged_outcome_hides_no_other_paper_and_none_is_signed_anew(
    tmp_path: Path, value: bytes
) -> None:
    found_station(tmp_path / "tram", Settings())
    station = open_station(tmp_path / "tram")
    pdf = ObjectRef(sha256="1" * 64, sha512="2" * 128, size_bytes=1)
    asked = Asked(pdf=pdf, signer="lan", copied_at=now(), written=())
    with open_archive(station.archive) as archive:
        for name in ("một", "hai"):
            item = _claimed(archive, station, name)
            _note(archive, item.id, "personal_asked", **codec.to_plain(asked))
            _note(archive, item.id, "personal", pdf={})
            _note(archive, item.id, "release_asked", pdf_sha256="1" * 64)
            _note(archive, item.id, "describe", **{"class": "GKS"})
            state = SubmissionState.AWAITING_PERSONAL_SIGNATURE
            archive.ledger.move(item.id, state, at=now())
        archive.ledger.forget_outcomes("hai", ("personal",))
        spoil = "UPDATE outcome SET body = CAST(? AS TEXT) WHERE submission_id = 'một' AND stage "
        archive.db.execute(spoil + "IN ('personal', 'describe')", (value,))
        # Of one it is not known whether it was signed: it is nobody's to sign.
        assert [paper.submission_id for paper in waiting_for(archive)] == ["hai"]
        assert _named_damaged(station, archive) == ["một"]
        assert personal.ask_anew(archive, ()) == 1
        for name in ("một", "hai"):
            archive.ledger.move(name, SubmissionState.AWAITING_RELEASE, at=now())
        assert [paper.submission_id for paper in waiting_for_release(archive)] == ["hai"]
        assert _named_damaged(station, archive) == ["một"]

"""An officer releases PDFs by their digests, naming the key; only those are signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import EventType
from desk.demo import pki
from desk.people import current_person
from desk.station import Station
from storage.submissions import Outcome, SubmissionState
from tests.desk.forked import Done, Forks
from tests.desk.tiny import (
    HALVES,
    archive_of,
    change_settings,
    drop_half,
    make_tiny,
    sign_again,
)


@pytest.fixture(scope="module")
def forks(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with (
        pki.Services(template / "authority"),
        Forks(tmp_path_factory.mktemp("forks")) as made,
    ):
        yield made


@pytest.fixture
def station(template: Path, tmp_path: Path) -> Station:
    made = make_tiny(template, tmp_path / "station", signing={"release": "person"})
    drop_half(made, HALVES[0])
    return made


def run(forks: Forks, station: Station, **options: Any) -> Done:
    return forks.hoso("run", "--once", "--json", "--station", station.root, **options)


def release(forks: Forks, station: Station, *arguments: str, **options: Any) -> Done:
    return forks.hoso("release", *arguments, "--json", "--station", station.root, **options)


def count(station: Station, state: SubmissionState) -> int:
    with archive_of(station) as archive:
        return int(getattr(archive.ledger.counts(), state.value))


def test_a_release_says_who_when_how_many_which_key_which_pdfs_and_where(
    forks: Forks, station: Station
) -> None:
    drop_half(station, HALVES[1])
    assert run(forks, station).code == 0
    key = station.settings.signing.key
    seen = json.loads(release(forks, station).out)
    assert (seen["key"], seen["count"], seen["released"]) == (key, 2, [])
    assert {paper["title"] for paper in seen["waiting"]} == {"GTN", "GCS"}
    assert release(forks, station, "--all", "--key", "khoa-khac.p12").code == 2
    done = json.loads(release(forks, station, "--all", "--key", key).out)
    assert done["released"] == seen["waiting"]
    assert run(forks, station).code == 0
    assert count(station, SubmissionState.FILED) == 2
    with archive_of(station) as archive:
        rows = archive.db.rows("SELECT object FROM event WHERE outcome = 'batch'")
        (batch,) = archive.events.events(rows[0]["object"])
        each = [
            event
            for record in archive.records.newest(9)
            for event in archive.events.events(record.submission_id)
            if event.type is EventType.RELEASE
        ]
    told: Any = batch.detail
    assert (batch.type, batch.actor) == (EventType.RELEASE, current_person())
    assert (told["count"], told["key"]) == (2, key)
    assert told["device"]["host"]
    digests = {paper["pdf_sha256"] for paper in seen["waiting"]}
    assert {paper["pdf_sha256"] for paper in told["papers"]} == digests
    assert {event.detail["pdf_sha256"] for event in each} == digests
    assert {event.detail["batch"] for event in each} == {batch.object}


def test_what_was_made_anew_or_gets_another_key_waits_anew(forks: Forks, station: Station) -> None:
    assert run(forks, station).code == 0
    (waiting,) = json.loads(release(forks, station, "--all").out)["released"]
    with archive_of(station) as archive:
        # Between the officer's word and the engine's act the PDF is made anew.
        archive.ledger.forget_outcomes(waiting["submission_id"], ("release_asked",))
        archive.ledger.record_outcome(
            Outcome(
                submission_id=waiting["submission_id"],
                paper=waiting["paper"],
                stage="release_asked",
                body={"pdf_sha256": "0" * 64, "key": station.settings.signing.key},
            )
        )
    assert run(forks, station).code == 0
    assert count(station, SubmissionState.AWAITING_RELEASE) == 1
    # Released now, but for a key that the station no longer signs with.
    release(forks, station, "--all")
    officer = pki.key_files(station.root / "authority", "officer1")
    change_settings(
        station.root,
        signing={"key": str(officer.pkcs12), "passphrase": str(officer.passphrase)},
    )
    assert run(forks, station).code == 0
    assert count(station, SubmissionState.AWAITING_RELEASE) == 1
    assert json.loads(release(forks, station).out)["key"] == str(officer.pkcs12)


@pytest.mark.soak
def test_kills_around_a_release_release_once_and_file_once(forks: Forks, station: Station) -> None:
    assert run(forks, station).code == 0
    for at in (2, 5):
        release(forks, station, "--all", kill_at=at, kill_before=at == 2)
    run(forks, station, kill_at=12, kill_before=False)
    run(forks, station, kill_at=25)
    release(forks, station, "--all")
    run(forks, station)
    sign_again(forks, station)
    assert run(forks, station).code == 0
    assert count(station, SubmissionState.FILED) == 1
    with archive_of(station) as archive:
        (record,) = archive.records.newest(9)
        kinds = [event.type for event in archive.events.events(record.submission_id)]
    assert kinds.count(EventType.RELEASE) == 1
    assert kinds.count(EventType.SIGNATURE_GENERATION) == 1


@pytest.mark.soak
def test_switching_automatic_release_on_is_an_event(forks: Forks, station: Station) -> None:
    assert run(forks, station).code == 0
    change_settings(station.root, signing={"release": "automatic"})
    drop_half(station, HALVES[1])
    assert run(forks, station).code == 0
    with archive_of(station) as archive:
        settings = [
            event.detail["release"]
            for event in archive.events.events("archive")
            if event.type is EventType.SETTING
        ]
        (record,) = archive.records.newest(9)
        released = [
            event.outcome
            for event in archive.events.events(record.submission_id)
            if event.type is EventType.RELEASE
        ]
    assert settings[-2:] == ["person", "automatic"]
    assert released == ["automatic"]

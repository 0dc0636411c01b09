"""The daily timestamp over the log: asked once a day, kept beside the work, never in its way."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.settings import AgencySettings, EvidenceSettings, Settings, SigningSettings
from desk.anchoring import DailyAnchor
from desk.audits import outside_of
from desk.founding import found_station
from desk.moments import now
from desk.station import Station
from signing.errors import TimestampUnavailable
from storage import anchors
from storage.archive import Archive, open_archive
from storage.fixity import check_log
from storage.heads import load_key
from storage.safe_files import write_whole
from tests.desk.conftest import hoso, hoso_json
from tests.storage.timestamps import Stamper, make_stamper

DAY = timedelta(days=1)


class UnreachableAuthority:
    """A timestamp authority that does not answer."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, sha256: bytes) -> bytes:
        self.asked += 1
        raise TimestampUnavailable("không trả lời", "no answer")


class SlowAuthority:
    """One that answers when it is let."""

    def __init__(self, stamper: Stamper) -> None:
        self.let = threading.Event()
        self._stamper = stamper

    def __call__(self, sha256: bytes) -> bytes:
        self.let.wait()
        return self._stamper(sha256)


@pytest.fixture(scope="module")
def stamper(tmp_path_factory: pytest.TempPathFactory) -> Stamper:
    return make_stamper(tmp_path_factory.mktemp("authority") / "tsa")


@pytest.fixture
def station(tmp_path: Path, stamper: Stamper) -> Station:
    settings = Settings(
        agency=AgencySettings(name="UBND xã THỬ NGHIỆM"),
        signing=SigningSettings(timestamp_url="http://127.0.0.1:9/tsa"),
        evidence=EvidenceSettings(witness="../noi-khac"),
    )
    made = found_station(tmp_path / "station", settings).station
    root = (stamper.folder / "root.pem").read_bytes()
    (made.trust / "timestamping" / "goc.pem").write_bytes(root)
    return made


@pytest.fixture
def archive(station: Station) -> Iterator[Archive]:
    with open_archive(station.archive) as opened:
        yield opened


def settle(anchor: DailyAnchor, at: datetime) -> None:
    anchor.tick(at)
    anchor.close(at, 60.0)


def test_the_log_is_stamped_once_a_day_and_a_witness_leaves_the_building(
    station: Station, archive: Archive, stamper: Stamper, tmp_path: Path
) -> None:
    anchor = DailyAnchor(station, archive, stamper, "desk")
    at = now()
    for moment in (at, at, at + DAY, at + DAY):
        settle(anchor, moment)
    assert len(anchors.read_anchors(archive)) == 2
    assert check_log(archive, outside_of(station)) == ()
    witnesses = sorted((tmp_path / "noi-khac").iterdir())
    assert len(witnesses) == 2
    assert check_log(archive, outside_of(station, witnesses)) == ()


def test_an_authority_that_is_silent_is_asked_again_after_an_hour(
    station: Station, archive: Archive
) -> None:
    silent = UnreachableAuthority()
    anchor = DailyAnchor(station, archive, silent, "desk")
    at = now()
    for minutes in (0, 1, 30, 59, 60, 61):
        settle(anchor, at + timedelta(minutes=minutes))
    assert silent.asked == 2
    assert anchors.read_anchors(archive) == {}


def test_a_slow_authority_stands_in_nobody_s_way(
    station: Station, archive: Archive, stamper: Stamper
) -> None:
    slow = SlowAuthority(stamper)
    anchor = DailyAnchor(station, archive, slow, "desk")
    at = now()
    for _ in range(3):
        anchor.tick(at)
    anchor.close(at, 0.01)
    assert anchors.read_anchors(archive) == {}
    slow.let.set()
    anchor.close(at, 60.0)
    assert len(anchors.read_anchors(archive)) == 1


def test_a_station_without_an_authority_asks_nobody(tmp_path: Path) -> None:
    silent = UnreachableAuthority()
    settings = Settings(agency=AgencySettings(name="UBND xã THỬ NGHIỆM"))
    station = found_station(tmp_path / "station", settings).station
    with open_archive(station.archive) as archive:
        settle(DailyAnchor(station, archive, silent, "desk"), now())
    assert silent.asked == 0


def test_what_the_commands_give_out_is_checked_without_us(
    station: Station, archive: Archive, stamper: Stamper, tmp_path: Path
) -> None:
    settle(DailyAnchor(station, archive, stamper, "desk"), now())
    archive.close()
    root, witness, folder = station.root, tmp_path / "phieu.txt", tmp_path / "goi"
    assert hoso("audit", "witness", witness, "--station", root).returncode == 0
    assert hoso_json("audit", "export", folder, "--station", root)["kind"] == "log"
    verify = hoso("audit", "verify", "--witness", witness, "--station", root)
    assert verify.returncode == 0, verify.stdout
    options = {
        "--witness": witness,
        "--key": root / "keys" / "station.pub",
        "--trust": root / "trust" / "timestamping",
    }
    words = [str(word) for pair in options.items() for word in pair]
    command = [sys.executable, "-I", "-S", str(folder / "kiem-tra.pyz"), str(folder), "--json"]
    run = subprocess.run([*command, *words], capture_output=True, check=False)
    said = json.loads(run.stdout)
    assert said["faults"] == []
    assert [anchor["authority"] for anchor in said["anchors"]] == ["Dau thoi gian THU NGHIEM"]


def test_a_timestamp_is_kept_with_its_event_in_one_step(
    station: Station, archive: Archive, stamper: Stamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the engine and a person that ask at once leave one file and two events."""
    steps = []

    def noted(path: Path, data: bytes) -> None:
        steps.append(archive.db.is_writing)
        write_whole(path, data)

    monkeypatch.setattr(anchors, "write_whole", noted)
    head = archive.sign_head(load_key(station.key), now())
    assert head is not None
    for _ in range(2):
        token = stamper(anchors.head_digest(head))
        anchors.keep_anchor(archive, head, token, actor="desk", at=now())
    assert steps == [True]
    assert len(anchors.told_anchors(archive.db)) == 1

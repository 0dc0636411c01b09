"""SIGKILL, or a full disk, at any step of an export: nothing half, unlogged, or left lying."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.bagging import check_export_bag, export_bag
from desk.bundling import check_bundle, export_bundle
from desk.cli.main import main
from desk.departures import take_out
from desk.eark_checks import check_eark
from desk.eark_exports import export_eark
from desk.exporting import Check, Export, Exported, ExportOrder, hold_against
from desk.moments import now
from desk.station import Station
from storage.archive import Archive, open_archive
from storage.errors import PackageUnusable, TargetNotEmpty
from storage.fixity import check_archive
from storage.heads import load_key
from storage.log_fixity import Outside
from storage.model import Finding
from storage.outsider.package import hash_file
from tests.desk.test_bundling import CODE, make_office
from tests.storage.killed import run_killed

SEED = 20261122
NEVER = 1 << 30
FORMATS: dict[str, tuple[Export, Check]] = {
    "eark": (export_eark, check_eark),
    "bundle": (export_bundle, check_bundle),
    "bagit": (export_bag, check_export_bag),
}
PLACES = ("goi.zip", "moi", "co-san")
"""A ZIP, a folder that is to appear, an empty folder that is there."""


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    return make_office(tmp_path_factory.mktemp("office")).station


@dataclass(frozen=True, slots=True)
class Departure:
    """One way of exporting the dossier of a station into a folder."""

    station: Station
    folder: Path
    format: str
    place: str

    @property
    def target(self) -> Path:
        return self.folder / self.place

    def prepare(self) -> None:
        self.folder.mkdir()
        if self.place == "co-san":
            self.target.mkdir()

    def leave(self, target: Path | None = None) -> Exported:
        order = ExportOrder(
            code=CODE,
            format=self.format,
            package="aip",
            target=target or self.target,
            actor="thử nghiệm",
            at=now(),
        )
        with open_archive(self.station.archive) as archive:
            return take_out(FORMATS[self.format][0], order, self.station, archive)

    def go(self) -> None:
        self.leave()

    def seen(self) -> list[Path]:
        """Return what a person sees where the package goes: files of work begin with a dot."""
        shown = [path for path in self.folder.iterdir() if not path.name.startswith(".")]
        inner = [path for path in shown if path.is_dir() and path.name != "goi"]
        return [
            *(path for path in shown if path.is_file()),
            *(item for path in inner for item in path.iterdir() if item.name[0] != "."),
        ]

    def whole(self) -> Path | None:
        """Return the package that is there and holds together; None where there is none."""
        seen = self.seen()
        if not seen:
            return None
        path = self.target if self.place.endswith(".zip") or len(seen) > 1 else seen[0]
        try:
            return None if FORMATS[self.format][1](path).findings else path
        except PackageUnusable:
            return None

    def left(self) -> list[Path]:
        return [*self.folder.rglob(".hoso-goi-*"), *(self.station.archive / "staging").iterdir()]


def logged(archive: Archive) -> list[Any]:
    (record,) = archive.records.newest(2)
    events = archive.events.events(record.id)
    return [event.detail for event in events if event.outcome == "export"]


def damage(archive: Archive, station: Station) -> tuple[Finding, ...]:
    return check_archive(archive, Outside(key=load_key(station.key).public_key())).findings


def kill_and_check(departure: Departure, kill_at: int) -> None:
    departure.prepare()
    station = departure.station
    with open_archive(station.archive) as archive:
        before = len(logged(archive))
    # A run may take a step fewer than another: then it came to its end.
    assert run_killed(departure.go, kill_at, departure.folder / ".steps") < kill_at
    with open_archive(station.archive) as archive:
        assert damage(archive, station) == ()
        told = logged(archive)[before:]
    package = departure.whole()
    assert package is None or len(told) == 1, "what is there is in the log"
    assert package is not None or departure.seen() == []
    (departure.folder / ".steps").unlink(missing_ok=True)
    departure.leave(departure.target.with_name("lai.zip"))
    if departure.place == "co-san":
        with suppress(TargetNotEmpty):
            departure.leave()
    assert departure.left() == []


def steps_of(departure: Departure) -> int:
    departure.prepare()
    steps = run_killed(departure.go, NEVER, departure.folder / ".steps")
    assert departure.whole() is not None
    assert departure.left() == []
    return steps


# A bundle judges signatures, which is dear; how it leaves is the same.
@pytest.mark.parametrize(("form", "place"), [("eark", "goi.zip"), ("bagit", "co-san")])
def test_a_kill_at_some_steps_of_an_export_leaves_nothing_half(
    form: str, place: str, station: Station, tmp_path: Path
) -> None:
    steps = steps_of(Departure(station, tmp_path / "whole", form, place))
    assert steps > 6
    for kill_at in random.Random(SEED).sample(range(1, steps + 1), 2):
        kill_and_check(Departure(station, tmp_path / str(kill_at), form, place), kill_at)


@pytest.mark.soak
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", FORMATS)
def test_a_kill_at_every_step_of_an_export_leaves_nothing_half(
    form: str, place: str, station: Station, tmp_path: Path
) -> None:
    for kill_at in range(1, steps_of(Departure(station, tmp_path / "whole", form, place)) + 1):
        kill_and_check(Departure(station, tmp_path / str(kill_at), form, place), kill_at)


def test_what_is_there_is_never_written_over(station: Station, tmp_path: Path) -> None:
    departure = Departure(station, tmp_path / "ra", "eark", "goi.zip")
    departure.prepare()
    with open_archive(station.archive) as archive:
        before = logged(archive)
    for name in ("goi.zip", "tep"):
        (departure.folder / name).write_bytes(b"?")
        with pytest.raises(TargetNotEmpty):
            departure.leave(departure.folder / name)
        assert (departure.folder / name).read_bytes() == b"?"
    with open_archive(station.archive) as archive:
        assert logged(archive) == before
    assert departure.left() == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_at_any_file_leaves_nothing(
    form: str, station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    departure = Departure(station, tmp_path / "ra", form, "goi.zip")
    departure.prepare()
    with open_archive(station.archive) as archive:
        before = logged(archive)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", filling(Path.write_bytes, 3))
        with pytest.raises(OSError, match="No space"):
            departure.leave()
    assert departure.seen() == []
    assert departure.left() == []
    with open_archive(station.archive) as archive:
        assert logged(archive) == before
        assert damage(archive, station) == ()


def filling(write: Callable[[Path, bytes], int], room: int) -> Callable[[Path, bytes], int]:
    """Let a disk be full after so many files."""
    written = []

    def filled(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) > room:
            write(path, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, data)

    return filled


@pytest.mark.parametrize("form", FORMATS)
def test_a_changed_list_of_files_is_found_by_the_digest_that_the_log_has(
    form: str, station: Station, tmp_path: Path
) -> None:
    departure = Departure(station, tmp_path / "ra", form, "moi")
    departure.prepare()
    made = departure.leave()
    package, check = made.path, FORMATS[form][1]
    with open_archive(station.archive) as archive:
        told = str(logged(archive)[-1]["sha256"])
    assert told == made.sha256
    assert hold_against(check(package), f" {told.upper()}").findings == ()
    listed = next(path for path in package.rglob("*") if path.is_file() and hash_file(path) == told)
    data = bytearray(listed.read_bytes())
    for position in random.Random(SEED).sample(range(len(data)), 3):
        data[position] ^= 1
        listed.write_bytes(data)
        with suppress(PackageUnusable):
            assert hold_against(check(package), told).findings != (), position
        data[position] ^= 1
    listed.write_bytes(data)
    assert hold_against(check(package), told).findings == ()


def test_a_zip_is_held_against_its_own_digest(station: Station, tmp_path: Path) -> None:
    departure = Departure(station, tmp_path / "ra", "eark", "goi.zip")
    departure.prepare()
    made = departure.leave()
    checked = check_eark(made.path)
    assert made.sha256 != checked.sha256
    for known in (made.sha256, checked.sha256):
        assert hold_against(checked, known).findings == ()
    (fault,) = hold_against(checked, "0" * 64).findings
    assert (fault.kind, fault.path) == ("changed", "goi.zip")


def test_a_digest_for_no_check_is_refused_before_anything_leaves(
    station: Station, tmp_path: Path
) -> None:
    target = tmp_path / "goi"
    words = ["export", CODE, "--format", "bagit", "--out", str(target), "--sha256", "0" * 64]
    assert main([*words, "--station", str(station.root)]) == 2
    assert not target.exists()

"""A person's name and number go through a whole station, and stay where they belong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ImageDraw, ImageFont

from config.vietnamese import fold
from desk.cli.running import _print_ending
from desk.demo import pki
from desk.endings import Ending
from desk.room import as_disk_full
from desk.station import Station
from storage.personal import find_person
from storage.submissions import Reason, SubmissionState
from tests.desk.forked import Done, Forks
from tests.desk.tiny import HALVES, archive_of, drop, half_page, make_tiny, unsure_page

NAME, NUMBER = "ĐẶNG THỊ KÍN THỬ NGHIỆM", "000099123456"
DOSSIER = HALVES[0].partition("/")[0]
FILE = f"{NAME} {NUMBER}"
_FONT = "/usr/share/fonts/truetype/croscore/Tinos-Bold.ttf"
ALLOWED = ("records.db", "search.db", "objects")
"""Parts of the archive that hold what papers say (docs/personal-data.md)."""


def marked_half() -> bytes:
    """Return a half page that is filed, with the person on it."""
    page = half_page(HALVES[0]).copy()
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(_FONT, 22)
    top = page.height - 80
    pen.rectangle((0, top, page.width, page.height), fill="white")
    pen.text((60, top + 6), f"Họ, chữ đệm, tên: {NAME}", font=font, fill="black")
    pen.text((60, top + 40), f"Số định danh cá nhân: {NUMBER}", font=font, fill="black")
    buffer = BytesIO()
    page.save(buffer, "JPEG", dpi=(112, 112), quality=80)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Worked:
    """A station that met the person on every path, and what it printed meanwhile."""

    station: Station
    runs: dict[str, Done]
    work: Path

    def journal(self) -> str:
        """Return what a service's journal keeps: stderr of every command."""
        return "\n".join(done.err for done in self.runs.values())


@pytest.fixture(scope="module")
def worked(
    template: Path, tmp_path_factory: pytest.TempPathFactory, program: Forks
) -> Iterator[Worked]:
    folder = tmp_path_factory.mktemp("nguoi")
    with pki.Services(template / "authority"):
        station = make_tiny(template, folder / "tram", reading={"workers": 1})
        drop(station, f"{DOSSIER}/{FILE}.jpg", marked_half())
        drop(station, f"{NAME}/{FILE} 2.jpg", unsure_page())
        drop(station, f"{NAME}/{FILE} 3.jpg", b"\xff\xd8\xff\xe0 cut off")
        drop(station, f"{NAME}/{FILE} 4.pdf", b"")

        def hoso(*words: str) -> Done:
            return program.hoso(*words, "--station", station.root)

        runs = {"run": hoso("run", "--once")}
        with archive_of(station) as archive:
            (asked,) = archive.ledger.in_state(SubmissionState.TO_CONFIRM)
            (filed,) = archive.records.newest(1)
        said = (f"holder={NAME}", f"personal_number={NUMBER}")
        runs |= {
            "correct": hoso("review", "correct", filed.id, *said),
            "reject": hoso("review", "reject", asked.id, "--reason", f"giấy của {NAME}"),
            "again": hoso("run", "--once"),
            "reuse": hoso("reuse", "--owner", NUMBER),
            "verify": hoso("verify", "--archive"),
            "export": hoso(
                "person", "export", "--id", NUMBER, "--out", str(folder / "ra"), "--reason", NAME
            ),
            "log": hoso("audit", "export", str(folder / "nhat-ky")),
        }
        yield Worked(station, runs, folder)


def leaks(text: str) -> list[str]:
    """Return which of name and number, however spelled, stand in a text."""
    plain = fold(text)
    return [mark for mark in (fold(NAME), NUMBER) if mark in plain]


def files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_the_paths_were_taken_and_the_person_is_in_the_archive(worked: Worked) -> None:
    codes = {name: done.code for name, done in worked.runs.items()}
    # A scan failed; the officer must look at what else has that name.
    assert codes == {**dict.fromkeys(codes, 0), "run": 1, "export": 1}, worked.journal()
    with archive_of(worked.station) as archive:
        states = {item.state for item in archive.ledger.in_state(*SubmissionState)}
        held = find_person(archive, NUMBER)
    assert states >= {
        SubmissionState.FILED, SubmissionState.IN_ERROR, SubmissionState.WITHDRAWN
    }  # fmt: skip
    assert len(held.own) == 1
    assert held.names == (NAME,)


def test_no_event_and_nothing_that_leaves_with_the_log_names_the_person(worked: Worked) -> None:
    with archive_of(worked.station) as archive:
        bodies = [archive.events.body(event.seq).decode() for event in archive.events.events()]
        places = {place.table for place in find_person(archive, NUMBER).places}
    assert [body for body in bodies if leaks(body)] == []
    assert "event" not in places
    assert places <= {"correction", "field", "page", "record", "submission", "outcome"}
    exported = list(files_below(worked.work / "nhat-ky"))
    assert exported
    assert [path for path in exported if leaks(path.read_bytes().decode("utf-8", "ignore"))] == []


def test_no_journal_names_the_person(worked: Worked) -> None:
    assert leaks(worked.journal()) == []
    for name in ("reject", "verify", "export"):
        assert leaks(worked.runs[name].out) == [], name


def test_no_file_of_the_station_names_the_person_but_trays_and_what_holds_papers(
    worked: Worked,
) -> None:
    station = worked.station
    trays = (station.inbox, station.work, station.done, station.error, station.confirm)
    for path in files_below(station.root):
        if any(path.is_relative_to(tray) for tray in trays):
            continue
        inside = path.relative_to(station.root)
        assert leaks(str(inside)) == [], inside
        is_archive = inside.parts[0] == "archive" and inside.parts[1].startswith(ALLOWED)
        if not is_archive:
            assert leaks(path.read_bytes().decode("utf-8", "ignore")) == [], inside
    assert list((station.archive / "staging").iterdir()) == []


def test_temporary_files_never_bear_the_name_of_a_scan(worked: Worked) -> None:
    """What the runs renamed and wrote is traced at each commit; trays alone know names."""
    commits = [line for done in worked.runs.values() for line in done.commits]
    assert any("/archive/staging/" in line for line in commits)
    assert [line for line in commits if "/archive/" in line and leaks(line)] == []


def test_a_service_writes_neither_name_nor_folder_of_a_scan_into_its_journal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reason = Reason(code="DamagedFile", vi=f"Tệp «{FILE}» hỏng", en=FILE)
    _print_ending(
        Ending(
            submission_id="018f0000-0000-7000-8000-000000000001",
            name=FILE,
            folder=NAME,
            state=SubmissionState.IN_ERROR,
            reason=reason,
            records=(),
            seconds=1.0,
        )
    )
    printed = capsys.readouterr().out
    assert leaks(printed) == []
    assert "DamagedFile" in printed


def test_a_full_disk_is_told_by_its_folder() -> None:
    error = OSError(28, os.strerror(28), f"/srv/tram/2-dang-xu-ly/{FILE}.pdf")
    told = as_disk_full(error)
    assert told is not None
    assert leaks(f"{told}") == []
    assert "/srv/tram/2-dang-xu-ly" in told.vi

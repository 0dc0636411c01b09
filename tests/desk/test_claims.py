"""Nothing is taken out of the inbox early, nothing is lost there, nothing is taken for another."""

from __future__ import annotations

import errno
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from config.settings import AgencySettings, IntakeSettings, Settings, SigningSettings
from config.vocabulary import EventType
from desk import inbox, settling, trays
from desk.claims import adopt_strays
from desk.founding import found_station
from desk.inbox import Inbox
from desk.services import Services
from desk.startup import open_services
from desk.wholeness import is_being_written
from storage.submissions import Reason, Submission, SubmissionState

STILL, DOSSIER, PATIENCE = 3.0, 10.0, 600.0
CODE, OTHER = "H26.99-261105-0001", "H26.99-261106-0002"
CUT_OFF = Reason(code="IncompleteFile", vi="bị cắt ngang", en="cut off")


@dataclass(slots=True)
class Desk:
    """An inbox whose clock the test turns."""

    services: Services
    moment: float = 1000.0
    inbox: Inbox = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.services, lambda: self.moment)

    @property
    def folder(self) -> Path:
        return self.services.station.inbox

    def drop(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def after(self, seconds: float) -> list[str]:
        """Let our clock go on, scan, and return the names that were claimed."""
        self.moment += seconds
        return sorted(item.name for item in self.inbox.claim_ready())

    def row(self, name: str) -> Submission:
        states = self.services.archive.ledger.in_state(*SubmissionState)
        return next(item for item in states if item.name == name)


@contextmanager
def opened(root: Path) -> Iterator[Desk]:
    station = found_station(
        root,
        Settings(
            agency=AgencySettings(name="CƠ QUAN THỬ NGHIỆM"),
            intake=IntakeSettings(
                still_seconds=STILL, dossier_seconds=DOSSIER, incomplete_seconds=PATIENCE
            ),
            signing=SigningSettings(personal="off"),
        ),
    ).station
    with open_services(station) as services:
        yield Desk(services)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path / "station") as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One station for many examples, each under a name of its own."""
    with opened(tmp_path_factory.mktemp("shared") / "station") as made:
        yield made


def picture(kind: str) -> bytes:
    buffer = BytesIO()
    noise = Image.effect_noise((60, 80), 90)
    noise.save(buffer, kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}))
    return buffer.getvalue()


def portable_document() -> bytes:
    buffer = BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(3):
            pdf.add_blank_page()
        pdf.save(buffer)
    return buffer.getvalue().rstrip()


WHOLE = {
    "a.pdf": portable_document(),
    "a.tif": picture("TIFF"),
    "a.jpg": picture("JPEG"),
    "a.png": picture("PNG"),
}


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=4))
def test_a_slow_writer_is_never_taken_early(shared: Desk, name: str, cuts: list[float]) -> None:
    data, place = WHOLE[name], f"{shared.moment}-{name}"
    for cut in sorted(cuts):
        shared.drop(place, data[: int(cut * len(data))])
        assert shared.after(0) == []
        assert shared.after(STILL * 10) == [], f"{name} was taken at {cut:.3f} of its length"
    shared.drop(place, data)
    assert shared.after(0) == []
    assert shared.after(STILL / 2) == []
    assert shared.after(STILL) == [place]
    taken = shared.services.station.root / shared.row(place).tray_path
    assert taken.read_bytes() == data


def test_a_file_that_is_still_open_is_not_taken_though_it_looks_whole(desk: Desk) -> None:
    path = desk.drop("a.pdf", WHOLE["a.pdf"])
    with path.open("ab"):
        assert is_being_written(path)
        desk.after(0)
        assert desk.after(STILL * 20) == []
    assert not is_being_written(path)
    assert desk.after(STILL) == ["a.pdf"]


def test_a_writer_that_comes_during_the_question_is_neither_stopped_nor_missed(
    desk: Desk,
) -> None:
    path = desk.drop("a.pdf", b"")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with path.open("ab") as stream:
                stream.write(b"x")

    writer = threading.Thread(target=write)
    writer.start()
    answers = {is_being_written(path) for _ in range(500)}
    stop.set()
    writer.join(timeout=10)
    assert not writer.is_alive()
    assert answers <= {True, False}


@pytest.mark.parametrize("end", [".part", ".tmp", ".partial", ".filepart", ".crdownload"])
def test_a_name_given_at_the_end_is_waited_for(desk: Desk, end: str) -> None:
    half = desk.drop(f"a.pdf{end}", WHOLE["a.pdf"])
    desk.after(0)
    assert desk.after(PATIENCE * 2) == []
    half.rename(desk.folder / "a.pdf")
    assert desk.after(0) == []
    assert desk.after(STILL) == ["a.pdf"]


def test_a_dossier_is_taken_when_all_of_it_is_still_loose_files_singly(desk: Desk) -> None:
    desk.drop(f"{CODE}/1.png", WHOLE["a.png"])
    desk.drop("loose.png", WHOLE["a.png"])
    desk.after(0)
    assert desk.after(STILL) == ["loose.png"]
    desk.drop(f"{CODE}/sub-2.png", WHOLE["a.png"])
    assert desk.after(DOSSIER - STILL) == []
    assert desk.after(DOSSIER - 1) == []
    assert desk.after(1) == ["1.png", "sub-2.png"]


def test_a_dossier_in_a_clerk_s_own_folder_waits_for_itself_alone(desk: Desk) -> None:
    desk.drop(f"Lan/{CODE}/1.png", WHOLE["a.png"])
    desk.after(0)
    desk.drop(f"Lan/{CODE}/GKS/2.png", WHOLE["a.png"])
    desk.after(DOSSIER - 1)
    desk.drop(f"Lan/{OTHER}/3.png", WHOLE["a.png"])
    desk.drop("Lan/4.png", WHOLE["a.png"])
    assert desk.after(1) == []
    assert desk.after(DOSSIER - 1) == ["1.png", "2.png"]
    assert desk.row("2.png").folder == f"Lan/{CODE}/GKS"
    assert desk.after(1) == ["3.png", "4.png"]


def test_one_bad_file_does_not_keep_its_dossier_waiting(desk: Desk) -> None:
    desk.drop(f"{CODE}/good.png", WHOLE["a.png"])
    desk.drop(f"{CODE}/half.png", WHOLE["a.png"][:50])
    desk.after(0)
    assert desk.after(DOSSIER) == ["good.png"]
    assert desk.after(PATIENCE) == ["half.png"]


def test_a_wall_clock_that_jumps_changes_nothing(desk: Desk) -> None:
    for hours in (-1, 1):
        path = desk.drop(f"{hours}.png", WHOLE["a.png"])
        at = path.stat().st_mtime + hours * 3600
        os.utime(path, (at, at))
    desk.after(0)
    assert desk.after(STILL - 0.1) == []
    assert desk.after(0.1) == ["-1.png", "1.png"]


def test_a_file_replaced_during_the_claim_goes_back_and_is_judged_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.drop("a.png", WHOLE["a.png"])
    half, move = WHOLE["a.jpg"][:100], trays.move

    def move_too_late(source: Path, folder: Path) -> Path:
        source.write_bytes(half)  # the printer uses its name again at this very moment
        return move(source, folder)

    desk.after(0)
    with monkeypatch.context() as patch:
        patch.setattr(trays, "move", move_too_late)
        assert desk.after(STILL) == []
    assert path.read_bytes() == half
    assert list(trays.list_scans(desk.services.station.work)) == []
    path.write_bytes(WHOLE["a.jpg"])
    desk.after(0)
    assert desk.after(STILL) == ["a.png"]


def fail(desk: Desk, name: str, reason: Reason = CUT_OFF) -> Path:
    """Let a claimed scan fail as the engine would; return where it lies then."""
    settling.fail(desk.row(name), reason, desk.services)
    return desk.services.station.root / desk.row(name).tray_path


def test_what_becomes_whole_in_the_error_tray_is_taken_up_by_itself(desk: Desk) -> None:
    data = WHOLE["a.pdf"]
    path = desk.drop("a.pdf", data[: len(data) // 2])
    with path.open("ab", buffering=0) as writer:
        desk.after(0)
        assert desk.after(PATIENCE) == ["a.pdf"]
        first = desk.row("a.pdf")
        aside = fail(desk, "a.pdf")
        assert aside.parent == desk.services.station.error
        assert desk.after(60) == []
        assert desk.after(60) == []
        writer.write(data[len(data) // 2 :])
        assert desk.after(60) == []
        assert desk.inbox.waiting == 1
        assert desk.after(STILL) == [], "its writer has it open"
    assert desk.after(STILL) == ["a.pdf"]
    again = desk.row("a.pdf")
    assert (again.id, again.state, again.attempts) == (first.id, SubmissionState.IN_WORK, 1)
    assert again.size_bytes == len(data)
    assert not list(desk.services.station.error.iterdir()), "the reason slip is gone"
    events = desk.services.archive.events.events(first.id)
    assert [(e.type, e.outcome) for e in events][-1] == (EventType.UNQUARANTINE, "completed")


def test_a_damaged_scan_is_looked_at_again_only_when_its_bytes_change(desk: Desk) -> None:
    damaged = Reason(code="DamagedFile", vi="hỏng", en="damaged")
    desk.drop("a.png", WHOLE["a.png"])
    desk.after(0)
    desk.after(STILL)
    aside = fail(desk, "a.png", damaged)
    for _ in range(3):
        assert desk.after(60) == []
    aside.write_bytes(WHOLE["a.jpg"])
    desk.after(60)
    assert desk.after(60) == ["a.png"]


def test_a_crash_while_a_completed_scan_is_taken_up_makes_no_second_submission(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.drop("a.pdf", WHOLE["a.pdf"][:100])
    desk.after(0)
    desk.after(PATIENCE)
    aside = fail(desk, "a.pdf")
    aside.write_bytes(WHOLE["a.pdf"])
    desk.after(60)
    first = desk.row("a.pdf").id

    class Crash(BaseException):
        """The process ends here."""

    def crash(scan: Path) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(trays, "remove_slips", crash)
        with pytest.raises(Crash):
            desk.after(60)
    assert [item.id for item in adopt_strays(desk.services)] == [first]


def test_a_vanished_inbox_is_told_and_goes_on_when_it_is_back(desk: Desk) -> None:
    away = desk.folder.with_name("away")
    desk.folder.rename(away)
    assert desk.after(1) == []
    assert [alarm.code for alarm in desk.inbox.alarms] == ["inbox_unreachable"]
    assert desk.inbox.waiting == 0
    away.rename(desk.folder)
    desk.drop("a.png", WHOLE["a.png"])
    desk.after(1)
    assert desk.inbox.alarms == ()
    assert desk.after(STILL) == ["a.png"]


@pytest.mark.parametrize("cause", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EIO, 9999])
def test_a_file_that_cannot_be_taken_out_is_told_and_taken_when_it_can(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, cause: int
) -> None:
    path = desk.drop("a.png", WHOLE["a.png"])

    def refuse(source: Path, folder: Path) -> Path:
        raise OSError(cause, os.strerror(cause), str(source))

    desk.after(0)
    with monkeypatch.context() as patch:
        patch.setattr(trays, "move", refuse)
        assert desk.after(STILL) == []
        assert [alarm.code for alarm in desk.inbox.alarms] == ["inbox_closed"]
        assert desk.inbox.waiting == 1
        assert desk.after(PATIENCE) == []
        assert desk.inbox.waiting == 0, "`run --once` does not wait for ever"
    assert path.exists()
    assert desk.after(STILL) == ["a.png"]
    assert desk.inbox.alarms == ()


def test_a_file_that_cannot_be_read_stays_and_is_told_without_its_name(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.drop("nguyen-van-a.png", WHOLE["a.png"])
    desk.drop("b.png", WHOLE["a.png"])

    def refuse(place: Path) -> bool:
        if place == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return False

    desk.after(0)
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "is_being_written", refuse)
        assert desk.after(STILL) == ["b.png"]
        assert desk.after(PATIENCE) == []
        (alarm,) = desk.inbox.alarms
        assert alarm.code == "scan_unreadable"
        assert "không có quyền" in alarm.vi
        assert "nguyen-van-a" not in alarm.vi + alarm.en
    assert desk.after(STILL) == ["nguyen-van-a.png"]


def test_an_inbox_on_another_volume_is_emptied_too(desk: Desk) -> None:
    elsewhere = Path("/dev/shm")  # noqa: S108  # another volume on every Linux
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == desk.folder.stat().st_dev:
        pytest.skip("there is no second volume here")
    source = elsewhere / f"hoso-{os.getpid()}-a.png"
    source.write_bytes(WHOLE["a.png"])
    try:
        moved = trays.move(source, desk.services.station.work)
        assert moved.read_bytes() == WHOLE["a.png"]
        assert not source.exists()
        assert [path.name for path in desk.services.station.work.iterdir()] == [source.name]
    finally:
        source.unlink(missing_ok=True)


def test_put_back_never_replaces_what_came_meanwhile(tmp_path: Path) -> None:
    moved, source = tmp_path / "moved.png", tmp_path / "a.png"
    moved.write_bytes(b"old")
    source.write_bytes(b"new")
    assert not trays.put_back(moved, source)
    assert (moved.read_bytes(), source.read_bytes()) == (b"old", b"new")


def burst(desk: Desk, count: int) -> int:
    """Drop files at once and claim them; return how many rounds it took."""
    for number in range(count):
        (desk.folder / f"{number:05}.jpg").write_bytes(WHOLE["a.jpg"] + b"%d" % number)
    desk.after(0)
    desk.moment += STILL
    claimed, rounds = 0, 0
    while claimed < count:
        got = desk.inbox.claim_ready()
        assert got, f"{claimed} of {count} were claimed, then no more"
        claimed, rounds = claimed + len(got), rounds + 1
    assert desk.inbox.waiting == 0
    rows = desk.services.archive.ledger.unfinished()
    assert len({item.name for item in rows}) == len(rows) == count
    assert len(list(desk.services.station.work.iterdir())) == count
    return rounds


def test_a_burst_of_five_hundred_is_claimed_whole(desk: Desk) -> None:
    burst(desk, 500)


@pytest.mark.soak
def test_a_burst_of_twenty_thousand_is_claimed_whole_in_bounded_memory(desk: Desk) -> None:
    burst(desk, 20_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 300_000, "kB"


def test_the_workers_are_not_kept_waiting_by_a_burst(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_ROUND_SECONDS", 0.0)
    assert burst(desk, 5) == 5

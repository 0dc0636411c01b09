"""Exports into folders: there at once and whole, or not at all, whatever ends them."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from desk import departures
from desk.audits import export_evidence
from desk.departures import whole_folder
from desk.errors import PathUnusable
from desk.person_files import hand_out
from desk.personal_data import FOR_OFFICER, FOR_PERSON, Wanted
from storage.archive import open_archive
from storage.errors import TargetNotEmpty
from storage.outsider.export_checks import Own, check_path
from tests.desk.test_bundling import Office, make_office
from tests.storage.killed import run_killed

SEED = 20261122
NEVER = 1 << 30
PLACES = ("moi", "co-san")
"""A folder that is to appear, an empty folder that is there."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return make_office(tmp_path_factory.mktemp("office"))


def give_log(office: Office, target: Path) -> None:
    with open_archive(office.station.archive) as archive:
        export_evidence(office.station, archive, target, None)


def give_record(office: Office, target: Path) -> None:
    with open_archive(office.station.archive) as archive:
        export_evidence(office.station, archive, target, office.record_id)


def give_person(office: Office, target: Path) -> None:
    wanted = Wanted(
        number="000099000001", reason="đơn THỬ NGHIỆM", actor="a", include=(office.record_id,)
    )
    with open_archive(office.station.archive) as archive:
        hand_out(office.station, archive, wanted, target)


def is_whole_evidence(folder: Path) -> bool:
    return not check_path(folder, Own()).faults


def is_whole_person(folder: Path) -> bool:
    """Tell whether both parts of a person's export are there, each PDF as its list tells."""
    told = json.loads((folder / FOR_PERSON / "du-lieu.json").read_bytes())
    pdfs = [record["pdf"] for record in told["records"]]
    return (
        len(pdfs) == 1
        and all(
            hashlib.sha256((folder / FOR_PERSON / pdf["file"]).read_bytes()).hexdigest()
            == pdf["sha256"]
            for pdf in pdfs
        )
        and {path.name for path in (folder / FOR_OFFICER).iterdir()}
        == {"BIEN-BAN.txt", "can-xem.json"}
        and (folder / FOR_PERSON / "DOC-TRUOC.html").exists()
    )


Give = Callable[[Office, Path], None]
EXPORTS: dict[str, tuple[Give, Callable[[Path], bool], str]] = {
    "log": (give_log, is_whole_evidence, "evidence"),
    "record": (give_record, is_whole_evidence, "evidence"),
    "person": (give_person, is_whole_person, "person_export"),
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """One export of an office into a place in a folder of its own."""

    office: Office
    folder: Path
    form: str
    place: str

    @property
    def target(self) -> Path:
        return self.folder / self.place

    def prepare(self) -> None:
        self.folder.mkdir()
        if self.place == "co-san":
            self.target.mkdir()

    def go(self) -> None:
        EXPORTS[self.form][0](self.office, self.target)

    def is_whole(self) -> bool:
        return EXPORTS[self.form][1](self.target)

    def logged(self) -> int:
        with open_archive(self.office.station.archive) as archive:
            told = archive.events.events()
        return sum(event.outcome == EXPORTS[self.form][2] for event in told)

    def left(self) -> list[Path]:
        return [*self.folder.rglob(".hoso-goi-*")]


def is_there(target: Path) -> bool:
    return target.exists() and any(target.iterdir())


def kill_and_check(leaving: Leaving, kill_at: int) -> None:
    leaving.prepare()
    before = leaving.logged()
    assert run_killed(leaving.go, kill_at, leaving.folder.with_suffix(".steps")) < kill_at
    if is_there(leaving.target):
        assert leaving.is_whole()
        assert leaving.logged() > before, "what is there is in the log"
    # The next one there comes to its end, and clears what was left.
    with suppress(TargetNotEmpty):
        leaving.go()
    assert leaving.is_whole()
    assert leaving.left() == []


def steps_of(leaving: Leaving) -> int:
    leaving.prepare()
    steps = run_killed(leaving.go, NEVER, leaving.folder.with_suffix(".steps"))
    assert leaving.is_whole()
    assert leaving.left() == []
    return steps


@pytest.mark.parametrize(("form", "place"), [("record", "co-san"), ("person", "moi")])
def test_a_kill_at_some_steps_leaves_a_whole_export_or_none(
    form: str, place: str, office: Office, tmp_path: Path
) -> None:
    steps = steps_of(Leaving(office, tmp_path / "whole", form, place))
    assert steps > 6
    # The last ones are about the name; among the others one is like another.
    for kill_at in (*random.Random(SEED).sample(range(1, steps - 2), 1), steps - 1):
        kill_and_check(Leaving(office, tmp_path / str(kill_at), form, place), kill_at)


@pytest.mark.soak
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", EXPORTS)
def test_a_kill_at_every_step_leaves_a_whole_export_or_none(
    form: str, place: str, office: Office, tmp_path: Path
) -> None:
    for kill_at in range(1, steps_of(Leaving(office, tmp_path / "whole", form, place)) + 1):
        kill_and_check(Leaving(office, tmp_path / str(kill_at), form, place), kill_at)


def test_a_folder_that_holds_something_is_left_as_it_is(office: Office, tmp_path: Path) -> None:
    for form in EXPORTS:
        leaving = Leaving(office, tmp_path / form, form, "co-san")
        leaving.prepare()
        before = leaving.logged()
        (leaving.target / "của tôi.txt").write_text("?", encoding="utf-8")
        with pytest.raises(TargetNotEmpty):
            leaving.go()
        assert [path.name for path in leaving.target.iterdir()] == ["của tôi.txt"]
        assert leaving.logged() == before
        assert leaving.left() == []


def test_a_place_where_nothing_can_be_made_is_told_and_nothing_logged(
    office: Office, tmp_path: Path
) -> None:
    leaving = Leaving(office, tmp_path / "ra", "person", "tep/moi")
    leaving.folder.mkdir()
    (leaving.folder / "tep").write_bytes(b"?")
    before = leaving.logged()
    with pytest.raises(PathUnusable, match="tep"):
        leaving.go()
    assert leaving.logged() == before


def test_a_failure_while_the_folder_is_filled_leaves_the_target_as_it_was(tmp_path: Path) -> None:
    def fail(target: Path) -> None:
        with whole_folder(target) as folder:
            (folder / "a").write_bytes(b"a")
            raise OSError(errno.ENOSPC, "No space left on device")

    for target in (tmp_path / "moi", tmp_path / "co-san"):
        (tmp_path / "co-san").mkdir(exist_ok=True)
        with pytest.raises(OSError, match="No space"):
            fail(target)
    assert [path.name for path in tmp_path.rglob("*")] == ["co-san"]


def fill(target: Path, mode: int = 0o755) -> None:
    with whole_folder(target) as folder:
        folder.chmod(mode)
        (folder / "GOI.json").write_bytes(b"{}")
        (folder / "sau").mkdir()
        (folder / "sau" / "b").write_bytes(b"b")


@pytest.mark.parametrize(("was", "made", "is_now"), [(0o700, 0o755, 0o700), (0o755, 0o700, 0o700)])
def test_what_was_closed_to_others_stays_closed(
    tmp_path: Path, was: int, made: int, is_now: int
) -> None:
    target = tmp_path / "co-san"
    target.mkdir()
    target.chmod(was)
    fill(target, made)
    assert stat.S_IMODE(target.stat().st_mode) == is_now


def test_a_folder_that_somebody_stands_in_or_that_gives_a_group_is_filled_and_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing, giving = tmp_path / "dang-dung", tmp_path / "cua-nhom"
    for target in (standing, giving):
        target.mkdir()
    giving.chmod(0o2750)
    known = [target.stat().st_ino for target in (standing, giving)]
    monkeypatch.chdir(standing)
    fill(Path())
    fill(giving)
    assert [target.stat().st_ino for target in (standing, giving)] == known
    for target in (standing, giving):
        assert sorted(path.name for path in target.iterdir()) == ["GOI.json", "sau"]


def test_a_folder_with_a_list_of_rights_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "chia-se"
    target.mkdir()
    known = target.stat().st_ino
    # Not every disk that tests run on keeps such lists.
    monkeypatch.setattr(os, "listxattr", lambda place: ["system.posix_acl_default"])
    fill(target)
    assert target.stat().st_ino == known
    assert sorted(path.name for path in target.iterdir()) == ["GOI.json", "sau"]


def test_behind_a_link_the_next_export_clears_what_a_killed_one_left(tmp_path: Path) -> None:
    far, link = tmp_path / "xa", tmp_path / "gan" / "loi-tat"
    (far / "co-san").mkdir(parents=True)
    link.parent.mkdir()
    link.symlink_to(far / "co-san")
    (far / ".hoso-goi-x" / "work").mkdir(parents=True)
    fill(link)
    assert [path.name for path in far.iterdir()] == ["co-san"]
    assert link.is_symlink()
    assert sorted(path.name for path in link.iterdir()) == ["GOI.json", "sau"]


def test_a_link_to_nowhere_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    link = tmp_path / "loi-tat"
    link.symlink_to(tmp_path / "mat" / "roi")
    with pytest.raises(TargetNotEmpty):
        fill(link)
    assert list(tmp_path.iterdir()) == [link]


def test_a_folder_that_is_closed_to_its_owner_is_never_taken_away(tmp_path: Path) -> None:
    target = tmp_path / "chi-doc"
    target.mkdir()
    target.chmod(0o555)
    known = target.stat().st_ino
    with suppress(PathUnusable):  # root may write there all the same
        fill(target)
    assert target.stat().st_ino == known


def test_files_that_come_one_by_one_lie_under_a_note_until_all_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "dia"
    target.mkdir()
    plain = Path.replace

    def replace(path: Path, place: Path) -> Path:
        if path.name == "GOI.json":
            raise OSError(errno.EIO, "the stick was pulled out")
        return plain(path, place)

    monkeypatch.setattr(departures, "_can_be_replaced", lambda place: False)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(OSError, match="pulled out"):
            fill(target)
    assert sorted(path.name for path in target.iterdir()) == ["CHUA-XUAT-XONG.txt", "sau"]
    note = (target / "CHUA-XUAT-XONG.txt").read_text("utf-8-sig")
    assert "chưa xuất xong" in note
    with pytest.raises(TargetNotEmpty):
        fill(target)

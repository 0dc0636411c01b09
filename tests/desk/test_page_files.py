"""A picture for each page: joined where the names leave no doubt, claimed as one scan."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import page_files
from desk.page_files import group_names, recover_page_files
from desk.startup import open_services
from digitize import bundle
from storage.submissions import Submission, SubmissionState
from tests.desk import batch_papers
from tests.desk.conftest import SmallStation

BIRTH = "H26.99-261105-0001"


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["X_001.jpg", "X_002.jpg", "X_003.jpg"], [("X_001.jpg", "X_002.jpg", "X_003.jpg")]),
        (["X_000.JPG", "X_001.jpeg"], [("X_000.JPG", "X_001.jpeg")]),
        (["X_front.jpg", "X_back.jpg"], [("X_front.jpg", "X_back.jpg")]),
        (["Đơn_truoc.png", "Đơn_sau.png"], [("Đơn_truoc.png", "Đơn_sau.png")]),
        (["X_A.tif", "X_B.tif"], [("X_A.tif", "X_B.tif")]),
        (
            ["X_002_back.jpg", "X_001_front.jpg", "X_002_front.jpg", "X_001_back.jpg"],
            [("X_001_front.jpg", "X_001_back.jpg", "X_002_front.jpg", "X_002_back.jpg")],
        ),
        (
            ["X_front_001.jpg", "X_back_001.jpg", "Y_001.jpg", "Y_002.jpg"],
            [("X_front_001.jpg", "X_back_001.jpg"), ("Y_001.jpg", "Y_002.jpg")],
        ),
        (["SCAN_0001.jpg", "SCAN_0002.jpg"], []),  # a printer's running number
        (["X_001.jpg", "X_003.jpg"], []),
        (["X_002.jpg", "X_003.jpg"], []),
        (["X_001.jpg"], []),
        (["X_001.jpg", "X_002.png"], []),
        (["X_001.jpg", "Y_002.jpg"], []),
        (["X_001.jpg", "X_001.jpeg", "X_002.jpg"], []),
        (["X_front.jpg"], []),
        (["X_001_front.jpg", "X_001_back.jpg", "X_002_front.jpg"], []),
        (["X_front.jpg", "X_sau.jpg"], []),
        (["X_001.pdf", "X_002.pdf"], []),
        (["a.jpg", "b.jpg", "_001.jpg", "_002.jpg"], []),
    ],
)
def test_names_join_only_where_they_leave_no_doubt(
    names: list[str], groups: list[tuple[str, ...]]
) -> None:
    random.Random(7).shuffle(names)
    assert group_names(names) == groups


def drop_pages(small: SmallStation, folder: str = BIRTH) -> dict[str, bytes]:
    """Drop three page files of one paper; return their bytes."""
    place = small.station.inbox / folder
    place.mkdir(parents=True)
    for number in (1, 2, 3):
        image = batch_papers.page(f"Trang {number} của một giấy, thử nghiệm một cửa")
        image.save(place / f"don_00{number}.jpg", dpi=(150, 150))
    return {path.name: path.read_bytes() for path in sorted(place.iterdir())}


def test_page_files_are_one_paper_and_each_comes_out_again(small: SmallStation) -> None:
    dropped = drop_pages(small, f"{BIRTH}")
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM  # drawn pages have no title
    (held,) = small.station.confirm.rglob("*.tar")
    assert held.name == "don (3 trang).tar"
    place = small.station.inbox / BIRTH / "TKKS"
    place.mkdir(parents=True, exist_ok=True)
    held.rename(place / held.name)
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    (record,) = ending.records
    assert (record.page_count, record.original_media_type) == (3, "application/x-tar")
    assert "Trang 3" in record.pages[2].text
    with small.archive() as archive:
        original = archive.objects.path(record.original.sha256)
        members = bundle.list_members(original)
        kept = {m.name: bundle.read_member(original, at) for at, m in enumerate(members)}
    assert kept == dropped


@pytest.mark.parametrize(
    ("folder", "setting", "together"),
    [
        (BIRTH, "join", 3),
        (f"Lan/{BIRTH}/TKKS", "join", 3),
        ("chung", "join", 1),
        (BIRTH, "single", 1),
    ],
)
def test_they_join_in_a_dossiers_folder_only_and_unless_switched_off(
    small: SmallStation, folder: str, setting: str, together: int
) -> None:
    small.set(intake={"page_files": setting})
    drop_pages(small, folder)
    seen = sorted(str(path) for path in small.station.inbox.rglob("*.jpg"))
    with open_services(small.station) as services:
        groups = list(page_files.grouped(seen, seen, services))
        # One page is not ready yet: the others wait for it.
        waiting = list(page_files.grouped(seen[1:], seen, services))
    assert {len(group) for group in groups} == {together}
    assert sum(len(group) for group in waiting) == (0 if together == 3 else 2)


class Killed(BaseException):
    """The power failed."""


def _die(*_: object) -> Submission:
    raise Killed


@pytest.mark.parametrize("step", ["_gather", "_bundle", "register_claim"])
def test_a_kill_while_they_are_gathered_loses_none_and_takes_none_twice(
    small: SmallStation, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    dropped = drop_pages(small)
    names = sorted(dropped)
    first_only: Callable[..., Path] = page_files._gather

    def gather_one(path: Path, looks: dict[str, object], gathering: Path) -> Path:
        if path.name != names[0]:
            raise Killed
        return first_only(path, looks, gathering)

    with monkeypatch.context() as patched:
        patched.setattr(page_files, step, gather_one if step == "_gather" else _die)
        with pytest.raises(Killed):
            small.run()
    with open_services(small.station) as services:
        recover_page_files(services)
    assert not list(small.station.work.rglob(".trang-*"))
    inbox = {path.name: path.read_bytes() for path in small.station.inbox.rglob("*.jpg")}
    bundles = list(small.station.work.rglob("*.tar"))
    assert (inbox == dropped) is not bool(bundles)
    assert (len(inbox), len(bundles)) == ((0, 1) if step == "register_claim" else (3, 0))

"""One paper of a scan is not to be filed: it is left out, the others go on; it can come back."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from config.vocabulary import EventType
from desk import trays
from desk.cli.main import main
from desk.releases import waiting_for_release
from digitize.model import Cover
from storage.submissions import SubmissionState
from tests.desk import batch_papers
from tests.desk.conftest import SmallStation

CODE, OTHER = "H26.99-261105-0001", "H26.99-261106-0002"
PLACE = "Lan/lo.tif"


def ask(small: SmallStation, *words: str) -> Any:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ended = main(["review", *words, "--json", "--station", str(small.station.root)])
    assert ended == 0, printed.getvalue()
    return json.loads(printed.getvalue())


def state_of(small: SmallStation) -> SubmissionState:
    (ending,) = small.run()
    return ending.state


def asked_papers(small: SmallStation) -> list[int]:
    (waiting,) = ask(small)["waiting"]
    return [paper["paper"] for paper in waiting["papers"]]


@pytest.fixture
def two(small: SmallStation, tmp_path: Path) -> str:
    """A scan of two papers of no known kind, both asked about."""
    small.set(signing={"release": "person"})
    sheets = []
    for code in (CODE, OTHER):
        sheets.append(batch_papers.cover(small, tmp_path, Cover(dossier_code=code)))
        sheets.append(batch_papers.page(f"Trang này không nêu tên giấy tờ nào, {code[-4:]}"))
    (small.station.inbox / PLACE).parent.mkdir()
    batch_papers.scan(sheets, small.station.inbox / PLACE)
    (ending,) = small.run()
    assert asked_papers(small) == [1, 2]
    return ending.submission_id


def test_a_rejected_paper_is_left_out_and_the_others_are_filed(
    small: SmallStation, two: str
) -> None:
    ask(small, "confirm", two, "--paper", "1", "--class", "TB")
    assert ask(small, "reject", two, "--paper", "2", "--reason", "Giấy lạc")["paper"] == 2
    assert state_of(small) is SubmissionState.AWAITING_RELEASE
    ask(small, "undo", two)
    assert state_of(small) is SubmissionState.TO_CONFIRM
    assert asked_papers(small) == [2]

    # Asked to be released, taken back, and only then rejected: nobody is shown it any more.
    ask(small, "confirm", two, "--class", "TB")
    assert state_of(small) is SubmissionState.AWAITING_RELEASE
    ask(small, "undo", two)
    assert state_of(small) is SubmissionState.TO_CONFIRM
    ask(small, "reject", two, "--paper", "2", "--reason", "Giấy lạc\x1b[2J")
    # Too late: it was rejected before.
    ask(small, "confirm", two, "--paper", "2", "--class", "TB")
    assert state_of(small) is SubmissionState.AWAITING_RELEASE
    with small.archive() as archive:
        (waiting,) = waiting_for_release(archive)
        rejected = [
            event
            for event in archive.events.events(two)
            if event.type is EventType.UNQUARANTINE and event.outcome == "reject"
        ]
        (*_, act) = archive.corrections.of_submission(two)
    assert waiting.paper == 1
    assert [(event.detail["paper"], event.detail["pages"]) for event in rejected] == [(2, [4])] * 2
    assert rejected[-1].detail["correction_sha256"] == act.digest
    assert (act.act.value, act.paper, act.after["rejected"]) == ("reject", 2, "Giấy lạc [2J")

    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["release", "--all", "--station", str(small.station.root)]) == 0
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    (record,) = ending.records
    assert (record.paper, record.notes["scan_pages"]) == (1, "2")
    assert small.files(small.station.confirm) == small.files(small.station.work) == []
    slip = small.station.done / f"{PLACE}.KET-QUA.txt"
    told = slip.read_text(encoding="utf-8-sig")
    assert "GIẤY 1 (trang 2 của tệp)" in told
    assert "GIẤY 2 (trang 4 của tệp): KHÔNG LƯU" in told
    assert "Giấy lạc [2J" in told


class Killed(BaseException):
    """The power failed."""


def _die(*_: object) -> None:
    raise Killed


def test_without_a_paper_left_the_scan_is_rejected_and_comes_back_step_by_step(
    small: SmallStation, two: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for paper in ("2", "1"):
        ask(small, "reject", two, "--paper", paper, "--reason", f"Không nhận giấy {paper}")
    with monkeypatch.context() as patched:
        patched.setattr(trays, "write_slip", _die)
        with pytest.raises(Killed):
            small.run()
    assert small.files(small.station.error) == [PLACE]
    assert small.run() == []
    assert small.files(small.station.error) == [PLACE, f"{PLACE}.LY-DO.txt"]
    with small.archive() as archive:
        assert archive.ledger.get(two).state is SubmissionState.WITHDRAWN
        assert archive.events.events(two)[-1].type is EventType.WITHDRAWAL
    for left in ([1], [1, 2]):
        ask(small, "undo", two)
        assert state_of(small) is SubmissionState.TO_CONFIRM
        assert asked_papers(small) == left
    assert small.files(small.station.error) == []
    assert small.files(small.station.confirm) == [PLACE, f"{PLACE}.CAN-XAC-NHAN.txt"]

"""Answers that meet: two persons at once, a scan moved twice, a correction made, undone, made."""

from __future__ import annotations

import shutil
import time

import pytest

from desk import virus
from desk.services import Services
from storage.submissions import Submission, SubmissionState
from tests.desk.conftest import SmallStation
from tests.desk.test_review import CODE, OTHER, ask, file_one, held, only_record


def test_of_two_persons_who_answer_at_once_the_last_word_counts_and_both_are_kept(
    small: SmallStation,
) -> None:
    item = held(small)
    ask(small, "confirm", item, "--dossier", CODE, "--class", "TB")
    ask(small, "confirm", item, "--dossier", OTHER, "--class", "TB")
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    assert [link.dossier_code for link in only_record(small).links] == [OTHER]
    with small.archive() as archive:
        told = [one.after["dossier"] for one in archive.corrections.of_submission(item)]
    assert told == [CODE, OTHER]
    assert small.run() == []
    assert ask(small, "reject", item, "--reason", "Đến sau", code=2)["error"]


@pytest.mark.parametrize("slow", ["asked", "copy"])
def test_a_scan_moved_out_of_the_tray_twice_is_one_paper_of_both_dossiers(
    small: SmallStation, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    item = held(small)

    def delayed(other: Submission, _services: Services) -> None:
        if (other.id == item) == (slow == "asked"):
            time.sleep(2.0)  # as a check for viruses takes now and then; the other one overtakes

    monkeypatch.setattr(virus, "require_clean", delayed)
    source = small.station.confirm / "giay.jpg"
    places = [small.station.inbox / code / "TB" for code in (CODE, OTHER)]
    for place in places:
        place.mkdir(parents=True)
        shutil.copy(source, place / "giay.jpg")
    source.unlink()
    endings = small.run()
    assert {ending.state for ending in endings} <= {
        SubmissionState.FILED,
        SubmissionState.DUPLICATE,
    }
    record = only_record(small)
    assert sorted(link.dossier_code for link in record.links) == [CODE, OTHER]
    with small.archive() as archive:
        assert archive.ledger.get(item).state is SubmissionState.FILED
    assert small.files(small.station.confirm) == []


def test_a_correction_is_taken_back_and_made_again_and_each_step_is_kept(
    small: SmallStation,
) -> None:
    record = file_one(small)
    before = {field.name: field.value for field in record.fields}
    values = []
    for words in (
        ("correct", record.id, "subject=Một"),
        ("undo", record.id),
        ("correct", record.id, "subject=Hai"),
    ):
        ask(small, *words)
        small.run()
        after = {field.name: field.value for field in only_record(small).fields}
        values.append(after.get("subject"))
    assert values == ["Một", before.get("subject"), "Hai"]
    with small.archive() as archive:
        acts = [told.act.value for told in archive.corrections.of_record(record.id)]
        assert archive.records.count() == 1
    assert acts == ["correct", "undo", "correct"]

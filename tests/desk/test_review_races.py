"""Answers that meet: two persons at once, a scan moved twice, a correction made, undone, made."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from typing import Any

import pytest

from desk import stages, virus
from desk.endings import Held
from desk.services import Services
from storage.submissions import Reason, Submission, SubmissionState
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
    received = Counter[str]()
    receive = stages.receive

    def counted(other: Submission, services: Services) -> Any:
        received[other.id] += 1
        return receive(other, services)

    def delayed(other: Submission, _services: Services) -> None:
        if (other.id == item) == (slow == "asked"):
            time.sleep(2.0)  # as a check for viruses takes now and then; the other one overtakes

    monkeypatch.setattr(virus, "require_clean", delayed)
    monkeypatch.setattr(stages, "receive", counted)
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
    # Who waits is not opened again and again meanwhile.
    assert max(received.values()) <= 2


def test_a_copy_of_a_scan_that_trouble_holds_waits_with_it_and_no_run_waits_for_both(
    small: SmallStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = held(small)
    source = small.station.confirm / "giay.jpg"
    for code in (CODE, OTHER):
        place = small.station.inbox / code / "TB"
        place.mkdir(parents=True)
        shutil.copy(source, place / "giay.jpg")
    source.unlink()
    scanner = {"is_away": True}

    def away(other: Submission, _services: Services) -> None:
        if other.id == item and scanner["is_away"]:
            reason = Reason(code=virus.WAITS, vi="Chưa hỏi được", en="cannot be asked")
            raise Held(SubmissionState.IN_WORK, reason)

    monkeypatch.setattr(virus, "require_clean", away)
    small.run()
    with small.archive() as archive:
        assert len(archive.ledger.unfinished()) == 2
    scanner["is_away"] = False
    small.run()
    assert sorted(link.dossier_code for link in only_record(small).links) == [CODE, OTHER]


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

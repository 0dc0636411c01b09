"""Pages that share a start of the engine: each gets what is its own, and fails alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytesseract import pytesseract as engine

from digitize import intake, wire, worker
from digitize.errors import RecognitionFailed
from digitize.frames import Picture
from digitize.model import Line
from digitize.ocr import Recognizer, parse_table
from digitize.together import (
    Look,
    joined,
    read_side_by_side,
    read_tables,
    run_in_turns,
    split_table,
)
from digitize.wire import PageJob, PagesJob, PagesRead
from tests.digitize.workbench import LIMITS, RECOGNIZER, broken_engine, save_picture, sheet

ROW = "--psm 7 --dpi 200 -c tessedit_create_tsv=1"
Ask = Callable[[str], str]


def asking(*words: str) -> Callable[[Ask], list[str]]:
    return lambda ask: [ask(word) for word in words]


def test_tasks_ask_together_and_each_gets_its_own_answers() -> None:
    rounds: list[Sequence[str]] = []

    def shout(asked: Sequence[str]) -> list[str]:
        rounds.append(asked)
        return [word.upper() for word in asked]

    found = run_in_turns([asking("a"), asking("b", "c", "d"), asking(), asking("e", "f")], shout)
    assert found == [["A"], ["B", "C", "D"], [], ["E", "F"]]
    assert rounds == [["a", "b", "e"], ["c", "f"], ["d"]]


def test_never_two_tasks_run_at_once() -> None:
    running: list[int] = []

    def task(ask: Ask) -> None:
        for _ in range(20):
            running.append(1)
            assert len(running) == 1
            sum(range(2000))
            running.pop()
            ask("?")

    assert run_in_turns([task] * 4, list) == [None] * 4


def test_a_task_that_fails_fails_alone() -> None:
    def broken(ask: Ask) -> list[str]:
        raise ValueError(ask("hỏng"))

    first, second = run_in_turns([broken, asking("a", "b")], list)
    assert isinstance(first, ValueError)
    assert first.args == ("hỏng",)
    assert second == ["a", "b"]


def test_an_engine_that_fails_is_told_to_every_task_that_waits() -> None:
    def refuse(asked: Sequence[str]) -> list[str]:
        if "b" in asked:
            raise RecognitionFailed("không đọc được", "unreadable")
        return list(asked)

    found = run_in_turns([asking("a"), asking("a", "b"), asking("a", "c")], refuse)
    assert found[0] == ["a"]
    assert [type(item) for item in found[1:]] == [RecognitionFailed] * 2


def rows(*pages: int) -> str:
    body = [f"5\t{page}\t1\t1\t1\t1\t0\t0\t9\t9\t96\tchữ{page}" for page in pages]
    return "\n".join(["head", *body, ""])


def test_a_table_is_split_by_its_pages() -> None:
    first, second = split_table(rows(1, 1, 2), 2)
    assert first.count("chữ1") == 2
    assert second.splitlines() == ["head", rows(2).splitlines()[1]]
    assert split_table("whatever", 1) == ["whatever"]


@pytest.mark.parametrize("table", [rows(1), rows(1, 3), rows(0, 1, 2), "head\nx\ty\tz", ""])
def test_a_table_that_does_not_tell_all_pages_apart_is_refused(table: str) -> None:
    with pytest.raises(RecognitionFailed):
        split_table(table, 2)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the engine was started with."""
    found: list[tuple[Any, ...]] = []
    start = engine.run_tesseract

    def counted(*arguments: Any) -> None:
        found.append(arguments)
        start(*arguments)

    monkeypatch.setattr(engine, "run_tesseract", counted)
    return found


def test_alike_looks_share_a_start_and_read_as_alone(
    tmp_path: Path, starts: list[tuple[Any, ...]]
) -> None:
    looks = [
        Look(recognizer=RECOGNIZER, picture=sheet([text], dpi=100)[:200, :, 0], options=options)
        for text, options in [
            ("ĐƠN XIN THỬ NGHIỆM", "--psm 3 --dpi 100 -c tessedit_create_tsv=1"),
            ("GIẤY KHAI SINH", "--psm 6 --dpi 100 -c tessedit_create_tsv=1"),
            ("QUYẾT ĐỊNH", "--psm 3 --dpi 100 -c tessedit_create_tsv=1"),
        ]
    ]
    together = read_tables(looks, tmp_path)
    assert len(starts) == 2
    assert starts[0][-1] == 2 * RECOGNIZER.page_seconds
    alone = [read_tables([look], tmp_path)[0] for look in looks]
    words = [[row.split("\t")[6:] for row in table.splitlines()[1:]] for table in alone]
    assert [[row.split("\t")[6:] for row in part.splitlines()[1:]] for part in together] == words
    assert "QUYẾT" in together[2]
    assert list(tmp_path.iterdir()) == []


def test_orientation_is_asked_alone(tmp_path: Path, starts: list[tuple[Any, ...]]) -> None:
    def never(look: Look) -> str:
        raise AssertionError(look.options)

    picture = sheet(["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], dpi=100)[:, :, 0]
    joined(RECOGNIZER, never).quarter_turns(picture, 100.0, tmp_path)
    assert [arguments[2] for arguments in starts] == ["osd"]


def test_pages_together_are_read_as_alone_and_a_broken_one_is_left_out(
    tmp_path: Path, starts: list[tuple[Any, ...]]
) -> None:
    jobs = []
    for name in ("ĐƠN XIN THỬ NGHIỆM", "GIẤY ỦY QUYỀN THỬ NGHIỆM"):
        path = save_picture(sheet([name], dpi=70), tmp_path / f"{name}.png")
        received = intake.receive(path, path.name, LIMITS)
        work = tmp_path / name
        work.mkdir()
        jobs.append(
            PageJob(submission=received, number=1, recognizer=RECOGNIZER, work=work, seconds=60.0)
        )
    alone = [worker.run(job) for job in jobs]
    starts.clear()
    gone = replace(jobs[0].submission, path=tmp_path / "khong-co.png")
    wanted = PagesJob(pages=(jobs[0], replace(jobs[0], submission=gone), jobs[1]))
    found = worker.run(wanted)
    assert found == PagesRead(pages=(alone[0], None, alone[1]))
    assert len(starts) < 2 * len(jobs)
    assert [list(job.work.iterdir()) for job in jobs] == [[], []]
    sent = wire.job_of(wire.plain_job(wanted))
    assert sent == wanted
    assert sent.seconds == 180.0


def test_rows_of_a_page_share_a_start_and_an_error_is_raised(
    tmp_path: Path, starts: list[tuple[Any, ...]]
) -> None:
    rows = [sheet([text], dpi=200)[180:260, :, 0] for text in ("TỐI MẬT", "HỎA TỐC", "MẬT")]

    def reading_of(row: Picture) -> Callable[[Recognizer], str]:
        def read(by: Recognizer) -> str:
            return " ".join(line.text for line in by.read_row(row, 200.0, tmp_path))

        return read

    tasks = [reading_of(row) for row in rows]
    together = read_side_by_side(tasks, RECOGNIZER, tmp_path)
    assert len(starts) == 1
    assert together == [task(RECOGNIZER) for task in tasks]
    assert read_side_by_side(tasks[:1], RECOGNIZER, tmp_path) == together[:1]
    assert read_side_by_side([], RECOGNIZER, tmp_path) == []
    too_long = reading_of(np.full((9, 40_000), 255, np.uint8))
    with pytest.raises(RecognitionFailed, match="40000"):
        read_side_by_side([tasks[0], too_long], RECOGNIZER, tmp_path)


def test_rows_of_which_one_makes_the_engine_crash_are_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tesseract 5.3 divides by zero over some rows: the others of that start are lost with it."""
    rows = [sheet([text], dpi=200)[180:260, :, 0] for text in ("TỐI MẬT", "HỎA TỐC", "MẬT")]
    looks = [Look(recognizer=RECOGNIZER, picture=row, options=ROW) for row in rows]
    before = read_tables(looks, tmp_path)
    crash = 'case "$1" in *.txt) kill -FPE $$ ;; esac; exec tesseract "$@"'
    monkeypatch.setattr(engine, "tesseract_cmd", str(broken_engine(tmp_path, crash)))
    after = read_tables(looks, tmp_path)
    assert [parse_table(table, 1.0) for table in after] == [
        parse_table(table, 1.0) for table in before
    ]
    assert all(parse_table(table, 1.0) for table in after)


def test_rows_of_pages_that_are_read_together_are_read_too(
    tmp_path: Path, starts: list[tuple[Any, ...]]
) -> None:
    picture = sheet(["TỐI MẬT"], dpi=200)[180:260, :, 0]

    def read_twice(by: Recognizer) -> list[tuple[Line, ...]]:
        def read(again: Recognizer) -> tuple[Line, ...]:
            return again.read_row(picture, 200.0, tmp_path)

        return read_side_by_side([read, read], by, tmp_path)

    first, second = read_side_by_side([read_twice, read_twice], RECOGNIZER, tmp_path)
    assert first == second
    assert first[0] == RECOGNIZER.read_row(picture, 200.0, tmp_path)
    assert len(starts) == 3, "one for the two rows of each, and the last"

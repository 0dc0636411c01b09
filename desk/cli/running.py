"""`hoso run`: the engine."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from config.codec import to_plain
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.cli.signals import heard
from desk.endings import Ending
from desk.engine.session import run_station
from desk.exit_codes import DONE, INTERRUPTED, LOOK
from desk.health import read_health
from desk.slips import UNREADABLE, VERDICTS
from storage.submissions import SubmissionState

_STATES = {
    SubmissionState.FILED: "đã lưu",
    SubmissionState.DUPLICATE: "đã có, không lưu lại",
    SubmissionState.IN_ERROR: "LỖI, xem thư mục 4",
    SubmissionState.TO_CONFIRM: "cần xác nhận, thư mục 5",
    SubmissionState.AWAITING_RELEASE: "chờ duyệt ký",
    SubmissionState.AWAITING_PERSONAL_SIGNATURE: "chờ cán bộ ký",
    SubmissionState.AWAITING_TIMESTAMP: "chờ dấu thời gian",
    SubmissionState.SECRET: "có dấu mật, đã dừng",
}


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Take `--once`."""
    parser.add_argument("--once", action="store_true", help="xử lý hết rồi dừng")


def run(arguments: argparse.Namespace) -> int:
    """Work on the inbox: until it is empty, or until told to stop."""
    station = station_of(arguments)
    endings: list[Ending] = []
    stop = threading.Event()
    with stop_signals(stop) as received, _progress(arguments, endings) as report:
        run_station(station, report, stop, once=arguments.once)
    if arguments.once:
        _print_endings(endings, arguments)
    if signal.SIGINT in received:
        return INTERRUPTED
    # What the engine could not even take, a file nobody may read for one, needs a person too.
    health = read_health(station.health)
    alarmed = health is not None and bool(health.alarms)
    return LOOK if alarmed or any(ending.needs_person for ending in endings) else DONE


@contextmanager
def stop_signals(stop: threading.Event) -> Iterator[list[int]]:
    """Turn SIGTERM and SIGINT into "no new work"; what is in work is finished."""
    with heard(signal.SIGTERM, signal.SIGINT) as signals:
        signals.call(stop.set)
        yield signals.received


@contextmanager
def _progress(
    arguments: argparse.Namespace, endings: list[Ending]
) -> Iterator[Callable[[Ending], None]]:
    """Collect each ending as it comes, and show it; quiet where nobody watches."""
    if not arguments.once:
        # A service keeps no list of all that it ever did: one line in the journal for each.
        yield _print_ending
        return
    if wants_json(arguments) or not sys.stderr.isatty():
        yield endings.append
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Đang xử lý…", total=None)

        def show(ending: Ending) -> None:
            endings.append(ending)
            done = f"{len(endings)} tệp xong; vừa xong: {ending.name}"
            progress.update(task, description=done)

        yield show


def _print_ending(ending: Ending) -> None:
    reason = f": {ending.reason.code}" if ending.reason else ""
    print_lines([f"{ending.submission_id} {ending.state.value}{reason}"])


def _print_endings(endings: list[Ending], arguments: argparse.Namespace) -> None:
    ordered = sorted(endings, key=lambda ending: (ending.folder, ending.name))
    if wants_json(arguments):
        print_json([_as_json(ending) for ending in ordered])
        return
    headings = ("Tệp", "Loại", "Hồ sơ", "Trang", "Tin cậy", "Giây", "Chữ ký", "Kết thúc")
    print_table("Kết quả xử lý", headings, [_as_row(ending) for ending in ordered])
    print_lines(
        f"{ending.name}: {ending.reason.vi}" for ending in ordered if ending.reason is not None
    )


def _as_json(ending: Ending) -> dict[str, object]:
    return {
        "submission_id": ending.submission_id,
        "name": ending.name,
        "folder": ending.folder,
        "state": ending.state.value,
        "reason": to_plain(ending.reason),
        "record_ids": [record.id for record in ending.records],
        "seconds": round(ending.seconds, 2),
    }


def _as_row(ending: Ending) -> tuple[str, ...]:
    state = _STATES.get(ending.state, ending.state.value)
    if ending.reason is not None and UNREADABLE in ending.reason.code.split("+"):
        state = "KHÔNG ĐỌC ĐƯỢC, thư mục 5"
    seconds = f"{ending.seconds:.1f}"
    if not ending.records:
        return (ending.name, "", ending.folder, "", "", seconds, "", state)
    record = ending.records[0]
    confidence = f"{record.mean_confidence:.0%}" if record.mean_confidence else ""
    return (
        ending.name,
        record.class_code,
        record.links[0].dossier_code,
        str(record.page_count),
        confidence,
        seconds,
        VERDICTS.get(record.verdict, record.verdict),
        state,
    )


RUN = Command(name="run", help="nhận và xử lý bản quét", add_arguments=add_run_arguments, run=run)

"""`hoso dispose`: whose term is over, what is to be destroyed, who decided, and carrying it out."""

from __future__ import annotations

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from config.codec import to_plain
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.disposal import CarriedOut, Disposals, carry_out_batch, decide, list_disposals, propose
from desk.disposal_sets import destroy_listed
from desk.exit_codes import DONE, LOOK
from desk.minutes_pages import save_minutes
from desk.people import current_person
from storage.archive import open_archive
from storage.disposal_values import Batch, Decision

_BATCH_STATES = {
    "proposed": "XEM XÉT HỦY, chờ quyết định",
    "decided": "đã quyết định, chờ thực hiện",
    "destroying": "ĐANG HỦY DỞ, chạy lại carry-out",
    "carried_out": "xong",
}
_YEARS = range(1970, 3000)
_GROUNDS = {"expired": "hết thời hạn", "duplicate": "trùng"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the year."""
    parser.add_argument("--year", type=_year, metavar="NĂM", help="tính đến cuối năm này")


def _year(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) in _YEARS):
        raise argparse.ArgumentTypeError("năm phải ghi bằng bốn chữ số, ví dụ 2030")
    return int(text)


def dispose(arguments: argparse.Namespace) -> int:
    """List what is due for destruction, what is not counted, what is stopped, and the batches."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        listed = list_disposals(station, archive, arguments.year)
    if wants_json(arguments):
        print_json(_plain(listed))
    else:
        _print(listed)
    return DONE


def _plain(listed: Disposals) -> dict[str, Any]:
    return {
        "on": listed.on.isoformat(),
        "rules": listed.rules,
        "due": [
            {
                **to_plain(item.paper),
                "ground": item.paper.ground(listed.on),
                "objection": item.objection,
                "batch": item.batch,
            }
            for item in listed.due
        ],
        "unknown": [{"dossier_code": code, "papers": papers} for code, papers in listed.unknown],
        "holds": [
            {name: to_plain(getattr(stop, name)) for name in ("subject", "ground", "actor", "at")}
            for stop in listed.holds
        ],
        "batches": [_batch(batch) for batch in listed.batches],
        "sets_holding": list(listed.sets_holding),
    }


def _batch(batch: Batch) -> dict[str, Any]:
    return to_plain(batch)  # type: ignore[no-any-return]  # a dataclass becomes an object


def _print(listed: Disposals) -> None:
    headings = ("Mã lưu trữ", "Hồ sơ", "Loại", "Thời hạn", "Kết thúc", "Hết từ", "Căn cứ", "Vướng")
    rows = [
        (
            item.paper.record_id,
            ", ".join(item.paper.dossiers),
            item.paper.class_name,
            item.paper.term.code,
            _day(item.paper.ended_on),
            _day(item.paper.expires_on),
            _GROUNDS[item.paper.ground(listed.on) or "expired"],
            item.batch or item.objection or "",
        )
        for item in listed.due
    ]
    print_table(f"Đến hạn xét hủy, tính đến {_day(listed.on)}", headings, rows)
    if listed.unknown:
        dossiers = [(code, str(papers)) for code, papers in listed.unknown]
        title = "Chưa biết công việc kết thúc ngày nào, không tính thời hạn"
        print_table(title, ("Hồ sơ", "Số giấy tờ"), dossiers)
    if listed.holds:
        stops = [(stop.subject, stop.ground.value, stop.actor) for stop in listed.holds]
        print_table("Tạm dừng hủy", ("Hồ sơ, giấy tờ", "Lý do", "Ai"), stops)
    print_lines([*map(_batch_line, listed.batches), *_holding_lines(listed.sets_holding)])


def _batch_line(batch: Batch) -> str:
    counted = Counter(item.state.value for item in batch.items)
    papers = ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
    return f"Đợt {batch.id}: {_BATCH_STATES[batch.state.value]}. {papers}"


def _day(day: dt.date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else "chưa rõ"


DISPOSE = Command(
    name="dispose", help="hết thời hạn lưu trữ, xét hủy", add_arguments=add_arguments, run=dispose
)


def add_propose_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which papers."""
    parser.add_argument("codes", nargs="*", metavar="MÃ", help="mã lưu trữ hoặc mã hồ sơ")
    parser.add_argument("--all", action="store_true", help="mọi giấy tờ đến hạn và không vướng gì")


def propose_batch(arguments: argparse.Namespace) -> int:
    """Put papers under consideration (xem xét hủy)."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        batch = propose(
            station, archive, arguments.codes, is_all=arguments.all, actor=current_person()
        )
    return _print_one(batch, arguments)


def _print_one(batch: Batch, arguments: argparse.Namespace) -> int:
    if wants_json(arguments):
        print_json(_batch(batch))
    else:
        print_lines([_batch_line(batch)])
    return DONE


PROPOSE = Command(
    name="dispose propose",
    help="đề nghị xét hủy",
    add_arguments=add_propose_arguments,
    run=propose_batch,
)


def _date(text: str) -> dt.date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise argparse.ArgumentTypeError("ngày phải ghi như 22/11/2026 hoặc 2026-11-22")


def words(text: str) -> str:
    """Return what was typed, without blanks around it.

    Raises:
        ArgumentTypeError: it is empty.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("không được để trống")
    return text.strip()


def add_decide_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the batch and the council's decision."""
    add = parser.add_argument
    add("batch", metavar="ĐỢT", help="mã đợt xét hủy")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--approve", action="store_true", help="đồng ý hủy")
    how.add_argument("--keep", action="store_true", help="giữ lại tất cả")
    add(
        "--except",
        dest="kept",
        action="append",
        default=[],
        metavar="MÃ",
        help="giữ riêng giấy này",
    )
    add("--decision", required=True, type=words, metavar="SỐ", help="số, ký hiệu quyết định")
    add("--date", required=True, type=_date, metavar="NGÀY", help="ngày quyết định")
    add(
        "--council",
        required=True,
        action="append",
        type=words,
        metavar="NGƯỜI",
        help="thành viên hội đồng, ghi nhiều lần",
    )


def decide_batch(arguments: argparse.Namespace) -> int:
    """Enter the council's decision, in the name of another person than who proposed."""
    station = station_of(arguments)
    decision = Decision(
        number=arguments.decision, date=arguments.date, council=tuple(arguments.council)
    )
    kept = None if arguments.keep else arguments.kept
    with open_archive(station.archive) as archive:
        batch = decide(archive, arguments.batch, decision, kept, actor=current_person())
    return _print_one(batch, arguments)


DECIDE = Command(
    name="dispose decide",
    help="ghi quyết định của hội đồng",
    add_arguments=add_decide_arguments,
    run=decide_batch,
)


def add_batch_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the batch."""
    parser.add_argument("batch", metavar="ĐỢT", help="mã đợt xét hủy")


def carry_out(arguments: argparse.Namespace) -> int:
    """Destroy what the council decided on; run again where it was cut off."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        done = carry_out_batch(station, archive, arguments.batch, actor=current_person())
    if wants_json(arguments):
        told = {name: list(getattr(done, name)) for name in ("waiting", "sets_holding")}
        print_json({"done": done.is_done, "batch": _batch(done.batch), **told})
    else:
        print_lines(_told(done))
    return DONE if done.is_done else LOOK


def _told(done: CarriedOut) -> list[str]:
    lines = [_batch_line(done.batch)]
    if done.waiting:
        lines.append(
            f"Còn {len(done.waiting)} tệp vừa được thả lại vào trạm; hãy chạy lại lệnh này sau."
        )
    return [*lines, *_holding_lines(done.sets_holding)]


def _holding_lines(folders: Iterable[str]) -> list[str]:
    return [
        f"Bộ sao lưu {folder} còn chứa giấy tờ đã hủy cho đến lần `hoso backup` kế tiếp vào bộ ấy."
        for folder in folders
    ]


CARRY_OUT = Command(
    name="dispose carry-out",
    help="thực hiện hủy",
    add_arguments=add_batch_arguments,
    run=carry_out,
)


def add_minutes_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the batch, and where its minutes go."""
    add_batch_arguments(parser)
    parser.add_argument("--out", type=Path, metavar="TỆP", help="ghi vào tệp này; .pdf: PDF/A")


def minutes(arguments: argparse.Namespace) -> int:
    """Print the minutes of a destruction, or write them into a file."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        batch = archive.disposals.get(arguments.batch)
        data = archive.objects.read(batch.minutes_sha256) if batch.minutes_sha256 else b""
    if arguments.out and data:
        save_minutes(data, batch, station, arguments.out)
    if wants_json(arguments):
        print_json({"batch": batch.id, "sha256": batch.minutes_sha256, "size": len(data)})
    else:
        text = data.decode("utf-8-sig") if data else "Đợt này chưa thực hiện nên chưa có biên bản."
        print_lines(text.splitlines())
    return DONE if data else LOOK


MINUTES = Command(
    name="dispose minutes",
    help="biên bản hủy của một đợt",
    add_arguments=add_minutes_arguments,
    run=minutes,
)


def add_again_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the list."""
    parser.add_argument("list", type=Path, metavar="TỆP", help="DA-HUY.json của bộ sao lưu kia")


def again(arguments: argparse.Namespace) -> int:
    """Destroy again what a restore from an old set brought back."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        count = destroy_listed(station, archive, arguments.list, actor=current_person())
    if wants_json(arguments):
        print_json({"destroyed_again": count})
    else:
        print_lines([f"Đã hủy lại {count} giấy tờ."])
    return DONE


AGAIN = Command(
    name="dispose again",
    help="hủy lại giấy tờ mà bản sao lưu cũ đưa trở lại",
    add_arguments=add_again_arguments,
    run=again,
)

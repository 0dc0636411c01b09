"""`hoso review`: what waits for a person's answer, and the answers; corrections of filed papers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.telling import one_line
from desk.answers import WORDS, Answer
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.damage import damage_lines
from desk.exit_codes import DONE
from desk.moments import show_text
from desk.page_crops import CropOrder, write_crop
from desk.people import current_person, named_person
from desk.review import Asked, Order, ask, find_subject
from desk.review_views import view_filed, view_scan, view_waiting
from desk.revising import Books, books_of
from desk.said_fields import read_assignments
from desk.station import Station
from storage.archive import open_archive
from storage.corrections import Act
from storage.model import Record

_ACTS = {
    "confirm": "xác nhận",
    "correct": "sửa",
    "reject": "từ chối",
    "undo": "hoàn tác",
}


@contextmanager
def _books(arguments: argparse.Namespace) -> Iterator[tuple[Station, Books]]:
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        yield station, books_of(station, archive)


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Take how many are shown."""
    parser.add_argument("--limit", type=int, default=100, metavar="N", help="số bản quét được xem")


def run(arguments: argparse.Namespace) -> int:
    """List what waits for an answer."""
    with _books(arguments) as (_, books):
        shown = view_waiting(books.archive, books.classes, max(1, arguments.limit))
    if wants_json(arguments):
        print_json(shown)
        return DONE
    headings = ("Mã lượt nộp", "Tệp", "Giấy", "Điều cần xác nhận", "Có thể là", "Hồ sơ")
    rows = [row for item in shown["waiting"] for row in _rows(item)]
    print_table(f"{shown['count']} bản quét cần xác nhận", headings, rows)
    print_lines(damage_lines(shown["damaged"], "lượt nộp "))
    if rows:
        print_lines(["Xem kỹ: hoso review show MÃ    Trả lời: hoso review confirm MÃ"])
    return DONE


def _rows(item: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    place = f"{item['folder']}/{item['name']}" if item["folder"] else item["name"]
    if not item["papers"]:
        yield item["id"], place, "cả tệp", _words(item["reason"]), "", ""
    for paper in item["papers"]:
        best = paper["classes"][0] if paper["classes"] else None
        guess = f"{best['code']} ({best['score']:.0%})" if best else ""
        yield (
            item["id"],
            place,
            str(paper["paper"]),
            _words(paper["question"]),
            guess,
            paper["dossier"]["code"] or "",
        )


def _words(reason: dict[str, str] | None) -> str:
    return reason["vi"] if reason else ""


REVIEW = Command(
    name="review", help="xem giấy cần xác nhận", add_arguments=add_list_arguments, run=run
)


def add_show_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which paper, and which picture of it."""
    parser.add_argument("id", metavar="MÃ", help="mã lượt nộp hoặc mã lưu trữ")
    parser.add_argument("--crop", type=Path, metavar="TỆP", help="ghi hình trang ra tệp PNG")
    parser.add_argument("--paper", type=int, default=1, metavar="N", help="giấy thứ mấy của tệp")
    parser.add_argument("--page", type=int, metavar="N", help="trang của giấy; mặc định trang 1")
    parser.add_argument("--field", metavar="TRƯỜNG", help="chỉ vùng có trường này")


def show(arguments: argparse.Namespace) -> int:
    """Show what is asked of a paper, and what was read and said of it."""
    with _books(arguments) as (station, books):
        subject = find_subject(arguments.id, books.archive)
        if arguments.crop is not None:
            order = CropOrder(
                out=arguments.crop,
                paper=arguments.paper,
                page=arguments.page,
                field=arguments.field,
            )
            write_crop(subject, order, station, books.archive, current_person())
        shown = (
            view_filed(subject, books.archive)
            if isinstance(subject, Record)
            else view_scan(subject, books.archive, books.classes)
        )
    if wants_json(arguments):
        print_json({**shown, "crop": arguments.crop})
        return DONE
    _print_item(shown)
    if arguments.crop is not None:
        print_lines([f"Đã ghi hình vào {arguments.crop}."])
    return DONE


def _print_item(shown: dict[str, Any]) -> None:
    print_lines([f"{shown['name']}   ({shown['state']})", f"Mã: {shown['id']}"])
    if shown["reason"]:
        print_lines([f"Điều cần xác nhận: {_words(shown['reason'])}"])
    for paper in shown["papers"]:
        _print_paper(paper)
    said = [
        (str(told["id"]), show_text(told["at"]), _ACTS[told["act"]], told["actor"], _change(told))
        for told in shown["corrections"]
    ]
    if said:
        print_table("Đã trả lời, đã sửa", ("Số", "Lúc", "Việc", "Ai", "Nội dung"), said)


def _print_paper(paper: dict[str, Any]) -> None:
    pages = ", ".join(map(str, paper["pages"]))
    dossier = paper["dossier"]
    placed = f"{dossier['code']} (theo {dossier['source']})" if dossier["code"] else "chưa rõ"
    print_lines(
        [
            f"Giấy {paper['paper']}, trang {pages or '?'}; hồ sơ {placed}",
            *([f"Người đã nói loại: {paper['class']}"] if paper["class"] else []),
        ]
    )
    ranked = [
        (told["code"], told["name"], f"{told['score']:.0%}", "; ".join(told["reasons"]))
        for told in paper["classes"]
    ]
    if ranked:
        print_table("Có thể là", ("Mã loại", "Loại giấy tờ", "Điểm", "Vì sao"), ranked)
    fields = [
        (
            told["name"],
            told["value"] or "(không có)",
            f"{told['confidence']:.0%}",
            str(told["page"] or ""),
            told["source"],
        )
        for told in paper["fields"]
    ]
    print_table("Trường dữ liệu", ("Tên", "Giá trị", "Tin cậy", "Trang", "Nguồn"), fields)


def _change(told: dict[str, Any]) -> str:
    """Say which things an act is about; values are shown with the paper."""
    after = told["after"]
    named = [f"{key}={after[key]}" for key in ("dossier", "class") if after.get(key)]
    if after.get("rejected"):
        named.append(f"giấy {told['paper']}" if told["paper"] else "cả bản quét")
        named.append(after["rejected"])
    if told["record_id"] is not None:
        named = sorted(after)
    why = [f"lý do: {told['reason']}"] if told["reason"] else []
    return ", ".join([*named, *after.get("words", []), *after.get("fields", {}), *why])


SHOW = Command(
    name="review show",
    help="xem một giấy cần xác nhận",
    add_arguments=add_show_arguments,
    run=show,
)


def _add_answer_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dossier", metavar="MÃ-HỒ-SƠ", help="hồ sơ của giấy này")
    parser.add_argument("--class", dest="kind", metavar="MÃ-LOẠI", help="loại giấy tờ")
    parser.add_argument("--paper", type=int, metavar="N", help="giấy thứ mấy của tệp")
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="TỪ",
        help=f"trả lời câu hỏi khác: {', '.join(WORDS)}",
    )
    _add_by(parser)


def _add_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="TÊN", help="người trả lời, nếu không phải tài khoản này")


def add_confirm_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which paper, and what it is."""
    parser.add_argument("id", metavar="MÃ", help="mã lượt nộp hoặc mã lưu trữ")
    _add_answer_arguments(parser)


def add_correct_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which paper, and what its fields hold."""
    parser.add_argument("id", metavar="MÃ", help="mã lượt nộp hoặc mã lưu trữ")
    parser.add_argument(
        "fields", nargs="*", metavar="TRƯỜNG=GIÁ-TRỊ", help="để trống sau dấu = nếu giấy không có"
    )
    _add_answer_arguments(parser)
    parser.add_argument("--reason", default="", metavar="LÝ-DO", help="vì sao sửa; được giữ lại")


def add_reject_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which scan, or which paper of it, and why."""
    parser.add_argument("id", metavar="MÃ", help="mã lượt nộp")
    parser.add_argument(
        "--paper", type=int, metavar="N", help="chỉ giấy thứ mấy; không nêu là cả bản quét"
    )
    parser.add_argument("--reason", required=True, metavar="LÝ-DO", help="vì sao, ghi vào phiếu")
    _add_by(parser)


def add_undo_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which paper."""
    parser.add_argument("id", metavar="MÃ", help="mã lượt nộp hoặc mã lưu trữ")
    _add_by(parser)


def confirm(arguments: argparse.Namespace) -> int:
    """Confirm a paper's dossier and class."""
    return _ask(arguments, Order(act=Act.CONFIRM, answer=_answer(arguments), paper=arguments.paper))


def correct(arguments: argparse.Namespace) -> int:
    """Say what a paper's fields hold."""
    order = Order(
        act=Act.CORRECT,
        answer=_answer(arguments),
        paper=arguments.paper,
        reason=one_line(arguments.reason),
    )
    return _ask(arguments, order)


def reject(arguments: argparse.Namespace) -> int:
    """Say that a scan, or one paper of it, is not to be filed."""
    reason = one_line(arguments.reason)
    return _ask(arguments, Order(act=Act.REJECT, paper=arguments.paper, reason=reason))


def undo(arguments: argparse.Namespace) -> int:
    """Take the last answer or correction back."""
    return _ask(arguments, Order(act=Act.UNDO))


def _answer(arguments: argparse.Namespace) -> Answer:
    return Answer(
        dossier_code=arguments.dossier,
        class_code=arguments.kind,
        words=tuple(arguments.answer),
        fields=read_assignments(getattr(arguments, "fields", [])),
    )


def _ask(arguments: argparse.Namespace, order: Order) -> int:
    with _books(arguments) as (_, books):
        subject = find_subject(arguments.id, books.archive)
        asked = ask(order, subject, books, named_person(arguments.by))
    if wants_json(arguments):
        print_json({**_plain(asked), "answer": asked.answer.to_plain()})
        return DONE
    told = [
        _extent(asked) if asked.act is Act.REJECT else "",
        f"hồ sơ {asked.answer.dossier_code}" if asked.answer.dossier_code else "",
        f"loại {asked.answer.class_code}" if asked.answer.class_code else "",
        *asked.answer.words,
        *(f"{name}={value or ''}" for name, value in asked.answer.fields.items()),
    ]
    what = ", ".join(filter(None, told))
    print_lines(
        [
            f"Đã ghi: {_ACTS[asked.act.value]}{f' ({what})' if what else ''}.",
            "Trạm đang chạy làm tiếp trong vài giây; nếu chưa chạy thì ở lần `hoso run` tới.",
        ]
    )
    return DONE


def _extent(asked: Asked) -> str:
    return f"giấy {asked.paper}" if asked.paper else "cả bản quét"


def _plain(asked: Asked) -> dict[str, object]:
    return {
        "id": asked.id,
        "act": asked.act.value,
        "paper": asked.paper,
        "request": asked.request,
    }


CONFIRM = Command(
    name="review confirm",
    help="xác nhận hồ sơ và loại giấy tờ",
    add_arguments=add_confirm_arguments,
    run=confirm,
)
CORRECT = Command(
    name="review correct",
    help="sửa trường dữ liệu",
    add_arguments=add_correct_arguments,
    run=correct,
)
REJECT = Command(
    name="review reject",
    help="không nhận một bản quét, hoặc một giấy của nó",
    add_arguments=add_reject_arguments,
    run=reject,
)
UNDO = Command(
    name="review undo",
    help="hoàn tác lần trả lời hay lần sửa cuối",
    add_arguments=add_undo_arguments,
    run=undo,
)

"""`hoso reuse`: is a valid digitised paper of somebody held already."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from config.codec import to_plain
from config.vocabulary import load_classes
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.exit_codes import DONE
from desk.moments import now, vietnam
from desk.people import current_person
from desk.reuse import Holding, Holdings, Question, ask_reuse
from storage.archive import open_archive
from storage.model import Record
from storage.reuse import HELD, NOT_HELD, UNCLEAR

_OUTCOMES = {
    HELD: "ĐÃ CÓ bản số hóa còn hiệu lực: không yêu cầu nộp lại.",
    UNCLEAR: "Có bản số hóa, nhưng chưa rõ còn hiệu lực: hãy mở giấy xem.",
    NOT_HELD: "Chưa có bản số hóa còn hiệu lực.",
}
_STANDINGS = {"valid": "còn hiệu lực", "invalid": "KHÔNG dùng được", "unknown": "chưa rõ"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take whose paper, of which kind, on which day."""
    parser.add_argument(
        "--holder",
        "--owner",
        dest="owner",
        required=True,
        metavar="SỐ",
        help="số định danh cá nhân, số hộ chiếu hoặc mã số doanh nghiệp của chủ giấy tờ",
    )
    parser.add_argument("--class", dest="kind", metavar="MÃ-LOẠI", help="mã loại giấy tờ")
    parser.add_argument(
        "--dossier", metavar="MÃ", help="mã hồ sơ đang cần giấy này, để tính chỉ tiêu tái sử dụng"
    )
    parser.add_argument(
        "--at",
        type=dt.date.fromisoformat,
        metavar="NGÀY",
        help="còn hiệu lực vào ngày này (2026-11-22); mặc định hôm nay",
    )


def run(arguments: argparse.Namespace) -> int:
    """Say whether a valid paper is held, and count the question."""
    station = station_of(arguments)
    at = arguments.at or vietnam(now()).date()
    question = Question(
        owner=arguments.owner, class_code=arguments.kind, at=at, dossier_code=arguments.dossier
    )
    with open_archive(station.archive) as archive:
        classes = load_classes(station.own_classes)
        found = ask_reuse(question, station, archive, classes, actor=current_person())
    if wants_json(arguments):
        print_json(_as_json(question, found))
        return DONE
    print_lines([_OUTCOMES[found.outcome]])
    headings = ("Loại giấy tờ", "Số", "Cấp ngày", "Đến ngày", "Hiệu lực", "Hồ sơ", "Mã lưu trữ")
    if found.holdings:
        print_table(f"Tính đến {at:%d/%m/%Y}", headings, [_row(item) for item in found.holdings])
    return DONE


def _as_json(question: Question, found: Holdings) -> dict[str, Any]:
    return {
        "outcome": found.outcome,
        "class": question.class_code,
        "at": question.at,
        "records": [_holding_json(item) for item in found.holdings],
    }


def _holding_json(item: Holding) -> dict[str, Any]:
    record, link = item.record, item.record.links[0]
    return {
        "id": record.id,
        "dossier_code": link.dossier_code,
        "ordinal": link.ordinal,
        "class": record.class_code,
        "class_name": record.class_name,
        "title": record.title,
        "number": _field(record, "number"),
        "issue_date": _field(record, "issue_date"),
        "digitisation_code": record.digitisation_code,
        "procedure_result_code": link.procedure_result_code,
        "pdf_sha256": record.pdf.sha256,
        "filed_at": to_plain(record.filed_at),
        "validity": item.validity.standing,
        "valid_until": item.validity.until,
        "reasons": to_plain(item.validity.reasons),
    }


def _field(record: Record, name: str) -> str | None:
    return next((field.value for field in record.fields if field.name == name), None)


def _row(item: Holding) -> tuple[str, ...]:
    shown, until = _holding_json(item), item.validity.until
    why = "; ".join(reason.vi for reason in item.validity.reasons)
    return (
        shown["class_name"],
        shown["number"] or "",
        _vietnamese(shown["issue_date"]),
        f"{until:%d/%m/%Y}" if until else "",
        f"{_STANDINGS[item.validity.standing]}{f': {why}' if why else ''}",
        shown["dossier_code"],
        shown["id"],
    )


def _vietnamese(day: str | None) -> str:
    try:
        return f"{dt.date.fromisoformat(day or ''):%d/%m/%Y}"
    except ValueError:
        return day or ""


REUSE = Command(
    name="reuse", help="đã có bản số hóa của người này chưa", add_arguments=add_arguments, run=run
)

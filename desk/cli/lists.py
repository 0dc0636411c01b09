"""`hoso status`, `show`: what the station and its archive hold."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.damage import damage_lines
from desk.duty import NAMES
from desk.exit_codes import DONE
from desk.moments import show as show_moment
from desk.moments import show_text
from desk.slips import VERDICTS
from desk.status import measure_status
from desk.views import view
from storage.archive import open_archive

_STATUS_LABELS = {
    "alive": "Đang chạy",
    "hears": "Thấy thư mục chờ",
    "waiting": "Đang chờ trong thư mục 1",
    "in_work": "Đang xử lý",
    "awaiting_personal_signature": "Chờ cán bộ ký",
    "signers": "  là",
    "broken_signatures": "  ký dở dang, cần xem",
    "awaiting_release": "Chờ duyệt ký",
    "awaiting_timestamp": "Chờ dấu thời gian",
    "to_confirm": "Cần xác nhận",
    "unreadable": "  vì không đọc được",
    "in_error": "Lỗi cần xem",
    "secret": "Có dấu mật, đã dừng",
    "filed": "Đã lưu kho",
    "results_awaiting_register": "  kết quả chờ sổ",
    "incomplete_dossiers": "Hồ sơ còn thiếu thành phần",
    "handover_due": "Sắp đến hạn nộp lưu trữ",
    "handover_overdue": "Quá hạn nộp lưu trữ",
    "oldest_error": "Lỗi cũ nhất",
}
_STANDINGS = {
    "valid": "còn giá trị",
    "superseded": "ĐÃ ĐƯỢC THAY bằng bản khác",
    "revoked": "ĐÃ THU HỒI theo sổ",
}
ROLES = {"receipt": "tiếp nhận", "component": "thành phần", "result": "KẾT QUẢ"}


def status(arguments: argparse.Namespace) -> int:
    """Say how the station stands."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        measured = measure_status(station, archive)
    if wants_json(arguments):
        print_json(measured)
        return DONE
    print_lines(
        f"{label + ':':<28}{_word(getattr(measured, name))}"
        for name, label in _STATUS_LABELS.items()
    )
    print_lines(f"! {alarm.vi}" for alarm in measured.alarms)
    return DONE


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "có" if value else "KHÔNG"
    if isinstance(value, dt.datetime):
        return show_moment(value)
    if isinstance(value, tuple):
        return ", ".join(f"{who.person or 'chưa rõ'} ({who.papers})" for who in value) or "không ai"
    return "không có" if value is None else str(value)


STATUS = Command(name="status", help="tình trạng của trạm", run=status)


def add_show_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the code."""
    parser.add_argument("code", metavar="MÃ", help="mã hồ sơ, mã lưu trữ hoặc mã lượt nộp")


def show(arguments: argparse.Namespace) -> int:
    """Show a dossier from receipt to result, or one record."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        shown = view(arguments.code, archive)
    if wants_json(arguments):
        print_json(shown)
    elif "dossier" in shown:
        _print_dossier(shown)
    elif shown["state"] == "destroyed":
        print_lines(_destroyed_lines(shown))
    else:
        _print_record(shown)
    return DONE


def _print_dossier(shown: dict[str, Any]) -> None:
    dossier = shown["dossier"]
    lines = [f"Hồ sơ {dossier['code']}"]
    if dossier["registered"]:
        lines += [
            f"Thủ tục: {dossier['procedure_code']} {dossier['procedure_title'] or ''}",
            f"Tiếp nhận: {_day(dossier['received_at'])}   Hẹn trả: {_day(dossier['due_at'])}   "
            f"Giải quyết: {_day(dossier['settled_at'])}",
        ]
    elif dossier["registered"] is not None:
        lines.append("Chưa có trong sổ của bộ phận một cửa.")
    print_lines([*lines, *damage_lines(shown["damaged"])])
    rows = [_dossier_row(record, dossier["code"]) for record in shown["records"]]
    headings = ("TT", "Vai trò", "Loại giấy tờ", "Mã kết quả", "Trang", "Chữ ký số", "Mã lưu trữ")
    print_table("Giấy tờ, từ tiếp nhận đến kết quả", headings, rows)
    print_lines(line for gone in shown["destroyed"] for line in _destroyed_lines(gone))
    print_lines(
        f"Kết quả {item['code']}: {item['title']}, "
        + ("đã có bản số hóa" if item["record_ids"] else "CHƯA có bản số hóa")
        + (", ĐÃ THU HỒI" if item["status"] == "revoked" else "")
        for item in shown["results"]
    )
    print_lines(f"Còn thiếu: {item['name']}" for item in shown["missing_components"])
    print_lines(
        f"Ngoài thành phần: {item['name']} ({item['record_id']})"
        for item in shown["surplus_components"]
    )


def _destroyed_lines(gone: dict[str, Any]) -> list[str]:
    """Say that a paper was destroyed, when, and on whose decision."""
    decision = gone["decision"] or {"number": "?", "date": "?"}
    return [
        f"ĐÃ HỦY {show_text(gone['destroyed_at'])}: {gone['class_name']}, mã lưu trữ {gone['id']}, "
        f"đợt {gone['batch']}, quyết định {decision['number']} ngày {decision['date']}"
    ]


def _day(day: str | None) -> str:
    return dt.date.fromisoformat(day).strftime("%d/%m/%Y") if day else "chưa"


def _dossier_row(record: dict[str, Any], code: str) -> tuple[str, ...]:
    link = next(link for link in record["links"] if link["dossier_code"] == code)
    return (
        str(link["ordinal"]),
        ROLES[link["role"]],
        record["class_name"],
        link["procedure_result_code"] or "",
        str(len(record["pages"])),
        f"{VERDICTS.get(record['verdict'], record['verdict'])} khi lưu kho",
        record["id"],
    )


def _print_record(shown: dict[str, Any]) -> None:
    print_lines(
        [
            f"{shown.get('class_name') or 'Chưa lưu kho'}   ({shown['state']})",
            f"Mã: {shown['id']}",
            *_disposition_lines(shown),
            f"Hồ sơ: {shown['dossier_code'] or '-'}   vai trò: {shown['role'] or '-'}   "
            f"mã kết quả: {shown['procedure_result_code'] or '-'}",
            *_standing_lines(shown),
            f"Bản quét: {shown['original']['name']}, sha256 {shown['original']['sha256']}",
        ]
    )
    fields = [
        (field["name"], _value_of(field), f"{field['confidence']:.0%}", str(field["page"]))
        for field in shown["fields"]
    ]
    print_table("Trường dữ liệu", ("Tên", "Giá trị", "Tin cậy", "Trang"), fields)
    repairs = [(str(repair["page"]), repair["read"], repair["text"]) for repair in shown["repairs"]]
    if repairs:
        print_table("Chữ máy đã sửa", ("Trang", "Đọc được", "Sửa thành"), repairs)
    events = [
        (str(event["seq"]), show_text(event["at"]), event["type"], event["outcome"], event["actor"])
        for event in shown["events"]
    ]
    print_table("Sự kiện", ("Số", "Lúc", "Loại", "Kết quả", "Ai"), events)
    print_lines(damage_lines(shown["damaged_events"], "sự kiện "))


def _disposition_lines(shown: dict[str, Any]) -> list[str]:
    under = shown.get("disposition")
    return [f"XEM XÉT HỦY trong đợt {under['batch']}"] if under else []


def _standing_lines(shown: dict[str, Any]) -> list[str]:
    """Say what a filed paper is worth now, why it is digitised, and what it waits for."""
    if shown["state"] != "filed":
        return []
    duty = shown["duty"]
    waiting = [link["waiting"]["vi"] for link in shown["links"] if link["waiting"]]
    return [
        f"Giá trị: {_STANDINGS[shown['standing']]}",
        f"Số hóa: {NAMES[duty['duty']]}: {duty['why'] or ''}",
        *(f"Đang chờ: {text}" for text in waiting),
    ]


def _value_of(field: dict[str, Any]) -> str:
    value = field["value"] or ""
    return f"{value} (đọc được: {field['read']})" if field["read"] else value


SHOW = Command(
    name="show", help="xem một hồ sơ hay giấy tờ", add_arguments=add_show_arguments, run=show
)

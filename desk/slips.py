"""What the clerk reads beside a scan: result, reason, waiting, question."""

from __future__ import annotations

import datetime as dt

from config.codes import find_dossier_codes
from config.vocabulary import Role
from desk.completeness import Completeness
from desk.duty import NAMES
from desk.moments import show
from desk.rejections import Rejected
from storage.model import Link, Record
from storage.submissions import Reason, Submission

_ROLES = {
    Role.COMPONENT: "thành phần hồ sơ",
    Role.RESULT: "kết quả giải quyết",
    Role.RECEIPT: "giấy tiếp nhận hồ sơ",
}
VERDICTS = {
    "TOTAL-PASSED": "hợp lệ",
    "TOTAL-FAILED": "KHÔNG hợp lệ",
    "INDETERMINATE": "chưa kết luận được",
    "NO_SIGNATURE_FOUND": "không có chữ ký",
}
UNREADABLE = "unreadable_page"
"""Reason code: a page could not be read."""
AS_IT_IS = "luu-nguyen-trang"
"""Folder of the answer that such a paper is filed as it is."""
DOUBTFUL_MARK = "doubtful_mark"
"""Reason code: a stamp may be a mark of secrecy."""
NO_MARK, IS_MARK = "khong-phai-dau-mat", "la-dau-mat"
"""Folders of its answers."""
# Questions that a word answers as well (`desk.objections`).
_WITH_WORDS = {"copy_mark", "result_number_differs", "result_day_differs", "result_unclear"}
_SUPPORT = "Nếu vẫn không được, hãy gọi người quản trị trạm Hồ Sơ."


def result_slip(
    item: Submission,
    filed: tuple[tuple[Record, Link], ...],
    dossiers: tuple[Completeness, ...] = (),
    rejected: tuple[Rejected, ...] = (),
    *,
    repeated: bool,
) -> str:
    """Write what became of a scan whose papers were filed, or whose bytes were filed before.

    Args:
        item: the scan.
        filed: its papers, each with its place.
        dossiers: how their dossiers stand now.
        rejected: papers of it that a person left out.
        repeated: they were filed before.
    """
    several = len(filed) + len(rejected) > 1
    lines = [
        f"KẾT QUẢ: {'ĐÃ CÓ TRONG KHO, KHÔNG LƯU LẠI' if repeated else 'ĐÃ SỐ HÓA VÀ LƯU KHO'}",
        "",
        f"Tệp đã thả:      {item.name}",
        f"Nhận lúc:        {show(item.received_at)}",
        *([f"Số giấy tờ:      {len(filed)}"] if several else []),
    ]
    for record, link in filed:
        pages = record.notes.get("scan_pages")
        where = f" (trang {pages} của tệp)" if pages else ""
        lines += ["", f"GIẤY {record.paper}{where}"] if several else []
        lines += _paper_lines(record, link)
    for paper in rejected:
        lines += ["", *_rejected_lines(paper)]
    for dossier in dossiers:
        lines += ["", *_dossier_lines(dossier)]
    return "\n".join(lines) + "\n"


def _paper_lines(record: Record, link: Link) -> list[str]:
    lines = [
        f"Lưu kho lúc:     {show(record.filed_at)}",
        f"Loại giấy tờ:    {record.class_name} ({record.class_code})",
        f"Mã hồ sơ:        {link.dossier_code}, giấy thứ {link.ordinal}, {_ROLES[link.role]}",
    ]
    if link.procedure_result_code:
        lines.append(f"Mã kết quả:      {link.procedure_result_code}")
    elif link.role is Role.RESULT:
        lines.append("Mã kết quả:      chờ sổ; nhập sổ thì trạm tự nối")
    lines += [
        f"Số hóa:          {NAMES[record.duty]}: {record.notes.get('duty_why', '')}",
        f"Số trang:        {record.page_count}",
        f"Chữ ký số:       {_signatures(record)}",
        f"Mã lưu trữ:      {record.id}",
        f"SHA-256 bản quét: {record.original.sha256}",
    ]
    if record.warnings:
        lines += ["", "Lưu ý:", *(f"- {text}" for text in record.warnings)]
    return lines


def _rejected_lines(paper: Rejected) -> list[str]:
    pages = ",".join(map(str, paper.pages))
    return [
        f"GIẤY {paper.paper} (trang {pages} của tệp): KHÔNG LƯU, người xem xét không nhận",
        f"Lý do:           {paper.reason}",
        "Các trang này vẫn nằm nguyên trong bản quét gốc.",
    ]


def _dossier_lines(dossier: Completeness) -> list[str]:
    """Say what a dossier lacks as far as came, and what it has that nobody asks for."""
    lines = [f"Hồ sơ {dossier.dossier_code} đến lúc này:"]
    lines += [f"- còn thiếu: {part.name} ({part.class_code})" for part in dossier.missing]
    if not dossier.missing:
        lines.append("- đủ các thành phần bắt buộc")
    lines += [
        f"- ngoài thành phần của thủ tục: {paper.class_name} ({paper.class_code})"
        for paper in dossier.surplus
    ]
    return lines


def _signatures(record: Record) -> str:
    verdict = VERDICTS.get(record.verdict, record.verdict)
    count = len(record.signatures)
    return f"{verdict}; đã kiểm tra {count} chữ ký và dấu thời gian lúc lưu kho"


def reason_slip(item: Submission, reason: Reason, at: dt.datetime) -> str:
    """Write why a scan lies in the error tray and what to do."""
    return (
        "CHƯA XỬ LÝ ĐƯỢC\n\n"
        f"Tệp:       {item.name}\n"
        f"Nhận lúc:  {show(item.received_at)}\n"
        f"Báo lúc:   {show(at)}\n\n"
        f"Lý do: {reason.vi}\n\n"
        "Việc cần làm: sửa theo lý do trên rồi thả tệp vào lại thư mục chờ xử lý; "
        "nếu tệp này đã tốt, chỉ cần kéo nó từ đây về lại thư mục chờ.\n"
        f"{_SUPPORT}\n"
    )


def waiting_slip(item: Submission, reason: Reason, at: dt.datetime) -> str:
    """Write what a claimed scan waits for."""
    return (
        "ĐANG CHỜ\n\n"
        f"Tệp:       {item.name}\n"
        f"Nhận lúc:  {show(item.received_at)}\n"
        f"Ghi lúc:   {show(at)}\n\n"
        f"{reason.vi}\n\n"
        "Không cần thả lại tệp này.\n"
    )


def question_slip(item: Submission, reason: Reason, candidates: tuple[str, ...], inbox: str) -> str:
    """Write what a person is asked, and the folders that answer it."""
    named = [item.confirmed_dossier or "", *find_dossier_codes(item.folder)]
    codes = list(dict.fromkeys([*filter(None, named), *find_dossier_codes(reason.vi)]))
    codes = codes or ["<mã hồ sơ>"]
    return (
        "CẦN XÁC NHẬN\n\n"
        f"Tệp:       {item.name}\n"
        f"Nhận lúc:  {show(item.received_at)}\n\n"
        f"Điều cần xác nhận: {reason.vi}\n\n"
        f"{_ways_to_answer(reason, tuple(codes), candidates, inbox)}\n\n"
        f"{_SUPPORT}\n"
    )


def _ways_to_answer(
    reason: Reason, codes: tuple[str, ...], candidates: tuple[str, ...], inbox: str
) -> str:
    asked = set(reason.code.split("+"))
    if DOUBTFUL_MARK in asked:
        return "\n".join(_ways_with_a_doubtful_mark(codes, inbox))
    lines = _ways_with_unreadable(codes, inbox) if UNREADABLE in asked else []
    if asked == {UNREADABLE}:
        return "\n".join(lines)
    first = "Các câu hỏi khác" if lines else "Cách trả lời"
    lines += [
        f"{first}: kéo tệp này vào thư mục đúng, hệ thống sẽ làm tiếp.",
        "  Chỉ xác nhận hồ sơ:",
        *(f"    {inbox}/{code}/" for code in codes),
        f"  {_second_way(asked)}:",
        *(f"    {inbox}/{codes[0]}/{line}" for line in candidates or ("<mã loại>/",)),
    ]
    return "\n".join(lines)


def _ways_with_a_doubtful_mark(codes: tuple[str, ...], inbox: str) -> list[str]:
    return [
        "Nếu KHÔNG phải dấu mật: kéo tệp này vào thư mục dưới đây, hệ thống sẽ làm tiếp.",
        *(f"    {inbox}/{code}/{NO_MARK}/" for code in codes),
        "Nếu là dấu mật: kéo tệp này vào thư mục dưới đây, hệ thống để riêng và không giữ gì.",
        *(f"    {inbox}/{code}/{IS_MARK}/" for code in codes),
    ]


def _second_way(asked: set[str]) -> str:
    if not asked.isdisjoint({"rescan", "result_has_record"}):
        return "Chọn một trong ba"
    if asked == {"role_unclear"}:
        return "Chọn một trong hai"
    kind = "Xác nhận cả loại giấy tờ"
    return kind if asked.isdisjoint(_WITH_WORDS) else f"{kind}, hoặc nói rõ"


def _ways_with_unreadable(codes: tuple[str, ...], inbox: str) -> list[str]:
    return [
        "Nếu quét lại được: thả bản quét mới vào thư mục dưới đây, rồi xóa tệp này và phiếu này.",
        *(f"    {inbox}/{code}/" for code in codes),
        "Nếu giấy vốn như vậy: kéo tệp này vào thư mục dưới đây, hệ thống sẽ lưu nguyên trạng.",
        *(f"    {inbox}/{code}/{AS_IT_IS}/" for code in codes),
        f"    {inbox}/{codes[0]}/<mã loại>/{AS_IT_IS}/   (xác nhận cả loại giấy tờ)",
    ]

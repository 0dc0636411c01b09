"""Biên bản hủy: what is destroyed, on whose decision, as a text for people and for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from config.retention import RetentionRules
from desk.moments import now, show
from storage.disposal_values import Batch, Item
from storage.model import Record

_GROUNDS = {"expired": "hết thời hạn lưu trữ", "duplicate": "trùng"}
Writer = Callable[[Batch, Sequence[tuple[Item, Record]]], bytes]


def minutes_writer(agency: str, rules: RetentionRules, actor: str) -> Writer:
    """Return what writes the minutes of a batch.

    Args:
        agency: Name of the agency.
        rules: The terms that were applied.
        actor: Who has the destruction carried out.
    """

    def write(batch: Batch, papers: Sequence[tuple[Item, Record]]) -> bytes:
        lines = [*_head(batch, agency, rules, actor), *_list(papers), *_left_out(batch, papers)]
        lines += ["", *_END]
        return "\r\n".join(lines).encode("utf-8-sig")

    return write


_END = (
    "Tệp, chữ đọc được, trường dữ liệu, mục tìm kiếm và bản sao của từng giấy tờ trên bị xóa.",
    "Giữ lại của mỗi giấy tờ: mã lưu trữ, mã hồ sơ, loại, mã băm, quyết định và lúc hủy.",
    "Mỗi giấy tờ có một sự kiện «deletion» trong nhật ký; đợt xong khi nhật ký có sự kiện",
    "«deletion» của kho mang mã đợt và mã băm của biên bản này.",
)


def _head(batch: Batch, agency: str, rules: RetentionRules, actor: str) -> list[str]:
    decision = batch.decision
    assert decision is not None, "only a decided batch is carried out"
    decided = show(batch.decided_at) if batch.decided_at else ""
    return [
        "BIÊN BẢN HỦY TÀI LIỆU LƯU TRỮ SỐ",
        "",
        f"Cơ quan:               {agency or '(chưa khai báo tên)'}",
        f"Đợt:                   {batch.id}",
        f"Quyết định hủy:        số {decision.number}, ngày {decision.date:%d/%m/%Y}",
        f"Hội đồng:              {'; '.join(decision.council)}",
        f"Người đề nghị:         {batch.proposed_by}, lúc {show(batch.proposed_at)}",
        f"Người ghi quyết định:  {batch.decided_by}, lúc {decided}",
        f"Người thực hiện:       {actor}, lúc {show(now())}",
        f"Bảng thời hạn áp dụng: {rules.version}",
    ]


def _list(papers: Sequence[tuple[Item, Record]]) -> list[str]:
    lines = ["", f"DANH MỤC TÀI LIỆU HỦY: {len(papers)} giấy tờ"]
    for number, (item, record) in enumerate(papers, start=1):
        facts = item.facts
        places = ", ".join(f"{link.dossier_code}.{link.ordinal}" for link in record.links)
        ground = _GROUNDS[facts.ground]
        other = f" của {facts.duplicate_of}" if facts.duplicate_of else ""
        # One line: what was read of a paper adds none to the list.
        title = " ".join(record.title.split())
        lines += [
            "",
            f"{number}. {record.class_name} ({record.class_code}): {title}",
            f"   Mã hồ sơ và thứ tự: {places}; số trang: {record.page_count}",
            f"   Thời hạn: {_term(facts.term, facts.years)}; công việc kết thúc "
            f"{_day(facts.ended_on)}; hết thời hạn từ {_day(facts.expires_on)}",
            f"   Căn cứ hủy: {ground}{other}",
            f"   Mã lưu trữ: {record.id}; lưu kho lúc {show(record.filed_at)}",
            f"   SHA-256 bản quét: {record.original.sha256}",
            f"   SHA-256 bản PDF:  {record.pdf.sha256}",
        ]
    return lines


def _left_out(batch: Batch, papers: Sequence[tuple[Item, Record]]) -> list[str]:
    chosen = {item.record_id for item, _ in papers}
    left = [item for item in batch.items if item.record_id not in chosen]
    if not left:
        return []
    return [
        "",
        f"KHÔNG HỦY: {len(left)} giấy tờ hội đồng giữ lại, hoặc căn cứ hủy không còn",
        *(f"- {item.record_id} ({item.facts.class_code})" for item in left),
    ]


def _term(code: str, years: int | None) -> str:
    return f"{code}, {'vĩnh viễn' if years is None else f'{years} năm'}"


def _day(text: str | None) -> str:
    return dt.date.fromisoformat(text).strftime("%d/%m/%Y") if text else "chưa rõ"

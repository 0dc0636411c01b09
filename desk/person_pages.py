"""The pages of a person's export: one for the person, one for the officer who answers."""

from __future__ import annotations

from collections.abc import Iterator

from config.statement import Row, Section, Statement, Tone
from desk.moments import show
from desk.personal_data import Copied, Exported
from storage.personal import Held, Paper, others_on, strangers_on
from storage.personal_others import title_without

ROLES = {
    "holder": "chủ giấy tờ",
    "husband": "chồng",
    "wife": "vợ",
    "father": "cha",
    "mother": "mẹ",
    "transferor": "bên chuyển nhượng, tặng cho",
    "agent": "bên được ủy quyền",
    "signatory": "người ký giấy",
}
"""Whom a paper speaks of, in words."""
_GONE = {
    "destroyed": "không còn tệp trong kho (đã hủy theo quy định, hoặc thiếu)",
    "damaged": "tệp trong kho bị hỏng, đang chờ khôi phục",
}
_RIGHTS = (
    "Muốn sửa điều ghi sai, hãy gửi yêu cầu tới cơ quan này; bản cũ vẫn được giữ kèm lịch sử. Giấy "
    "tờ lưu trữ chỉ bị xóa theo thủ tục hủy tài liệu lưu trữ."
)
_BASIS = (
    "Cơ quan giữ các giấy tờ này để giải quyết thủ tục hành chính và lưu trữ theo pháp luật "
    "(Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15)."
)


def person_statement(exported: Exported) -> Statement:
    """Return the page for the person."""
    held = exported.held
    return Statement(
        language="vi",
        title="Dữ liệu cá nhân của ông/bà trong kho lưu trữ",
        conclusion=f"Kho giữ {len(held.own)} giấy tờ của ông/bà; {len(held.mentioned)} giấy tờ "
        "của người khác có nhắc đến ông/bà.",
        tone=Tone.PLAIN,
        reference=f"{exported.agency}. Tệp du-lieu.json cùng thư mục ghi đủ cho máy đọc.",
        checked=f"Tìm theo số {', '.join(held.numbers)}; lập lúc {show(exported.made_at)}.",
        sections=tuple(_sections(exported)),
        caution=f"{_BASIS} {_RIGHTS}",
    )


def _sections(exported: Exported) -> Iterator[Section]:
    for number, paper in enumerate(exported.held.own, start=1):
        yield Section(
            heading=f"{number}. {paper.record.class_name}",
            tone=Tone.PLAIN,
            rows=tuple(_rows(paper, exported)),
        )
    for paper in exported.held.mentioned:
        roles = ", ".join(ROLES[role] for role in paper.roles) or "trong lời văn"
        yield Section(
            heading=f"Nhắc đến ông/bà: {paper.record.class_name}",
            tone=Tone.PLAIN,
            rows=(
                Row(label="Là", value=roles),
                Row(label="Lưu kho lúc", value=show(paper.record.filed_at)),
                Row(label="Bản sao", value="không kèm: là giấy tờ của người khác"),
            ),
        )
    for entry in exported.held.dossiers:
        days = (entry.received_at, entry.settled_at)
        told = " → ".join(f"{day:%d/%m/%Y}" if day else "…" for day in days)
        yield Section(
            heading=f"Sổ hồ sơ: {entry.code}",
            tone=Tone.PLAIN,
            rows=(
                Row(label="Tiêu đề", value=entry.title),
                Row(label="Người nộp", value=entry.applicant),
                Row(label="Tiếp nhận → giải quyết", value=told),
            ),
        )


def _rows(paper: Paper, exported: Exported) -> Iterator[Row]:
    record = paper.record
    yield Row(label="Tên giấy", value=title_without(record, strangers_on(paper)))
    yield Row(label="Hồ sơ", value=", ".join(link.dossier_code for link in record.links))
    yield Row(label="Lưu kho lúc", value=show(record.filed_at))
    yield Row(label="Bản sao", value=_copy_text(exported.pdfs[record.id]))
    others = [ROLES[role] for role in others_on(paper)]
    if others:
        told = f"giấy còn ghi dữ liệu của: {', '.join(others)}; không chép ra đây"
        yield Row(label="Người khác", value=told, tone=Tone.DOUBT)
    for event in exported.events[record.id]:
        if event.type.value == "dissemination":
            yield Row(label="Đã được xem, sao", value=f"{show(event.at)}, {event.actor}")


def _copy_text(copied: Copied) -> str:
    return copied.file or _GONE[copied.why]


def officer_text(exported: Exported) -> str:
    """Return the minutes for the officer, and what must be judged before the rest is given."""
    held = exported.held
    lines = [
        "BIÊN BẢN TRÍCH XUẤT DỮ LIỆU CÁ NHÂN (CHỈ CÁN BỘ XEM)",
        "",
        f"Lúc:        {show(exported.made_at)}",
        f"Người làm:  {exported.actor}",
        f"Lý do:      {exported.reason}",
        f"Số:         {', '.join(held.numbers)}",
        f"Tên:        {', '.join(held.names) or '(không giấy nào ghi)'}",
        f"Muối của mã băm lý do trong nhật ký: {exported.salt}",
        "",
        f"Giao cho người yêu cầu: {len(held.own)} giấy tờ.",
        *_to_judge(held),
        "",
        "Không gồm: bản sao lưu, tệp đã giao ra ngoài, tài khoản của cán bộ, giấy có dấu mật.",
    ]
    return "\n".join(lines) + "\n"


def _to_judge(held: Held) -> Iterator[str]:
    shared = [(paper.record.id, others_on(paper)) for paper in held.own if others_on(paper)]
    possible = [paper.record for paper in held.possible]
    parts: tuple[tuple[str, list[str]], ...] = (
        (
            "Giấy có dữ liệu của người khác, xem trước khi giao:",
            [f"{name}  {', '.join(ROLES[role] for role in roles)}" for name, roles in shared],
        ),
        (
            "CÓ THỂ của người này (chỉ trùng tên, hay số cũ có nhiều người). "
            "Đúng thì chạy lại với --include:",
            [f"{item.id}  {item.class_name}  {item.links[0].dossier_code}" for item in possible],
        ),
        (
            "Hồ sơ trong sổ CÓ THỂ của người này (chỉ trùng tên):",
            [entry.code for entry in held.possible_dossiers],
        ),
        ("Bản quét chưa lưu kho có số hoặc tên này:", list(held.in_work)),
        (
            "Số hoặc tên này còn nằm ở (bảng, cột, số dòng):",
            [f"{place.table}.{place.column}  {place.rows}" for place in held.places],
        ),
        (
            "Chỉ mục còn chậm: chạy hoso reindex rồi lập lại. Số giấy chưa tìm trong lời văn:",
            [str(held.index_lag)] if held.index_lag else [],
        ),
    )
    for heading, items in parts:
        if items:
            yield from ("", heading, *(f"  {item}" for item in items))

"""A stamp that may be a mark of secrecy: a person looks before anything of the scan is kept.

Nobody could read it, or it nearly says «MẬT». Until the answer nothing that was read is kept, as of
a marked scan; the answer is a folder below `<mã hồ sơ>/`, or a word of `hoso review`.
"""

from __future__ import annotations

from desk import readings
from desk.endings import Held
from desk.services import Services
from desk.slips import IS_MARK, NO_MARK
from desk.stages import CutScan, Scan, secret_reason
from digitize import gate, papers
from storage.submissions import Outcome, Reason, Submission, SubmissionState

ANSWERS = {
    NO_MARK: "không phải dấu mật: xử lý tiếp",
    IS_MARK: "là dấu mật: dừng, để riêng bản quét",
}
ANSWERED = "mark_answer"
# A slip stays short enough to be read.
_MOST_PAGES = 5


def require_answer(scan: Scan, cut: CutScan, services: Services) -> None:
    """Stop a scan with a stamp that may be a mark of secrecy until a person has looked at it.

    Raises:
        Held: nobody has looked yet, or who did says that it is one; nothing was kept.
    """
    # Sheets that belong to no paper are looked at too.
    (whole,) = papers.cut(cut.pages)
    found = gate.check(whole, services.rules, cut.plan.covers)
    if found.secret_mark is not None or not found.doubtful_stamps:
        return
    answered = services.archive.ledger.outcome(scan.item.id, 0, ANSWERED)
    word = answered["word"] if answered else None
    if word == NO_MARK:
        return
    readings.forget(scan.item, services)
    if word == IS_MARK:
        raise Held(SubmissionState.SECRET, secret_reason())
    raise Held(SubmissionState.TO_CONFIRM, _question(found.doubtful_stamps))


def note_answer(item: Submission, folder: str, services: Services) -> str | None:
    """Keep what a person said of such a stamp by moving the scan; return the word."""
    word = next((part for part in folder.split("/")[1:] if part in ANSWERS), None)
    if word is not None:
        services.archive.ledger.record_outcome(
            Outcome(submission_id=item.id, paper=0, stage="mark_answer", body={"word": word})
        )
    return word


def _question(pages: tuple[int, ...]) -> Reason:
    numbers = ", ".join(str(number) for number in pages[:_MOST_PAGES])
    return Reason(
        code="doubtful_mark",
        vi=f"Trang {numbers} có dấu đóng không đọc được hoặc giống dấu mật. Hãy xem giấy: giấy có "
        "dấu MẬT, TỐI MẬT, TUYỆT MẬT không được số hóa ở đây (TT 01/2023/TT-VPCP Điều 4). "
        "Chưa có gì của bản quét này được lưu.",
        en=f"page {numbers} has a stamp that cannot be read or looks like a mark of secrecy; "
        "look at the paper: nothing of it is kept yet",
    )

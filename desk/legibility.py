"""Pages that could not be read: a person says before any signature what becomes of their paper.

What was not read cannot be found, described or told apart from a marked paper, so it is not signed
unseen. The answer is a folder below `<mã hồ sơ>/`; scanning again is a new scan.
"""

from __future__ import annotations

from config.codec import to_plain
from config.vocabulary import EventType
from desk.endings import Held
from desk.services import Services
from desk.slips import AS_IT_IS, UNREADABLE
from desk.stages import KeptScan, event
from digitize.model import Paper, ReadingTrouble, UnreadablePage
from storage.archive import Archive
from storage.submissions import Outcome, Reason, Submission, SubmissionState

_ASKED, ANSWERED = "unreadable", "accepted"
# A slip stays short enough to be read.
_MOST_PAGES = 5
_LIKELY = {
    ReadingTrouble.NO_WORDS: "trang có mực nhưng không thấy chữ nào: "
    "quá nhạt, quá tối, hoặc chỉ có hình vẽ, chữ viết tay",
    ReadingTrouble.ROWS_UNREAD: "chữ quá nhạt, quá tối, bị che, hoặc nhiều chữ viết tay",
    ReadingTrouble.COARSE: "ảnh quá thô, dưới độ phân giải quy định",
    ReadingTrouble.OTHER_LANGUAGE: "chữ không phải tiếng Việt, trang quét ngược, hoặc ảnh rất mờ",
    ReadingTrouble.UNCLEAR: "ảnh mờ, nhạt, tối hoặc lóa",
}


def require_readable(kept: KeptScan, paper: Paper, services: Services) -> None:
    """Stop a paper with pages that could not be read until a person has looked at it.

    A PDF that arrives signed is never altered nor signed by us, and is not asked about.

    Raises:
        Held: nobody has looked yet.
    """
    item, ledger = kept.scan.item, services.archive.ledger
    pages = unreadable_pages(kept, paper)
    accepts = services.station.settings.reading.unreadable == "accept"
    if not pages or accepts or kept.scan.received.signed:
        return
    if ledger.outcome(item.id, paper.number, ANSWERED) is not None:
        return
    seen = {"paper": paper.number, "pages": [to_plain(page) for page in pages]}
    ledger.record_outcome(
        Outcome(submission_id=item.id, paper=paper.number, stage="unreadable", body=seen),
        event(EventType.VALIDATION, item, outcome=UNREADABLE, detail=seen),
    )
    raise Held(SubmissionState.TO_CONFIRM, question(pages))


def unreadable_pages(kept: KeptScan, paper: Paper) -> tuple[UnreadablePage, ...]:
    """Return the pages of a paper that the gate could not vouch for."""
    return kept.gates[paper.number - 1].unreadable


def question(pages: tuple[UnreadablePage, ...]) -> Reason:
    """Say which pages could not be read, what was seen of them, and what to do."""
    told = [_seen(page) for page in pages[:_MOST_PAGES]]
    numbers = ", ".join(str(page.number) for page in pages[:_MOST_PAGES])
    if len(pages) > _MOST_PAGES:
        told.append(f"Và {len(pages) - _MOST_PAGES} trang khác.")
        numbers += f" and {len(pages) - _MOST_PAGES} more"
    return Reason(
        code="unreadable_page",
        vi=" ".join(told)
        + " Hãy quét lại giấy này cho rõ, ngay ngắn, 200 đến 300 dpi; nếu giấy vốn như vậy, "
        "hãy xác nhận lưu nguyên trạng.",
        en=f"page {numbers} could not be read; scan it again, or confirm that it is filed so",
    )


def _seen(page: UnreadablePage) -> str:
    likely = _LIKELY[page.trouble]
    if page.trouble is ReadingTrouble.NO_WORDS:
        return f"Trang {page.number} không đọc được ({likely})."
    if page.trouble is ReadingTrouble.ROWS_UNREAD:
        return (
            f"Trang {page.number} không đọc được phần lớn các dòng: chỉ đọc ra {page.words} từ "
            f"(có thể {likely})."
        )
    return (
        f"Trang {page.number} không đọc được: trong {page.words} từ đọc ra, "
        f"{page.legal_share:.0%} âm tiết là tiếng Việt, độ chắc chắn {page.confidence:.0%} "
        f"(có thể {likely})."
    )


def is_answer(folder: str) -> bool:
    """Tell whether a tray subfolder says that a paper is filed as it is: one below a dossier's."""
    return AS_IT_IS in folder.split("/")[1:]


def note_answer(item: Submission, folder: str, services: Services) -> str | None:
    """Keep a person's word, given by moving the scan, that it is filed as it is; return it.

    A scan that comes back without it is read anew: the station may know another language by now.
    """
    ledger = services.archive.ledger
    accepted = ledger.papers_with(item.id, ANSWERED)
    asked = [paper for paper in ledger.papers_with(item.id, _ASKED) if paper not in accepted]
    if not is_answer(folder):
        if asked:
            ledger.forget_outcomes(item.id, ("gate", _ASKED))
        return None
    for paper in asked:
        body = {"folder": AS_IT_IS}
        ledger.record_outcome(
            Outcome(submission_id=item.id, paper=paper, stage="accepted", body=body)
        )
    return AS_IT_IS


def notes(kept: KeptScan, paper: Paper, services: Services) -> dict[str, str]:
    """Return what a record says of pages that were not read; nothing where all were."""
    pages = unreadable_pages(kept, paper)
    if not pages:
        return {}
    numbers = ",".join(str(page.number) for page in pages)
    return {
        "unreadable_scan_pages": numbers,
        "unreadable_filed_by": _filed_by(kept, paper, services),
    }


def _filed_by(kept: KeptScan, paper: Paper, services: Services) -> str:
    if kept.scan.received.signed:
        return "signed arrival"
    answered = services.archive.ledger.outcome(kept.scan.item.id, paper.number, ANSWERED)
    return "person" if answered else "setting"


def warnings(kept: KeptScan, paper: Paper) -> tuple[str, ...]:
    """Return what the clerk and whoever searches must know of such pages."""
    pages = unreadable_pages(kept, paper)
    if not pages:
        return ()
    numbers = ", ".join(str(page.number) for page in pages)
    return (f"Trang {numbers} của bản quét không đọc được: chữ trên đó không tìm được.",)


def count_held(archive: Archive) -> int:
    """Count the scans in which a page waits to be looked at for this."""
    return len(archive.ledger.standing_for(SubmissionState.TO_CONFIRM, UNREADABLE))

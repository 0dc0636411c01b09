"""What speaks against filing a paper as a digitised original, before it is signed.

Copies, papers that are only shown, data that others share already (TT 01/2023/TT-VPCP Art. 4), and
maps that are too coarse (TT 05/2025/TT-BNV Art. 8) wait until a person has looked: any answer that
names the dossier files them as what they are; a word says that a copy mark is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.codes import is_dossier_code
from config.vietnamese import fold
from config.vocabulary import DocumentClass, Role
from desk.accession import AS_COMPONENT, AS_LATER_RESULT, PlacedPaper
from desk.duty import component_case
from desk.endings import Held
from desk.services import Services
from desk.stages import KeptScan
from digitize.model import Paper
from storage.submissions import Outcome, Reason, Submission, SubmissionState

ORIGINAL = "ban-chinh"
COPY_ANSWERS = {ORIGINAL: "đây là bản chính: chữ «bản sao» trên giấy không phải dấu bản sao"}
"""What a person can say of a copy mark: a tray folder below the dossier's, and what it means."""
ROLE_ANSWERS = {
    AS_COMPONENT: "giấy nộp vào hồ sơ, không phải kết quả của hồ sơ này",
    AS_LATER_RESULT: "kết quả của hồ sơ này, sổ sẽ có sau",
}
"""What a person can say of a paper's role."""
_ASKS_ROLE = {"role_unclear", "result_number_differs", "result_day_differs", "result_unclear"}
_WORDS = {**COPY_ANSWERS, **ROLE_ANSWERS}
_ASKED, _LOOKED, _ROLE = "objection", "objection_answer", "role"
ANSWERED = (_LOOKED, _ROLE)
"""Stages that keep what a person said."""
# A scan of 300 dpi measures 299.7 on some devices.
_DPI_TOLERANCE = 0.97


def require_answer(kept: KeptScan, paper: Paper, placed: PlacedPaper, services: Services) -> None:
    """Stop a paper against which something speaks until a person has looked at it.

    A PDF that arrives signed was not digitised here, and is not asked about.

    Raises:
        Held: nobody has looked.
    """
    item, ledger = kept.scan.item, services.archive.ledger
    if kept.scan.received.signed or ledger.outcome(item.id, paper.number, _LOOKED) is not None:
        return
    reasons = tuple(_objections(kept, paper, placed, services))
    if not reasons:
        return
    body = {"codes": [reason.code for reason in reasons]}
    ledger.record_outcome(
        Outcome(submission_id=item.id, paper=paper.number, stage="objection", body=body)
    )
    raise Held(
        SubmissionState.TO_CONFIRM,
        Reason(
            code="+".join(reason.code for reason in reasons),
            vi=" ".join(reason.vi for reason in reasons),
            en="; ".join(reason.en for reason in reasons),
        ),
    )


def _objections(
    kept: KeptScan, paper: Paper, placed: PlacedPaper, services: Services
) -> Iterator[Reason]:
    if is_copy(kept, paper, placed.kind, services):
        yield _copy(kept.gates[paper.number - 1].copy_mark or "")
    case = component_case(placed.kind.code, placed.view)
    if placed.placement.role is Role.COMPONENT and case == "shown":
        yield _SHOWN
    if placed.placement.role is Role.COMPONENT and case == "shared":
        yield _SHARED
    coarse = coarse_pages(paper, placed.kind, services.rules.minimum_dpi)
    if coarse:
        yield _coarse(coarse, placed.kind)


def is_copy(kept: KeptScan, paper: Paper, kind: DocumentClass, services: Services) -> bool:
    """Tell whether a paper is a photocopy or a certified copy, as far as its marks and people say.

    An extract that registries issue says «(BẢN SAO)» in its own title, and is no copy of an
    original (TT 01/2023/TT-VPCP Art. 4: copies from the original register are taken).
    """
    mark = kept.gates[paper.number - 1].copy_mark
    if mark is None or kept.scan.received.signed:
        return False
    answered = services.archive.ledger.outcome(kept.scan.item.id, paper.number, _LOOKED)
    if answered and answered["word"] == ORIGINAL:
        return False
    return not is_own_title(mark, paper, kind)


def is_own_title(mark: str, paper: Paper, kind: DocumentClass) -> bool:
    """Tell whether a copy mark is part of a kind's own title, in brackets under it."""
    bracketed = rf"\(\s*{re.escape(fold(mark))}\s*\)"
    is_titled = any(re.search(bracketed, fold(title)) for title in kind.titles)
    return is_titled and re.search(bracketed, fold(paper.pages[0].text)) is not None


def coarse_pages(paper: Paper, kind: DocumentClass, common_dpi: int) -> tuple[int, ...]:
    """Return the pages below what a kind needs, where it needs more than other papers do."""
    if kind.minimum_dpi <= common_dpi:
        return ()
    return tuple(
        page.number
        for page in paper.pages
        if page.dpi < _DPI_TOLERANCE * kind.minimum_dpi and page.recipe != "text layer"
    )


def note_answer(item: Submission, folder: str, services: Services) -> str | None:
    """Keep what a person said by moving a scan into a folder; return the word, where one was said.

    Whoever names the dossier of a paper that was asked about has looked at it.
    """
    first, *rest = folder.split("/")
    words = [part for part in rest if part in _WORDS]
    role = next((word for word in words if word in ROLE_ANSWERS), None)
    if role is not None:
        _keep_role(item, role, services)
    word = words[0] if words else None
    if word or is_dossier_code(first.strip()):
        _keep_look(item, word, services)
    return word


def _keep_look(item: Submission, word: str | None, services: Services) -> None:
    ledger, body = services.archive.ledger, {"word": word}
    for paper in ledger.papers_with(item.id, _ASKED):
        ledger.record_outcome(
            Outcome(submission_id=item.id, paper=paper, stage="objection_answer", body=body)
        )


def _keep_role(item: Submission, word: str, services: Services) -> None:
    ledger = services.archive.ledger
    asked = ledger.outcome(item.id, 0, "asked")
    ledger.forget_outcomes(item.id, (_ROLE,))
    described = ledger.papers_with(item.id, "describe") or [1]
    for paper in asked["papers"] if asked else described:
        ledger.record_outcome(
            Outcome(submission_id=item.id, paper=paper, stage="role", body={"word": word})
        )


def answer_folders(reason: Reason) -> tuple[str, ...]:
    """Return the lines of a slip that name the folders of the answers to a question, if any."""
    codes = set(reason.code.split("+"))
    told = {
        **(ROLE_ANSWERS if codes & _ASKS_ROLE else {}),
        **(COPY_ANSWERS if "copy_mark" in codes else {}),
    }
    return tuple(f"{word}/   ({meaning})" for word, meaning in told.items())


def role_answer(submission_id: str, paper: int, services: Services) -> str | None:
    """Return what a person said of a paper's role; None where nobody was asked."""
    said = services.archive.ledger.outcome(submission_id, paper, _ROLE)
    return said["word"] if said else None


def notes(item: Submission, paper: int, services: Services) -> dict[str, str]:
    """Return what a record says of objections and roles that a person settled; nothing of none."""
    ledger = services.archive.ledger
    asked = ledger.outcome(item.id, paper, _ASKED)
    looked = ledger.outcome(item.id, paper, _LOOKED)
    role = role_answer(item.id, paper, services)
    told = {"role_answer": role} if role else {}
    if asked is None or looked is None:
        return told
    return {
        **told,
        "objections": "+".join(asked["codes"]),
        "objections_answered": looked["word"] or "as_it_is",
    }


def _copy(mark: str) -> Reason:
    return Reason(
        code="copy_mark",
        vi=(
            f"Trên giấy có dấu «{mark}»: bản chụp, bản sao có chứng thực không được số hóa như bản "
            "chính (TT 01/2023/TT-VPCP Điều 4). Xác nhận thì giấy được lưu đúng là bản sao."
        ),
        en=f"it bears the mark {mark!r}: a copy; confirmed, it is filed as a copy",
    )


_SHOWN = Reason(
    code="shown_only",
    vi=(
        "Theo sổ, giấy này chỉ để xuất trình: không số hóa (TT 01/2023/TT-VPCP Điều 4). Nếu vẫn "
        "cần lưu, hãy xác nhận; nếu không, hãy lấy tệp ra và xóa."
    ),
    en="the procedure only has it shown; confirm that it is filed all the same, or take it away",
)
_SHARED = Reason(
    code="shared_data",
    vi=(
        "Theo sổ, dữ liệu của giấy này đã được chia sẻ: không số hóa (TT 01/2023/TT-VPCP Điều 4). "
        "Nếu vẫn cần lưu, hãy xác nhận; nếu không, hãy lấy tệp ra và xóa."
    ),
    en="its data is shared already; confirm that it is filed all the same, or take it away",
)


def _coarse(pages: tuple[int, ...], kind: DocumentClass) -> Reason:
    numbers = ", ".join(map(str, pages))
    return Reason(
        code="drawing_too_coarse",
        vi=(
            f"Trang {numbers} dưới {kind.minimum_dpi} dpi: bản đồ, bản vẽ phải quét từ "
            f"{kind.minimum_dpi} dpi (TT 05/2025/TT-BNV Điều 8). Hãy quét lại; nếu không thể, hãy "
            "xác nhận lưu như vậy."
        ),
        en=f"page {numbers} is below {kind.minimum_dpi} dpi; scan again, or confirm it as it is",
    )

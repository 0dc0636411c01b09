"""Several papers in one scan: each is carried on its own, and none holds up the others.

What is filed stays filed; what waits says so for the whole scan, paper by paper. A repeated run
finds the filed ones and goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from config.codec import to_plain
from desk import answers, filing, sealing
from desk.endings import Held
from desk.moments import now
from desk.rejections import is_rejected
from desk.services import Services
from desk.stages import KeptScan
from digitize.errors import DigitizeError, EngineMissing
from digitize.model import Paper
from signing.errors import SigningError
from storage.model import Record
from storage.submissions import Outcome, Reason, SubmissionState

CarryPaper = Callable[[KeptScan, Paper, Services], Record]
_ASKED = "asked"
QUESTION = "question"
"""Stage of what is asked of one paper."""
# What a person must act on comes before what only takes time.
_ORDER = (
    SubmissionState.TO_CONFIRM,
    SubmissionState.IN_ERROR,
    SubmissionState.AWAITING_TIMESTAMP,
    SubmissionState.AWAITING_RELEASE,
    SubmissionState.AWAITING_PERSONAL_SIGNATURE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    paper: Paper
    state: SubmissionState
    reason: Reason


def carry_each(kept: KeptScan, carry: CarryPaper, services: Services) -> tuple[Record, ...]:
    """Carry the papers of a scan to their records; those that a person rejected are left out.

    Raises:
        Held: at least one paper waits, is asked about or failed; those that are filed come with it.
    """
    services.archive.ledger.forget_outcomes(kept.scan.item.id, (QUESTION,))
    if len(kept.papers) == 1:
        return (_carry_or_ask(kept, kept.papers[0], carry, services),)
    records: list[Record] = []
    troubles: list[_Trouble] = []
    for paper in kept.papers:
        if is_rejected(kept.scan.item.id, paper.number, services.archive):
            continue
        ended = _carry_one(kept, paper, carry, services)
        if isinstance(ended, Record):
            records.append(ended)
            continue
        troubles.append(ended)
        if ended.reason.code in sealing.TROUBLES:
            break  # the others need the same service
    if troubles:
        raise _held(kept, troubles, tuple(records), services)
    return tuple(records)


def _carry_one(
    kept: KeptScan, paper: Paper, carry: CarryPaper, services: Services
) -> Record | _Trouble:
    filed = services.archive.records.by_submission(kept.scan.item.id, paper.number)
    if filed is not None:
        return filed
    try:
        return _carry_or_ask(_with_answer(kept, paper, services), paper, carry, services)
    except Held as held:
        return _Trouble(paper=paper, state=held.state, reason=held.reason)
    except EngineMissing:
        raise
    except (DigitizeError, SigningError) as error:
        reason = Reason(code=type(error).__name__, vi=error.vi, en=error.en)
        return _Trouble(paper=paper, state=SubmissionState.IN_ERROR, reason=reason)


def _carry_or_ask(kept: KeptScan, paper: Paper, carry: CarryPaper, services: Services) -> Record:
    """Carry a paper; keep what a person is asked of it, and where it would go by itself."""
    meant = answers.for_paper(kept, paper, services.archive)
    try:
        return carry(meant, paper, services)
    except Held as held:
        if held.state is SubmissionState.TO_CONFIRM:
            choice = filing.dossier_of(meant, paper, services)
            body = {
                "reason": to_plain(held.reason),
                "dossier": choice.code,
                "dossier_source": choice.source,
            }
            services.archive.ledger.record_outcome(
                Outcome(
                    submission_id=kept.scan.item.id, paper=paper.number, stage="question", body=body
                )
            )
        raise


def _with_answer(kept: KeptScan, paper: Paper, services: Services) -> KeptScan:
    """Let a person's answer count for the papers that were asked about, and no others.

    The dossier counts for one paper that was asked about, or for all that bring none; the class
    only for one: the same word cannot name several papers.
    """
    item = kept.scan.item
    asked = asked_papers(item.id, services)
    is_meant = not asked or paper.number in asked
    is_only = asked == (paper.number,)
    brought = filing.batch_code(kept, paper, services)
    fits = is_only or brought is None or brought.code == item.confirmed_dossier
    answered = replace(
        item,
        confirmed_dossier=(item.confirmed_dossier or None) if is_meant and fits else None,
        confirmed_class=(item.confirmed_class or None) if is_only else None,
    )
    return replace(kept, scan=replace(kept.scan, item=answered))


def asked_papers(submission_id: str, services: Services) -> tuple[int, ...]:
    """Return the papers of a scan that a person was asked about last; empty for none."""
    asked = services.archive.ledger.outcome(submission_id, 0, _ASKED)
    return tuple(asked["papers"]) if asked else ()


def _held(
    kept: KeptScan, troubles: list[_Trouble], records: tuple[Record, ...], services: Services
) -> Held:
    state = min((trouble.state for trouble in troubles), key=_ORDER.index)
    same = [trouble.reason.code for trouble in troubles if trouble.state is state]
    is_asked = state is SubmissionState.TO_CONFIRM
    if is_asked:
        _remember_asked(kept, troubles, services)
    trouble = next((code for code in same if code in sealing.TROUBLES), same[0])
    reason = Reason(
        code="+".join(dict.fromkeys(same)) if is_asked else trouble,
        vi="\n".join(f"{_name_vi(item.paper)}: {item.reason.vi}" for item in troubles),
        en="; ".join(f"paper {item.paper.number}: {item.reason.en}" for item in troubles),
    )
    return Held(state, reason, records)


def _remember_asked(kept: KeptScan, troubles: list[_Trouble], services: Services) -> None:
    item, ledger = kept.scan.item, services.archive.ledger
    asked = [
        trouble.paper.number for trouble in troubles if trouble.state is SubmissionState.TO_CONFIRM
    ]
    ledger.forget_outcomes(item.id, (_ASKED,))
    ledger.record_outcome(
        Outcome(submission_id=item.id, paper=0, stage=_ASKED, body={"papers": asked})
    )
    if item.confirmed_class:
        # It was said of other papers than those that are asked about from now on.
        ledger.confirm(item.id, dossier_code=None, class_code="", at=now())


def _name_vi(paper: Paper) -> str:
    return f"Giấy {paper.number} ({page_range(paper)})"


def page_range(paper: Paper) -> str:
    """Name the pages of the scan that a paper takes up, in Vietnamese."""
    first, last = paper.pages[0].number, paper.pages[-1].number
    return f"trang {first}" if first == last else f"trang {first}–{last}"

"""Papers of a scan that a person will not have filed, while the others of it go on.

The ledger holds which and why, until the act is taken back; their pages stay in the scan's
original. When none would be left, the scan as a whole is rejected (`desk.review_acts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.archive import Archive
from storage.submissions import Outcome

_REJECTED = "rejected"
# A release that was asked for is no longer: nobody shall be shown it.
_NO_LONGER = ("release", "release_asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A paper that was left out of its scan."""

    paper: int
    """Which of the scan, from 1."""
    pages: tuple[int, ...]
    """Its pages, numbers in the scan."""
    reason: str
    """Why, in a person's words."""


def rejected_papers(submission_id: str, archive: Archive) -> tuple[Rejected, ...]:
    """Return the papers that were left out of a scan, in order."""
    numbers = archive.ledger.papers_with(submission_id, _REJECTED)
    ledger = archive.ledger
    bodies = ((number, ledger.outcome(submission_id, number, _REJECTED)) for number in numbers)
    return tuple(
        Rejected(paper=number, pages=tuple(body["pages"]), reason=body["reason"])
        for number, body in bodies
        if body is not None
    )


def is_rejected(submission_id: str, paper: int, archive: Archive) -> bool:
    """Tell whether a paper was left out of its scan."""
    return archive.ledger.outcome(submission_id, paper, _REJECTED) is not None


def leaves_none(submission_id: str, paper: int, archive: Archive) -> bool:
    """Tell whether without a paper nothing of its scan is left to file."""
    gone = {paper, *archive.ledger.papers_with(submission_id, _REJECTED)}
    return gone.issuperset(range(1, len(_papers(submission_id, archive)) + 1))


def leave_out(submission_id: str, paper: int, reason: str, archive: Archive) -> Rejected:
    """Note that a paper is left out; the caller's transaction holds the event."""
    pages = _papers(submission_id, archive)[paper - 1]["pages"]
    archive.ledger.forget_outcomes(submission_id, _NO_LONGER, paper=paper)
    body = {"pages": list(pages), "reason": reason}
    archive.ledger.record_outcome(
        Outcome(submission_id=submission_id, paper=paper, stage="rejected", body=body)
    )
    return Rejected(paper=paper, pages=tuple(pages), reason=reason)


def take_in_again(submission_id: str, paper: int, archive: Archive) -> None:
    """Forget that a paper was left out: it is asked about anew."""
    archive.ledger.forget_outcomes(submission_id, (_REJECTED,), paper=paper)


def _papers(submission_id: str, archive: Archive) -> list[dict[str, Any]]:
    """Return the papers that a scan was cut into; none where it is not cut yet."""
    plan = archive.ledger.outcome(submission_id, 0, "cut")
    return plan["papers"] if plan else []

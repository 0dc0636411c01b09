"""How one run of the pipeline over a submission ends."""

from __future__ import annotations

from dataclasses import dataclass

from storage.model import Record
from storage.submissions import Reason, SubmissionState


class Held(Exception):
    """A stage says that a paper must wait; the engine moves it and tells the clerk why."""

    def __init__(
        self, state: SubmissionState, reason: Reason, records: tuple[Record, ...] = ()
    ) -> None:
        super().__init__(f"{state.value}: {reason.en}")
        self.state = state
        self.reason = reason
        self.records = records
        """Papers of the same scan that are filed all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of a submission in this run."""

    submission_id: str
    name: str
    folder: str
    state: SubmissionState
    reason: Reason | None
    records: tuple[Record, ...]
    seconds: float
    """From taking it up to this ending."""

    @property
    def needs_person(self) -> bool:
        """A person must look: something failed, is asked, or waits for what should have come."""
        by_design = self.reason is not None and self.reason.code in ("release", "personal")
        quiet = (SubmissionState.FILED, SubmissionState.DUPLICATE)
        return self.state not in quiet and not by_design

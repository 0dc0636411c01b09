"""What stages gave: each outcome is kept once, with its events; a repeated run changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storage.canonical import canonical_text, read_json
from storage.damaged_rows import read_each, require_whole, told_as
from storage.database import Database
from storage.events import EventLog
from storage.model import NewEvent
from storage.submissions import Outcome, SubmissionState


class Outcomes:
    """The outcomes of one archive's ledger.

    Args:
        db: records.db.
        events: The log that shares its transactions.
    """

    def __init__(self, db: Database, events: EventLog) -> None:
        self._db = db
        self._events = events

    def outcome(self, submission_id: str, paper: int, stage: str) -> dict[str, Any] | None:
        """Return what a stage gave, or None where it has not finished.

        Raises:
            RowDamaged: That cannot be read.
        """
        with told_as(f"outcome {submission_id} {paper} {stage}"):
            row = self._db.row(
                "SELECT body FROM outcome WHERE submission_id = ? AND paper = ? AND stage = ?",
                (submission_id, paper, stage),
            )
            return None if row is None else dict(read_json(row["body"]))

    def papers_with(self, submission_id: str, stage: str) -> list[int]:
        """Return the papers of a submission for which a stage gave something, in order."""
        rows = self._db.rows(
            "SELECT paper FROM outcome WHERE submission_id = ? AND stage = ? ORDER BY paper",
            (submission_id, stage),
        )
        return [row["paper"] for row in rows]

    def record_outcome(self, outcome: Outcome, *events: NewEvent) -> dict[str, Any]:
        """Keep what a stage gave, with its events, once.

        Returns:
            The outcome that stands: where an earlier run got here first, that run's, and then
            no event is logged.
        """
        with self._db.transaction():
            stored = self.outcome(outcome.submission_id, outcome.paper, outcome.stage)
            if stored is not None:
                return stored
            self._db.execute(
                "INSERT INTO outcome (submission_id, paper, stage, body, objects) "
                "VALUES (?, ?, ?, ?, ?)",
                (
                    outcome.submission_id,
                    outcome.paper,
                    outcome.stage,
                    canonical_text(dict(outcome.body)),
                    canonical_text(list(outcome.objects)),
                ),
            )
            self._events.append(*events)
        return dict(read_json(canonical_text(dict(outcome.body))))

    def forget_outcomes(
        self,
        submission_id: str,
        stages: Sequence[str],
        *,
        paper: int | None = None,
        events: Sequence[NewEvent] = (),
    ) -> None:
        """Let stages run again, for one paper of a submission or for all, with events about it."""
        with self._db.transaction():
            for stage in stages:
                self._db.execute(
                    "DELETE FROM outcome WHERE submission_id = ? AND stage = ? "
                    "AND paper = ifnull(?, paper)",
                    (submission_id, stage, paper),
                )
            self._events.append(*events)

    def outcomes_in(self, state: SubmissionState, stage: str) -> list[Outcome]:
        """Return what a stage gave for papers of submissions in a state, the oldest first.

        What cannot be read of it is left out: one damaged row keeps no other from being worked on.
        """
        return self._read_in(state, stage)[0]

    def damaged_outcomes(self, state: SubmissionState, *stages: str) -> set[str]:
        """Return the ids of submissions in a state of which what a stage gave cannot be read."""
        return {name for stage in stages for name in self._read_in(state, stage)[1]}

    def _read_in(self, state: SubmissionState, stage: str) -> tuple[list[Outcome], list[str]]:
        rows = self._db.salvaged(
            "SELECT outcome.* FROM submission JOIN outcome ON submission.id = submission_id "
            "WHERE state = ? AND outcome.stage = ? ORDER BY number, paper",
            (state, stage),
        )
        whole, damaged = read_each(lambda at: _outcome(rows[at]), range(len(rows)))
        return list(whole.values()), [rows[at]["submission_id"] for at in damaged]

    def referenced_objects(self) -> set[str]:
        """Return the SHA-256 of all objects that outcomes name."""
        query = "SELECT DISTINCT value FROM outcome, json_each(outcome.objects)"
        return {row["value"] for row in self._db.rows(query)}


def _outcome(row: dict[str, Any]) -> Outcome:
    require_whole(row)
    return Outcome(
        submission_id=row["submission_id"],
        paper=row["paper"],
        stage=row["stage"],
        body=read_json(row["body"]),
        objects=tuple(read_json(row["objects"])),
    )

"""The working state of every submission. Working data, not evidence: evidence is in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from config.vocabulary import EventType
from storage.damaged_rows import read_each, read_row, require_whole, told_as
from storage.errors import RecordNotFound, RowDamaged
from storage.model import NewEvent
from storage.outcomes import Outcomes
from storage.submissions import (
    Counts,
    NewSubmission,
    Outcome,
    Reason,
    Submission,
    SubmissionState,
)
from storage.times import read_time, time_text

# The ledger is the door to its values.
__all__ = [
    "Counts",
    "Ledger",
    "NewSubmission",
    "Outcome",
    "Reason",
    "Submission",
    "SubmissionState",
]

# Each state once, by a step in the index each: there are few, and submissions are many.
_STATES = (
    "WITH RECURSIVE standing (state) AS (SELECT min(state) FROM submission UNION ALL "
    "SELECT (SELECT min(state) FROM submission WHERE state > standing.state) FROM standing "
    "WHERE state IS NOT NULL)"
)


class Ledger(Outcomes):
    """The ledger of one archive.

    Args:
        db: records.db.
        events: The log that shares its transactions.
    """

    def claim(self, new: NewSubmission, actor: str) -> Submission:
        """Enter a submission together with its capture event; a repeated claim adds nothing."""
        with self._db.transaction():
            if self._row(new.id) is None:
                self._insert(new)
                self._events.append(
                    NewEvent(
                        type=EventType.CAPTURE,
                        object=new.id,
                        actor=actor,
                        at=new.received_at,
                        # No name: file names carry names of people.
                        detail={"size_bytes": new.size_bytes, "owner": new.owner},
                    )
                )
            return self.get(new.id)

    def get(self, submission_id: str) -> Submission:
        """Return a submission.

        Raises:
            RecordNotFound: There is none.
            RowDamaged: Its row cannot be read.
        """
        with told_as(submission_id):
            row = self._row(submission_id)
            if row is not None:
                return _submission(row)
        raise _unknown(submission_id)

    def by_tray_path(self, path: str) -> Submission | None:
        """Return the newest submission that lies at a path relative to the station, or None.

        Raises:
            RowDamaged: Its row cannot be read.
        """
        query = "SELECT * FROM submission WHERE tray_path = ? ORDER BY number DESC LIMIT 1"
        rows = self._db.salvaged(query, (path,))
        return read_row(_submission, rows[0], rows[0]["id"]) if rows else None

    def unfinished(self) -> list[Submission]:
        """Return what is in work, the oldest first."""
        return self.in_state(SubmissionState.IN_WORK)

    def in_state(self, *states: SubmissionState) -> list[Submission]:
        """Return the submissions in any of these states, the oldest first.

        One that cannot be read stops nobody's work: it is left out, and `damaged_in` names it.
        """
        return self._select(f"state IN ({_marks(states)})", states)

    def damaged_in(self, *states: SubmissionState) -> list[str]:
        """Return the ids of the submissions in any of these states that cannot be read."""
        return self._read(f"state IN ({_marks(states)})", states)[1]

    def of_size(self, size_bytes: int, *states: SubmissionState) -> list[Submission]:
        """Return the submissions of a length in any of these states, the oldest first."""
        return self._select(
            f"size_bytes = ? AND state IN ({_marks(states)})", (size_bytes, *states)
        )

    def standing_for(self, state: SubmissionState, *codes: str) -> list[Submission]:
        """Return what stands in a state for any of these causes, alone or among others."""
        among = " OR ".join("instr('+' || reason_code || '+', '+' || ? || '+')" for _ in codes)
        return self._select(f"state = ? AND ({among})", (state, *codes))

    def reason_in(self, state: SubmissionState, code: str) -> Reason | None:
        """Return the reason of a submission that stands in a state for a cause, or None."""
        newest = "number IN (SELECT number FROM submission WHERE state = ? AND reason_code = ? "
        found = self._select(f"{newest} ORDER BY updated_at DESC LIMIT 1)", (state, code))
        return found[0].reason if found else None

    def counts(self) -> Counts:
        """Count the submissions in each state."""
        rows = self._db.salvaged("SELECT state, count(*) AS n FROM submission GROUP BY state")
        known = set(SubmissionState)
        return Counts(**{row["state"]: row["n"] for row in rows if row["state"] in known})

    def in_no_state(self) -> list[str]:
        """Return the ids of submissions whose row is damaged: they stand in no state there is."""
        states = tuple(SubmissionState)
        query = (
            f"{_STATES} SELECT CAST(id AS BLOB) AS id FROM submission WHERE state IN "  # noqa: S608  # our own words and question marks
            f"(SELECT state FROM standing WHERE state NOT IN ({_marks(states)})) ORDER BY number"
        )
        return [row["id"].decode(errors="replace") for row in self._db.rows(query, states)]

    def oldest_error(self) -> datetime | None:
        """Return since when the oldest item in error that can be read stands there, or None."""
        query = "SELECT min(updated_at) AS at FROM submission WHERE state = ?"
        try:
            with told_as("submission"):
                row = self._db.row(query, (SubmissionState.IN_ERROR,))
                return None if row is None or row["at"] is None else read_time(row["at"])
        except RowDamaged:
            read = self.in_state(SubmissionState.IN_ERROR)
            return min((item.updated_at for item in read), default=None)

    def begin_attempt(self, submission_id: str, stage: str, at: datetime) -> int:
        """Note the stage that is about to run.

        Returns:
            How many attempts failed before this one.

        Raises:
            RecordNotFound: There is no such submission.
        """
        self._change(submission_id, {"stage": stage, "updated_at": time_text(at)})
        return self.get(submission_id).attempts

    def fail_attempt(self, submission_id: str, at: datetime) -> int:
        """Count an attempt whose stage failed by itself.

        Returns:
            How many attempts have failed.

        Raises:
            RecordNotFound: There is no such submission.
        """
        with self._db.transaction():
            attempts = self.get(submission_id).attempts + 1
            self._change(submission_id, {"attempts": attempts, "updated_at": time_text(at)})
        return attempts

    def set_digests(
        self, submission_id: str, *, sha256: str, sha512: str, media_type: str | None, at: datetime
    ) -> None:
        """Note what was measured of a submission.

        Raises:
            RecordNotFound: There is no such submission.
        """
        self._change(
            submission_id,
            {
                "sha256": sha256,
                "sha512": sha512,
                "media_type": media_type,
                "updated_at": time_text(at),
            },
        )

    def remeasure(
        self, submission_id: str, *, size_bytes: int, sha256: str, sha512: str, at: datetime
    ) -> None:
        """Note that a file which had failed has other bytes now: its writer went on.

        Raises:
            RecordNotFound: There is no such submission.
        """
        changes = {"size_bytes": size_bytes, "sha256": sha256, "sha512": sha512}
        self._change(submission_id, {**changes, "media_type": None, "updated_at": time_text(at)})

    def confirm(
        self,
        submission_id: str,
        *,
        dossier_code: str | None,
        class_code: str | None,
        at: datetime,
    ) -> None:
        """Note what a person decided; None leaves what stood there.

        Raises:
            RecordNotFound: There is no such submission.
        """
        confirmed = {"confirmed_dossier": dossier_code, "confirmed_class": class_code}
        given = {column: value for column, value in confirmed.items() if value is not None}
        self._change(submission_id, {**given, "updated_at": time_text(at)})

    def move(  # noqa: PLR0913  # one act: state, place, reason and events change together
        self,
        submission_id: str,
        state: SubmissionState,
        *,
        tray_path: str | None = None,
        reason: Reason | None = None,
        at: datetime,
        events: Sequence[NewEvent] = (),
    ) -> Submission:
        """Put a submission into a state, with the events that tell of it.

        A marked scan (state `secret`) loses its name and everything that was read from it. The
        outcome `aside`, which says where a scan is about to be put, is fulfilled by this.

        Args:
            submission_id: Which.
            state: Where it stands from now on.
            tray_path: Where it lies from now on, relative to the station; None: unchanged.
            reason: Why; None clears the earlier one.
            at: When.
            events: Logged in the same transaction.

        Raises:
            RecordNotFound: There is no such submission.
        """
        changes: dict[str, object] = {
            "state": state,
            "updated_at": time_text(at),
            "reason_code": reason and reason.code,
            "reason_vi": reason and reason.vi,
            "reason_en": reason and reason.en,
        }
        if tray_path is not None:
            changes["tray_path"] = tray_path
        with self._db.transaction():
            if state is SubmissionState.SECRET:
                changes |= {"name": "", "folder": ""}
                for table in ("outcome", "correction"):
                    query = f"DELETE FROM {table} WHERE submission_id = ?"  # noqa: S608  # our names
                    self._db.execute(query, (submission_id,))
            self.forget_outcomes(submission_id, ("aside",))
            self._change(submission_id, changes)
            self._events.append(*events)
            return self.get(submission_id)

    def _select(self, condition: str, parameters: Sequence[object]) -> list[Submission]:
        return list(self._read(condition, parameters)[0].values())

    def _read(
        self, condition: str, parameters: Sequence[object]
    ) -> tuple[dict[str, Submission], list[str]]:
        """Return submissions by id, and the ids of those that cannot be read."""
        query = f"SELECT * FROM submission WHERE {condition} ORDER BY number"  # noqa: S608  # our own words and question marks
        rows = {row["id"]: row for row in self._db.salvaged(query, parameters)}
        return read_each(lambda name: _submission(rows[name]), rows)

    def _row(self, submission_id: str) -> dict[str, Any] | None:
        return self._db.row("SELECT * FROM submission WHERE id = ?", (submission_id,))

    def _insert(self, new: NewSubmission) -> None:
        self._db.tables.table("submission").insert(
            {
                "id": new.id,
                "state": SubmissionState.IN_WORK.value,
                "name": new.name,
                "folder": new.folder,
                "tray_path": new.tray_path,
                "size_bytes": new.size_bytes,
                "received_at": time_text(new.received_at),
                "owner": new.owner,
                "updated_at": time_text(new.received_at),
                "attempts": 0,
            }
        )

    def _change(self, submission_id: str, changes: Mapping[str, object]) -> None:
        columns = ", ".join(f"{column} = :{column}" for column in changes)
        query = f"UPDATE submission SET {columns} WHERE id = :id"  # noqa: S608  # our own names
        with self._db.transaction():
            if self._db.execute(query, {**changes, "id": submission_id}).rowcount == 0:
                raise _unknown(submission_id)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def _submission(row: dict[str, Any]) -> Submission:
    require_whole(row)
    reason = None
    if row["reason_code"] is not None:
        reason = Reason(code=row["reason_code"], vi=row["reason_vi"], en=row["reason_en"])
    dropped = ("number", "reason_code", "reason_vi", "reason_en")
    plain = {column: value for column, value in row.items() if column not in dropped}
    return Submission(
        **{
            **plain,
            "state": SubmissionState(row["state"]),
            "received_at": read_time(row["received_at"]),
            "updated_at": read_time(row["updated_at"]),
            "reason": reason,
        }
    )


def _unknown(submission_id: str) -> RecordNotFound:
    return RecordNotFound(
        f"Không có lượt nộp {submission_id}. Hãy kiểm tra lại mã.",
        f"There is no submission {submission_id}. Check the identifier.",
    )

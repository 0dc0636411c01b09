"""The frozen values of the ledger: what was claimed, where it stands, what stages gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubmissionState(StrEnum):
    """Where a submission stands."""

    IN_WORK = "in_work"
    AWAITING_PERSONAL_SIGNATURE = "awaiting_personal_signature"
    AWAITING_RELEASE = "awaiting_release"
    AWAITING_TIMESTAMP = "awaiting_timestamp"
    TO_CONFIRM = "to_confirm"
    IN_ERROR = "in_error"
    FILED = "filed"
    DUPLICATE = "duplicate"
    SECRET = "secret"  # noqa: S105  # a marked scan, no password
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a submission stands where it stands."""

    code: str
    """Stable word for programs."""
    vi: str
    """For people: what happened, what to do."""
    en: str
    """The same in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubmission:
    """A scan that was claimed."""

    id: str
    """UUIDv7."""
    name: str
    """File name as it arrived, NFC."""
    folder: str = ""
    """Subfolder of the tray it lay in, or empty."""
    tray_path: str
    """Where it lies now, relative to the station."""
    size_bytes: int
    """Length in bytes."""
    received_at: datetime
    """Moment of the claim, aware."""
    owner: str = ""
    """Account that owned the file where it was dropped; empty where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(NewSubmission):
    """A submission and its working state."""

    state: SubmissionState
    """Where it stands."""
    sha256: str | None
    """SHA-256, hex, once measured."""
    sha512: str | None
    """SHA-512, hex, once measured."""
    media_type: str | None
    """Media type, once known."""
    updated_at: datetime
    """Last change of this state, UTC."""
    attempts: int
    """Attempts that failed by themselves; being killed from outside does not count."""
    stage: str | None
    """Stage last begun."""
    reason: Reason | None
    """Why it stands where it stands."""
    confirmed_dossier: str | None
    """Mã hồ sơ that a person confirmed."""
    confirmed_class: str | None
    """Mã loại giấy tờ that a person confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stage gave for one paper of a submission."""

    submission_id: str
    """The submission."""
    paper: int
    """Which paper of it, from 1; 0 where the stage sees the whole submission."""
    stage: str
    """Name of the stage."""
    body: Mapping[str, object]
    """JSON: the result of the stage."""
    objects: tuple[str, ...] = ()
    """SHA-256 of the objects it made; no sweep touches them while this stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many submissions stand where."""

    in_work: int = 0
    """Being worked on."""
    awaiting_personal_signature: int = 0
    """Chờ cán bộ ký."""
    awaiting_release: int = 0
    """Chờ duyệt ký."""
    awaiting_timestamp: int = 0
    """Chờ dấu thời gian."""
    to_confirm: int = 0
    """Cần xác nhận."""
    in_error: int = 0
    """Lỗi cần xem."""
    filed: int = 0
    """Filed."""
    duplicate: int = 0
    """Same bytes, same dossier, dropped again."""
    secret: int = 0
    """Bearing a secret mark."""
    withdrawn: int = 0
    """Taken back by a person."""

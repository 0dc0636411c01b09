"""Signatures that were made and wait for their timestamp only.

The key counts as used once: what it made is kept as an object, and the engine has it stamped when
an authority answers. Nobody types a PIN again, and nothing is filed below the level asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config import codec
from desk.endings import Held
from desk.key_notes import use_event
from desk.moments import now
from desk.services import Services
from signing.errors import (
    OutputNotWritten,
    SignatureRejected,
    SigningError,
    TimestampUnavailable,
    UnreadablePdf,
)
from signing.model import FileVerdict, Level, SignRequest, SubIndication
from signing.unstamped import stamp_kept
from storage.archive import Archive
from storage.errors import DiskFull
from storage.key_uses import STANDING, KeyUse, UseState
from storage.model import ObjectRef
from storage.submissions import Outcome, Reason, SubmissionState

STAGE = "sign_unstamped"
"""Stage that keeps a signed file until its timestamp is there."""
UNSTAMPED = ".unstamped"
"""End of the names of such files until they are kept."""
TIMESTAMP = "timestamp"
"""Reason code: the engine tries again by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstamped:
    """A signature that waits for its timestamp."""

    pdf: ObjectRef
    """The file as the key left it."""
    field: str
    level: Level
    """Level that was asked for."""


class NoLongerGood(Exception):
    """With its timestamp a kept signature does not pass.

    Args:
        error: Why.
    """

    def __init__(self, error: SigningError) -> None:
        super().__init__(error.en)
        self.error = error


def keep(use: KeyUse, path: Path, level: Level, archive: Archive) -> None:
    """Keep what the agency's key made; a repeated call changes nothing.

    Args:
        use: the use of the key.
        path: the file; it is removed once it is kept.
        level: that was asked for.
        archive: whose use.
    """
    pdf, place = add_object(path, archive), use.place
    unstamped = Unstamped(pdf=pdf, field=place.field, level=level)
    with archive.db.transaction():
        archive.ledger.forget_outcomes(place.subject, (STAGE,), paper=place.paper)
        archive.ledger.record_outcome(
            Outcome(
                submission_id=place.subject,
                paper=place.paper,
                stage=STAGE,
                body={"use": use.number, **codec.to_plain(unstamped)},
                objects=(pdf.sha256,),
            )
        )
        told = use_event(use, "signed, awaits its timestamp")
        archive.key_uses.end(use.number, UseState.SIGNED, now(), told)
    path.unlink()


def kept_of(use: KeyUse, archive: Archive) -> Unstamped | None:
    """Return what is kept of a use of the agency's key; None where nothing is."""
    stored = archive.ledger.outcome(use.place.subject, use.place.paper, STAGE)
    if stored is None or stored.pop("use") != use.number:
        return None
    return codec.from_plain(Unstamped, stored)


def discard(use: KeyUse, error: SigningError, archive: Archive) -> None:
    """Throw a kept signature away that is no longer good: the paper may be signed anew."""
    with archive.db.transaction():
        archive.ledger.forget_outcomes(use.place.subject, (STAGE,), paper=use.place.paper)
        told = use_event(use, f"discarded: {type(error).__name__}")
        archive.key_uses.end(use.number, UseState.DISCARDED, now(), told, of=STANDING)


def stamp(unstamped: Unstamped, target: Path, services: Services) -> FileVerdict:
    """Have a kept signature stamped; the finished file, which passes, is the target.

    Args:
        unstamped: what is kept.
        target: where the finished file goes.
        services: anchors and network.

    Raises:
        Held: there is still no timestamp; the engine tries again.
        NoLongerGood: with its timestamp it does not pass.
        DiskFull: no room.
    """
    kept = services.archive.objects.path(unstamped.pdf.sha256)
    request = SignRequest(
        source=kept,
        target=target,
        field_name=unstamped.field,
        level=unstamped.level,
        block=None,
        reason=None,
        at=now(),
        unstamped=kept,
    )
    try:
        return stamp_kept(request, services.trust, services.network)
    except (SignatureRejected, UnreadablePdf) as error:
        if isinstance(error, SignatureRejected) and error.sub_indication == SubIndication.TRY_LATER:
            raise _signed_and_waits(error) from error
        raise NoLongerGood(error) from error
    except SigningError as error:
        if isinstance(error, OutputNotWritten) and error.is_full:
            raise DiskFull(error.vi, error.en) from error
        raise _signed_and_waits(error) from error


def _signed_and_waits(error: SigningError) -> Held:
    """Say that nobody has to sign again, and what is missing."""
    missing = "Dịch vụ dấu thời gian chưa trả lời."
    if not isinstance(error, TimestampUnavailable):
        missing = f"Chưa đóng dấu thời gian được: {error.vi}"
    reason = Reason(
        code=TIMESTAMP,
        vi=f"Giấy đã được ký, chỉ còn chờ dấu thời gian. {missing} Trạm tự xin lại; không phải "
        "nhập PIN hay ký lại.",
        en=f"signed, awaits its timestamp only: {error.en}; the key is not needed again",
    )
    return Held(SubmissionState.AWAITING_TIMESTAMP, reason)


def still_waits(error: SigningError) -> Held:
    """Let a paper wait for what a service did not give; the engine tries again by itself."""
    reason = Reason(code=TIMESTAMP, vi=error.vi, en=error.en)
    return Held(SubmissionState.AWAITING_TIMESTAMP, reason)


def add_object(path: Path, archive: Archive) -> ObjectRef:
    """Add a file to the objects."""
    stored = archive.objects.add(path)
    return ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)

"""The signature of the person who copied, before anything is read from a paper.

TT 01/2023/TT-VPCP Art. 8. The engine asks for it, lets the paper wait, takes what a session of that
person hands back (`desk.sign_sessions`), judges it by our own verdict, and only then goes on. Which
papers are asked for, which a key was used on, and what came back stands in the ledger: a key is
never used twice on a paper without a person's word.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from config import codec
from config.vocabulary import EventType
from desk import unstamped
from desk.blocks import written_places
from desk.clerks import signer_of
from desk.endings import Held
from desk.key_notes import proof_detail
from desk.moments import now
from desk.sealing import AGENCY_FIELD
from desk.services import Services
from desk.stages import KeptRendition, KeptScan, event
from desk.unfinished import begins_with
from digitize.model import Box, Paper
from signing.errors import SigningError, TimestampUnavailable
from signing.model import FileVerdict, Indication, Level, SubIndication
from signing.statement import describe_vi
from storage.archive import Archive
from storage.errors import RowDamaged
from storage.model import ObjectRef
from storage.submissions import Outcome, Reason, Submission, SubmissionState

PERSON_FIELD = "CB_SaoChup"
HANDED_BACK = "personal_signature"
"""Kind of the request by which a session hands a signed paper back."""
STAGES = ("personal_asked", "personal_returned", "personal")
"""Whose outcomes tell how far the signature of a paper is."""
_STATE = SubmissionState.AWAITING_PERSONAL_SIGNATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a session needs to know of a paper that waits for its person."""

    pdf: ObjectRef
    """The PDF/A to sign."""
    signer: str
    """Account of the person."""
    copied_at: dt.datetime
    """When the scan was taken in, aware."""
    written: tuple[Box, ...]
    """Places of page 1 that no block may cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack:
    """What a session made of a paper."""

    source_sha256: str
    """Digest of what was to be signed."""
    session: str
    """The session's id."""
    pdf: ObjectRef | None = None
    """The signed PDF; None where it could not be signed."""
    agency_box: Box | None = None
    """Where the agency's field is, points of user space."""
    use: int | None = None
    """Number of the use of the key that made it; None where it was not used."""
    refused: Reason | None = None
    """Why it could not be signed."""
    is_stamped: bool = True
    """Not where it waits for its timestamp only; the engine has it stamped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonallySigned:
    """A paper's PDF with the accepted signature of who copied it."""

    source_sha256: str
    """Digest of the PDF/A that was signed."""
    pdf: ObjectRef
    agency_box: Box | None
    signer: str
    """Common name in the certificate."""
    session: str


def require_signature(
    kept: KeptScan, paper: Paper, rendition: KeptRendition, services: Services
) -> KeptRendition:
    """Return the PDF that is signed by the person who copied; as it is where none has to.

    Raises:
        Held: the paper waits for that person, or what came back is not good.
    """
    if kept.scan.received.signed:
        return rendition
    item, ledger = kept.scan.item, services.archive.ledger
    stored = ledger.outcome(item.id, paper.number, "personal")
    if stored is not None and stored["source_sha256"] != rendition.pdf.sha256:
        forget(item.id, paper.number, services.archive)
        stored = None
    if stored is None:
        if services.station.settings.signing.personal == "off":
            return rendition
        asked = _ask(kept, paper, rendition, services)
        returned = _returned(item, paper, services)
        if returned is None:
            raise Held(_STATE, _waits(asked.signer))
        stored = _accept(kept, paper, (asked, returned), services)
    signed = codec.from_plain(PersonallySigned, stored)
    return replace(rendition, pdf=signed.pdf, agency_box=signed.agency_box)


def is_signed(submission_id: str, paper: int, archive: Archive) -> bool:
    """Tell whether the signature of who copied a paper was accepted."""
    return archive.ledger.outcome(submission_id, paper, "personal") is not None


def forget(submission_id: str, paper: int, archive: Archive) -> None:
    """Let a paper be asked for anew, for its PDF was made anew."""
    archive.ledger.forget_outcomes(submission_id, STAGES, paper=paper)


def forget_remade(submission_id: str, paper: int | None, archive: Archive) -> None:
    """Let be made anew what an answer may change; a PDF that its person signed stays as it is.

    Args:
        submission_id: the scan.
        paper: the paper that the answer is about; None for all of the scan.
        archive: whose ledger.
    """
    ledger = archive.ledger
    ledger.forget_outcomes(submission_id, ("describe",), paper=paper)
    for number in ledger.papers_with(submission_id, "render"):
        if paper in (None, number) and not is_signed(submission_id, number, archive):
            # A PDF that is made the same keeps the signature that it has (`desk.sealing`).
            ledger.forget_outcomes(submission_id, ("render",), paper=number)


def _ask(kept: KeptScan, paper: Paper, rendition: KeptRendition, services: Services) -> Asked:
    item, ledger = kept.scan.item, services.archive.ledger
    asked = Asked(
        pdf=rendition.pdf,
        signer=signer_of(item, services.station.settings.signing.scans_of),
        copied_at=item.received_at.astimezone(dt.UTC),
        written=tuple(written_places(paper.pages[0])),
    )
    stored = ledger.outcome(item.id, paper.number, "personal_asked")
    if stored is not None and stored["pdf"]["sha256"] != rendition.pdf.sha256:
        forget(item.id, paper.number, services.archive)
    elif stored is not None and stored["signer"] != asked.signer:
        # The settings name another person now; what a key was used on stays known.
        ledger.forget_outcomes(item.id, ("personal_asked",), paper=paper.number)
    ledger.record_outcome(
        Outcome(
            submission_id=item.id,
            paper=paper.number,
            stage="personal_asked",
            body=codec.to_plain(asked),
            objects=(rendition.pdf.sha256,),
        )
    )
    return asked


def _returned(item: Submission, paper: Paper, services: Services) -> HandedBack | None:
    """Return what a session handed back; a session in this process is asked for it."""
    ledger = services.archive.ledger
    stored = ledger.outcome(item.id, paper.number, "personal_returned")
    if stored is None and services.session is not None:
        try:
            services.session.sign(item.id, paper.number)
        except TimestampUnavailable as error:
            raise unstamped.still_waits(error) from error
        except SigningError as error:
            raise Held(_STATE, Reason(code="personal", vi=error.vi, en=error.en)) from error
        take_handed_back(services.archive)
        stored = ledger.outcome(item.id, paper.number, "personal_returned")
    return None if stored is None else codec.from_plain(HandedBack, stored)


def ask_anew(archive: Archive, scans_of: Iterable[str]) -> int:
    """Let scans be asked about anew whose person is another now, or who was never asked.

    Args:
        archive: whose ledger.
        scans_of: the setting `[signing] scans_of`.

    Returns:
        How many are in work again.
    """
    ledger, lines = archive.ledger, tuple(scans_of)
    asked = {
        found.submission_id: found.body["signer"]
        for found in ledger.outcomes_in(_STATE, "personal_asked")
    }
    damaged = ledger.damaged_outcomes(_STATE, *STAGES)
    held = [item for item in ledger.in_state(_STATE) if item.id not in damaged]
    wrong = [item for item in held if asked.get(item.id) != signer_of(item, lines)]
    for item in wrong:
        ledger.move(item.id, SubmissionState.IN_WORK, at=now())
    return len(wrong)


def _waits(signer: str) -> Reason:
    whose = f"tài khoản «{signer}»" if signer else "chưa rõ là ai: xem [signing] scans_of"
    return Reason(
        code="personal",
        vi=f"Chờ cán bộ ký: giấy này chờ chữ ký số cá nhân của người sao chụp ({whose}). "
        "Người đó mở phiên ký bằng `hoso sign-session`.",
        en=f"waits for the personal signature of the person who scanned ({signer or 'unknown'})",
    )


def _accept(
    kept: KeptScan, paper: Paper, made: tuple[Asked, HandedBack], services: Services
) -> dict[str, Any]:
    """Judge what came back; only what passes is gone on with.

    Raises:
        Held: it could not be signed, does not pass, or cannot be judged for now.
    """
    item, (asked, returned) = kept.scan.item, made
    if returned.refused is not None or returned.pdf is None:
        reason = returned.refused or _rejected("không có tệp đã ký", "no signed file")
        # A person's answer lets it be tried again.
        services.archive.ledger.forget_outcomes(item.id, STAGES, paper=paper.number)
        raise Held(SubmissionState.TO_CONFIRM, reason)
    if not returned.is_stamped:
        returned = _stamp(item, paper, returned, services)
    assert returned.pdf is not None
    objects = services.archive.objects
    path = objects.path(returned.pdf.sha256)
    verdict = services.judge.judge(path, now())
    if verdict.overall_sub is SubIndication.TRY_LATER:
        raise Held(SubmissionState.AWAITING_TIMESTAMP, _unproven())
    source = objects.path(asked.pdf.sha256)
    if not _is_as_asked(verdict, services) or not begins_with(path, source):
        vi = " ".join(describe_vi(verdict)[:2])
        raise Held(_STATE, _rejected(vi, verdict.overall.value))
    return _record(kept, paper, returned, verdict, services)


def _stamp(item: Submission, paper: Paper, returned: HandedBack, services: Services) -> HandedBack:
    """Have a signature stamped that waits for its timestamp only; keep what came of it.

    Raises:
        Held: there is still no timestamp.
    """
    assert returned.pdf is not None, "the caller has looked"
    level = personal_level(services.station.settings.signing.timestamp)
    kept = unstamped.Unstamped(pdf=returned.pdf, field=PERSON_FIELD, level=level)
    target = services.workspace(item.id) / f"stamped-{paper.number}.pdf"
    stamped = replace(returned, is_stamped=True)
    # What does not pass with its timestamp is judged below as it came, and a person is asked.
    with contextlib.suppress(unstamped.NoLongerGood):
        unstamped.stamp(kept, target, services)
        stamped = replace(stamped, pdf=unstamped.add_object(target, services.archive))
        target.unlink()
    archive = services.archive
    with archive.db.transaction():
        archive.ledger.forget_outcomes(item.id, ("personal_returned",), paper=paper.number)
        _keep_returned(item.id, paper.number, codec.to_plain(stamped), archive)
    return stamped


def _is_as_asked(verdict: FileVerdict, services: Services) -> bool:
    """Tell whether a file holds the one signature that was asked for, passed, at its level."""
    wanted = {personal_level(services.station.settings.signing.timestamp)}
    found = [(each.field, each.level) for each in verdict.signatures]
    is_alone = [field for field, _ in found] == [PERSON_FIELD]
    return (
        verdict.overall is Indication.TOTAL_PASSED
        and is_alone
        and {level for _, level in found} == wanted
        and verdict.unsigned_fields == (AGENCY_FIELD,)
    )


def personal_level(timestamp: str) -> Level:
    """Return the level of personal signatures: with a timestamp, unless the station has none."""
    return Level.B_B if timestamp == "none" else Level.B_T


def _record(
    kept: KeptScan, paper: Paper, returned: HandedBack, verdict: FileVerdict, services: Services
) -> dict[str, Any]:
    item, pdf = kept.scan.item, returned.pdf
    assert pdf is not None  # whoever calls has judged it
    signature = verdict.signatures[0]
    signer = signature.signer.cn if signature.signer else ""
    signed = PersonallySigned(
        source_sha256=returned.source_sha256,
        pdf=pdf,
        agency_box=returned.agency_box,
        signer=signer,
        session=returned.session,
    )
    detail = {
        "paper": paper.number,
        "pdf_sha256": pdf.sha256,
        "field": PERSON_FIELD,
        "session": returned.session,
        "indication": verdict.overall.value,
        "policy": verdict.policy.id,
        "anchors_sha256": verdict.policy.anchors_sha256,
    }
    archive = services.archive
    generated = {**detail, **proof_detail(returned.use, archive)}
    with archive.db.transaction():
        # Where its words stand was for the session to know.
        archive.ledger.forget_outcomes(item.id, ("personal_asked",), paper=paper.number)
        return archive.ledger.record_outcome(
            Outcome(
                submission_id=item.id,
                paper=paper.number,
                stage="personal",
                body=codec.to_plain(signed),
                objects=(pdf.sha256,),
            ),
            event(EventType.SIGNATURE_GENERATION, item, actor=signer, detail=generated),
            event(EventType.SIGNATURE_VALIDATION, item, detail=detail),
        )


def _rejected(vi: str, en: str) -> Reason:
    return Reason(
        code="personal_rejected",
        vi=f"Chữ ký cá nhân vừa nhận không đạt kiểm tra: {vi} Hãy báo người quản trị; giấy này chỉ "
        "được ký lại khi người ký đồng ý (`hoso sign-session --again`).",
        en=f"the personal signature that came back does not pass: {en}",
    )


def _unproven() -> Reason:
    return Reason(
        code="personal_unproven",
        vi="Chưa kiểm tra được chữ ký cá nhân: dịch vụ thu hồi chứng thư chưa trả lời. Trạm tự "
        "thử lại, không phải làm gì.",
        en="the personal signature cannot be judged yet: revocation is unknown; tried again later",
    )


def take_handed_back(archive: Archive) -> int:
    """Take what sessions handed back into the ledger; return how many papers go on.

    A paper that is in work is left for later: its worker may be about to let it wait.
    """
    ledger, count = archive.ledger, 0
    for request in archive.requests.pending(HANDED_BACK):
        body = request.body
        try:
            item = ledger.get(body["submission_id"])
            _note_returned(item, body, archive)
        except RowDamaged:
            continue  # it waits until the row is mended
        if item.state is SubmissionState.IN_WORK:
            continue
        if item.state is _STATE:
            ledger.move(item.id, SubmissionState.IN_WORK, at=now())
            count += 1
        archive.requests.complete(request.id, now())
    return count


def _note_returned(item: Submission, body: dict[str, Any], archive: Archive) -> None:
    asked = archive.ledger.outcome(item.id, body["paper"], "personal_asked")
    # The PDF may have been made anew meanwhile.
    if asked is None or asked["pdf"]["sha256"] != body["source_sha256"]:
        return
    told = {key: value for key, value in body.items() if key not in ("submission_id", "paper")}
    _keep_returned(item.id, body["paper"], told, archive)


def _keep_returned(
    submission_id: str, paper: int, returned: dict[str, Any], archive: Archive
) -> None:
    pdf = returned.get("pdf")
    archive.ledger.record_outcome(
        Outcome(
            submission_id=submission_id,
            paper=paper,
            stage="personal_returned",
            body=returned,
            objects=(pdf["sha256"],) if pdf else (),
        )
    )

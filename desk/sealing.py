"""The agency's signature on a paper, and the verdict on a paper that came signed.

Same manner as `desk.stages`: what is done stands in the ledger and is not done twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from config import codec
from config.vocabulary import EventType
from desk import unstamped, virus
from desk.agency_blocks import plan_block
from desk.endings import Held
from desk.key_notes import KeyNote, Purpose, discarded_uses, proof_detail
from desk.moments import now
from desk.services import Services
from desk.stages import ACTOR, KeptRendition, KeptScan, event
from desk.unfinished import UNPROVEN, Unfinished, take_up, unknown_signature
from digitize.model import Paper
from signing.errors import (
    BlockDoesNotFit,
    OutputNotWritten,
    PaperDeclined,
    SignatureRejected,
    SigningError,
    TimestampUnavailable,
    UnreadablePdf,
)
from signing.lasting import proven_until
from signing.model import (
    FileVerdict,
    Indication,
    Level,
    SignatureVerdict,
    SignRequest,
)
from signing.statement import describe_vi
from storage.archive import Archive
from storage.errors import DiskFull
from storage.key_uses import KeyUse, Place, UseState
from storage.model import ObjectRef, SignatureSummary
from storage.submissions import Outcome, Reason, SubmissionState

AGENCY_FIELD = "CQ_SoHoa"
_REFERENCE_DIGITS = 12
# Reasons that no person can answer: the engine tries again by itself.
KEY = "key"
TROUBLES = (unstamped.TIMESTAMP, KEY, "personal_unproven", UNPROVEN, virus.WAITS)
# Errors that belong to one paper; every other signing error stops the batch until a person looks.
PAPERS_OWN = (BlockDoesNotFit, SignatureRejected, UnreadablePdf)
# So many signatures of a paper may be thrown away on one release, for want of a timestamp, say.
_DISCARDS_A_RELEASE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPaper:
    """A paper's PDF as it is filed, with the verdict on its signatures."""

    pdf: ObjectRef
    verdict: str
    signatures: tuple[SignatureSummary, ...]
    source_sha256: str = ""
    """The PDF that was signed; empty where an older program noted none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A file with its signatures, and how it came about."""

    source_sha256: str
    """The PDF before."""
    pdf: ObjectRef
    verdict: FileVerdict
    use: KeyUse | None = None
    """The use of the agency's key; None for a file that came signed."""
    by: str = ACTOR
    """Who brought the file: the program itself, or an officer who found it."""


def seal(kept: KeptScan, paper: Paper, rendition: KeptRendition, services: Services) -> SealedPaper:
    """Sign a paper with the agency's key, our own verdict passed; a signed arrival is only judged.

    Raises:
        Held: a timestamp or the key is not to be had, no free place for the block was found, or
            a signed arrival does not pass.
    """
    item, ledger = kept.scan.item, services.archive.ledger
    stored = ledger.outcome(item.id, paper.number, "sign")
    if stored is None:
        ledger.begin_attempt(item.id, "sign", now())
        if kept.scan.received.signed:
            stored = _judge_arrival(kept, paper, services)
        else:
            stored = _sign(kept, paper, rendition, services)
    return codec.from_plain(SealedPaper, stored)


def is_sealed(submission_id: str, paper: int, pdf_sha256: str, archive: Archive) -> bool:
    """Tell whether a paper's PDF is signed; what was signed of another PDF of it is forgotten.

    Args:
        submission_id: the scan.
        paper: which paper of it.
        pdf_sha256: the PDF that is to be signed, as it is now.
        archive: whose ledger.
    """
    stored = archive.ledger.outcome(submission_id, paper, "sign")
    if stored is None:
        return False
    if stored.get("source_sha256") in (None, "", pdf_sha256):
        return True
    archive.ledger.forget_outcomes(submission_id, ("sign",), paper=paper)
    return False


def _judge_arrival(kept: KeptScan, paper: Paper, services: Services) -> dict[str, Any]:
    path = services.archive.objects.path(kept.original.sha256)
    verdict = services.judge.judge(path, now())
    if verdict.overall is not Indication.TOTAL_PASSED:
        listed = " ".join(describe_vi(verdict)[:2])
        reason = Reason(
            code="arrival_not_passed",
            vi=f"Tệp đến đã có chữ ký số nhưng chưa đạt kiểm tra. {listed}",
            en=f"the signed arrival does not pass: {verdict.overall.value}",
        )
        raise Held(SubmissionState.TO_CONFIRM, reason)
    original = kept.original
    made = _Made(source_sha256=original.sha256, pdf=original, verdict=verdict)
    return _record_signatures(kept, paper, made, services)


def _sign(
    kept: KeptScan, paper: Paper, rendition: KeptRendition, services: Services
) -> dict[str, Any]:
    item, archive = kept.scan.item, services.archive
    place = place_of(item.id, paper.number, rendition.pdf.sha256)
    source = archive.objects.path(rendition.pdf.sha256)
    target = services.workspace(item.id) / f"signed-{paper.number}.pdf"
    earlier = archive.key_uses.standing(place)
    if earlier is None:
        request = _request(rendition, paper, (source, target), services)
        request = replace(
            request,
            reference=reference_of(place),
            unstamped=target.with_suffix(unstamped.UNSTAMPED),
        )
        made = _make(request, KeyNote(archive, Purpose(place=place, actor=ACTOR)), services)
    else:
        level = signing_level(services)
        cut_off = Unfinished(use=earlier, source=source, target=target, level=level)
        made = _stamped(cut_off, services) or _found(cut_off, services)
    stored = _record_signatures(kept, paper, made, services)
    target.unlink(missing_ok=True)
    return stored


def _stamped(cut_off: Unfinished, services: Services) -> _Made | None:
    """Have a signature stamped that waits for its timestamp only; None where it is no such one."""
    use, archive = cut_off.use, services.archive
    left = cut_off.target.with_suffix(unstamped.UNSTAMPED)
    if left.is_file():
        unstamped.keep(use, left, cut_off.level, archive)
    kept = unstamped.kept_of(use, archive)
    if kept is None:
        return None
    try:
        verdict = unstamped.stamp(kept, cut_off.target, services)
    except unstamped.NoLongerGood as refused:
        unstamped.discard(use, refused.error, archive)
        place = use.place
        archive.ledger.forget_outcomes(place.subject, ("release",), paper=place.paper)
        raise Held(SubmissionState.AWAITING_RELEASE, _no_longer_good(refused.error)) from refused
    ref = unstamped.add_object(cut_off.target, archive)
    return _Made(source_sha256=use.place.pdf_sha256, pdf=ref, verdict=verdict, use=use)


def _found(cut_off: Unfinished, services: Services) -> _Made:
    ref, verdict, by = take_up(cut_off, services)
    source = cut_off.use.place.pdf_sha256
    return _Made(source_sha256=source, pdf=ref, verdict=verdict, use=cut_off.use, by=by)


def place_of(submission_id: str, paper: int, pdf_sha256: str) -> Place:
    """Return the agency's signature on a paper's PDF."""
    return Place(subject=submission_id, paper=paper, field=AGENCY_FIELD, pdf_sha256=pdf_sha256)


def reference_of(place: Place) -> str:
    """Name a paper for the list and the journal of whoever holds the key.

    The PDF belongs to the name: made anew, it is not what was in the list.
    """
    return f"{place.subject}/{place.paper}/{place.pdf_sha256[:_REFERENCE_DIGITS]}"


def paper_of(reference: str) -> tuple[str, int]:
    """Return the submission and the paper that a reference names."""
    submission_id, paper, _ = reference.split("/")
    return submission_id, int(paper)


def _request(
    rendition: KeptRendition, paper: Paper, paths: tuple[Path, Path], services: Services
) -> SignRequest:
    source, target = paths
    at = now()
    return SignRequest(
        source=source,
        target=target,
        field_name=AGENCY_FIELD,
        level=signing_level(services),
        block=plan_block(rendition, paper, at, services),
        reason=None,
        at=at,
    )


def _make(request: SignRequest, note: KeyNote, services: Services) -> _Made:
    """Sign, with a note of it before; whatever fails is noted too."""
    try:
        signed = services.seal.sign(request, note.intend)
    except SigningError as error:
        left = request.unstamped
        if left is not None and left.is_file():
            unstamped.keep(note.made, left, request.level, services.archive)
            raise unstamped.still_waits(error) from error
        note.fail(error)
        if isinstance(error, PAPERS_OWN):
            raise
        if isinstance(error, OutputNotWritten) and error.is_full:
            # Not this paper's trouble: the station stops, as it does for every full disk.
            raise DiskFull(error.vi, error.en) from error
        raise _held(error, note, services.archive) from error
    ref, use = unstamped.add_object(request.target, services.archive), note.made
    source = use.place.pdf_sha256
    return _Made(source_sha256=source, pdf=ref, verdict=signed.verdict, use=use, by=ACTOR)


def _held(error: SigningError, note: KeyNote, archive: Archive) -> Held:
    if note.use is not None and _is_enough(note.use, archive):
        place = note.use.place
        archive.ledger.forget_outcomes(place.subject, ("release",), paper=place.paper)
        return Held(SubmissionState.AWAITING_RELEASE, _thrown_away(error))
    if isinstance(error, TimestampUnavailable):
        return unstamped.still_waits(error)
    if isinstance(error, PaperDeclined):
        # Nothing failed, and nobody has to release again: it is in the holder's hands.
        reason = Reason(code="key_holder", vi=error.vi, en=error.en)
        return Held(SubmissionState.AWAITING_RELEASE, reason)
    if note.is_unknown:
        told = (f"{error.vi} ", f"; {error.en}")
        return Held(SubmissionState.AWAITING_RELEASE, unknown_signature(note.made, told))
    return Held(SubmissionState.AWAITING_RELEASE, _waits(KEY, error))


def _is_enough(use: KeyUse, archive: Archive) -> bool:
    """Tell whether so much was thrown away that a person shall look, and release anew."""
    spent = discarded_uses(use.place, archive)
    return use.number in spent and len(spent) % _DISCARDS_A_RELEASE == 0


def _thrown_away(error: SigningError) -> Reason:
    return Reason(
        code="release",
        vi=f"{error.vi} Khóa của cơ quan đã ký giấy này thêm {_DISCARDS_A_RELEASE} lần mà không "
        "giữ được chữ ký nào, nên máy không tự ký nữa. Hãy báo người quản trị, rồi duyệt lại bằng "
        "`hoso release`.",
        en=f"{error.en}; {_DISCARDS_A_RELEASE} signatures of it were thrown away: let this be seen "
        "to, then release it again",
    )


def _no_longer_good(error: SigningError) -> Reason:
    return Reason(
        code="release",
        vi=f"Chữ ký đã giữ để chờ dấu thời gian nay không đạt kiểm tra nên đã bỏ. {error.vi} Hãy "
        "xem lại chứng thư, rồi duyệt lại bằng `hoso release`.",
        en=f"the signature that waited for its timestamp does not pass any more: {error.en}; look "
        "at the certificate, then release it again",
    )


def _waits(code: str, error: SigningError) -> Reason:
    return Reason(code=code, vi=error.vi, en=error.en)


def signing_level(services: Services) -> Level:
    """Return the level that the agency's signatures shall reach."""
    signing = services.station.settings.signing
    return Level(signing.level) if signing.timestamp == "required" else Level.B_B


def _record_signatures(
    kept: KeptScan, paper: Paper, made: _Made, services: Services
) -> dict[str, Any]:
    item, archive, verdict = kept.scan.item, services.archive, made.verdict
    sealed = SealedPaper(
        source_sha256=made.source_sha256,
        pdf=made.pdf,
        verdict=verdict.overall.value,
        signatures=summaries(verdict),
    )
    detail = {
        "paper": paper.number,
        "pdf_sha256": made.pdf.sha256,
        "indication": verdict.overall.value,
        "policy": verdict.policy.id,
        "anchors_sha256": verdict.policy.anchors_sha256,
    }
    events = [event(EventType.SIGNATURE_VALIDATION, item, detail=detail)]
    with archive.db.transaction():
        if made.use is not None:
            ended = UseState.SIGNED if made.by == ACTOR else UseState.FOUND
            generated = event(EventType.SIGNATURE_GENERATION, item, detail=detail)
            if not archive.key_uses.end(made.use.number, ended, now(), generated):
                told = proof_detail(made.use.number, archive)
                events.insert(0, replace(generated, detail={**detail, **told}))
        return archive.ledger.record_outcome(
            Outcome(
                submission_id=item.id,
                paper=paper.number,
                stage="sign",
                body=codec.to_plain(sealed),
                objects=(made.pdf.sha256,),
            ),
            *events,
        )


def summaries(verdict: FileVerdict) -> tuple[SignatureSummary, ...]:
    """Return what a record keeps of the judged signatures of its PDF."""
    return tuple(_summary(signature, verdict) for signature in verdict.signatures)


def _summary(signature: SignatureVerdict, verdict: FileVerdict) -> SignatureSummary:
    return SignatureSummary(
        field=signature.field,
        level=signature.level.value if signature.level else None,
        indication=signature.indication.value,
        sub_indication=signature.sub_indication.value if signature.sub_indication else None,
        signer=signature.signer.cn if signature.signer else None,
        signed_at=signature.best_time,
        best_time_kind=signature.best_time_kind.value if signature.best_time_kind else None,
        proven_until=proven_until(signature, verdict),
    )

"""The agency's signature on a paper, and the verdict on a paper that came signed.

Same manner as `desk.stages`: what is done stands in the ledger and is not done twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from config import codec
from config.rules import RuleSet
from config.vocabulary import EventType
from desk import virus
from desk.endings import Held
from desk.moments import now
from desk.services import Services
from desk.stages import KeptRendition, KeptScan, event
from digitize import places, render
from digitize.model import Paper, RecognizedPage
from signing.appearance import block_lines, measure_block
from signing.errors import (
    BlockDoesNotFit,
    SignatureRejected,
    SigningError,
    TimestampUnavailable,
    UnreadablePdf,
)
from signing.model import (
    FileVerdict,
    Indication,
    Level,
    SignatureVerdict,
    SignRequest,
    VisibleBlock,
)
from signing.report import describe_vi
from signing.verdict import judge
from storage.model import ObjectRef, SignatureSummary
from storage.submissions import Outcome, Reason, SubmissionState

AGENCY_FIELD = "CQ_SoHoa"
# Reasons that no person can answer: the engine tries again by itself.
TIMESTAMP, KEY = "timestamp", "key"
TROUBLES = (TIMESTAMP, KEY, virus.WAITS)
_PICTURE_DPI = 100.0
# Two thirds of the room beside a QR code at the top left; longer agency names wrap.
_BLOCK_WIDTH_MM = 80.0
_POINTS_PER_MM = 72 / 25.4
# Errors that belong to one paper; every other signing error stops the batch until a person looks.
_PAPERS_OWN = (BlockDoesNotFit, SignatureRejected, UnreadablePdf)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPaper:
    """A paper's PDF as it is filed, with the verdict on its signatures."""

    pdf: ObjectRef
    verdict: str
    signatures: tuple[SignatureSummary, ...]


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


def _judge_arrival(kept: KeptScan, paper: Paper, services: Services) -> dict[str, Any]:
    path = services.archive.objects.path(kept.original.sha256)
    verdict = judge(path, services.trust, at=now(), network=services.network)
    if verdict.overall is not Indication.TOTAL_PASSED:
        listed = " ".join(describe_vi(verdict)[:2])
        reason = Reason(
            code="arrival_not_passed",
            vi=f"Tệp đến đã có chữ ký số nhưng chưa đạt kiểm tra. {listed}",
            en=f"the signed arrival does not pass: {verdict.overall.value}",
        )
        raise Held(SubmissionState.TO_CONFIRM, reason)
    return _record_signatures(kept, paper, kept.original, verdict, services)


def _sign(
    kept: KeptScan, paper: Paper, rendition: KeptRendition, services: Services
) -> dict[str, Any]:
    objects = services.archive.objects
    source = objects.path(rendition.pdf.sha256)
    target = services.workspace(kept.scan.item.id) / f"signed-{paper.number}.pdf"
    at = now()
    request = SignRequest(
        source=source,
        target=target,
        field_name=AGENCY_FIELD,
        level=_level(services),
        block=_block(rendition, paper, at, services),
        reason=None,
        at=at,
    )
    try:
        signed = services.seal.sign(request)
    except _PAPERS_OWN:
        raise
    except TimestampUnavailable as error:
        raise Held(SubmissionState.AWAITING_TIMESTAMP, _waits(TIMESTAMP, error)) from error
    except SigningError as error:
        raise Held(SubmissionState.AWAITING_RELEASE, _waits(KEY, error)) from error
    stored = objects.add(target)
    target.unlink()
    ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    return _record_signatures(kept, paper, ref, signed.verdict, services)


def _waits(code: str, error: SigningError) -> Reason:
    return Reason(code=code, vi=error.vi, en=error.en)


def _level(services: Services) -> Level:
    signing = services.station.settings.signing
    return Level(signing.level) if signing.timestamp == "required" else Level.B_B


def _block(
    rendition: KeptRendition, paper: Paper, at: dt.datetime, services: Services
) -> VisibleBlock:
    """Lay the block on the free place nearest to the top right corner of page 1.

    Raises:
        Held: there is none; a person must decide.
    """
    rules, settings = services.rules, services.station.settings
    lines = block_lines(
        settings.agency.name,
        at,
        settings.signing.copy_type or None,
        _BLOCK_WIDTH_MM * _POINTS_PER_MM,
    )
    page = paper.pages[0]
    path = services.archive.objects.path(rendition.pdf.sha256)
    picture = render.draw(path, 0, _PICTURE_DPI)
    taken = [word.box for line in page.lines for word in line.words]
    taken += [code.box for code in page.barcodes]
    size = measure_block(lines, rules.font_points)
    found = (
        places.find_free_box(picture, _PICTURE_DPI, size, zone, taken)
        for zone in _zones(page, rules)
    )
    box = next((box for box in found if box is not None), None)
    if box is None:
        reason = Reason(
            code="no_free_place",
            vi="Nửa trên trang 1 không còn chỗ trống cho khối chữ ký số của cơ quan. "
            "Hãy quét lại, chừa lề trên.",
            en="no free place for the signature block in the upper half of page 1; scan it again "
            "with its upper margin",
        )
        raise Held(SubmissionState.TO_CONFIRM, reason)
    left, top, right, bottom = box
    in_page = (left, page.height - bottom, right, page.height - top)
    return VisibleBlock(page=1, box=in_page, lines=lines)


def _zones(page: RecognizedPage, rules: RuleSet) -> tuple[places.Zone, places.Zone]:
    """List where the block may stand: top right as the rule set says, else beside or below."""
    top_right = places.Zone(
        width_mm=rules.zone_width_mm, height_mm=rules.zone_height_mm, edge_mm=rules.edge_mm
    )
    upper_half = places.Zone(
        width_mm=page.width / _POINTS_PER_MM,
        height_mm=page.height / 2 / _POINTS_PER_MM,
        edge_mm=rules.edge_mm,
    )
    return top_right, upper_half


def _record_signatures(
    kept: KeptScan, paper: Paper, pdf: ObjectRef, verdict: FileVerdict, services: Services
) -> dict[str, Any]:
    item = kept.scan.item
    sealed = SealedPaper(
        pdf=pdf,
        verdict=verdict.overall.value,
        signatures=tuple(_summary(signature) for signature in verdict.signatures),
    )
    detail = {
        "paper": paper.number,
        "pdf_sha256": pdf.sha256,
        "indication": verdict.overall.value,
        "policy": verdict.policy.id,
        "anchors_sha256": verdict.policy.anchors_sha256,
    }
    generation = event(EventType.SIGNATURE_GENERATION, item, detail=detail)
    validation = event(EventType.SIGNATURE_VALIDATION, item, detail=detail)
    events = [validation] if kept.scan.received.signed else [generation, validation]
    return services.archive.ledger.record_outcome(
        Outcome(
            submission_id=item.id,
            paper=paper.number,
            stage="sign",
            body=codec.to_plain(sealed),
            objects=(pdf.sha256,),
        ),
        *events,
    )


def _summary(signature: SignatureVerdict) -> SignatureSummary:
    return SignatureSummary(
        field=signature.field,
        level=signature.level.value if signature.level else None,
        indication=signature.indication.value,
        sub_indication=signature.sub_indication.value if signature.sub_indication else None,
        signer=signature.signer.cn if signature.signer else None,
        signed_at=signature.best_time,
        best_time_kind=signature.best_time_kind.value if signature.best_time_kind else None,
    )

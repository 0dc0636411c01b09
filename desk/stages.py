"""Every stage of a submission's way, up to the PDF/A: look in the ledger, run, record, go on.

A stage that finished before is not run again: its outcome stands in the ledger and its artefact in
the object store, so a process that was killed goes on where it stopped. The engine brings a
submission at least once; the ledger makes a repeated run invisible.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import codec
from config.vocabulary import EventType
from desk import readings
from desk.cover_keys import read_cover_key
from desk.endings import Held
from desk.engine.readers import NotYet
from desk.moments import now
from desk.services import Services
from desk.station import Station
from digitize import gate, intake, papers, pdfa
from digitize.errors import IncompleteFile
from digitize.metadata import DocumentFacts
from digitize.model import GateResult, MediaType, PageKind, Paper, RecognizedPage
from digitize.model import Submission as Received
from digitize.papers import CutPlan
from storage.model import NewEvent, ObjectRef
from storage.objects import StoredObject
from storage.submissions import Outcome, Reason, Submission, SubmissionState

ACTOR = "hoso"
_CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A submission that was received whole."""

    item: Submission
    received: Received

    @property
    def path(self) -> Path:
        """Where the claimed file lies."""
        return self.received.path


@dataclass(frozen=True, slots=True, kw_only=True)
class CutScan:
    """A submission's pages, cut into papers."""

    pages: tuple[RecognizedPage, ...]
    """Every page, those that belong to no paper included."""
    plan: CutPlan
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScan:
    """A submission past the gate: its original is an object."""

    scan: Scan
    original: ObjectRef
    papers: tuple[Paper, ...]
    gates: tuple[GateResult, ...]
    """One for each paper."""
    plan: CutPlan
    """Where every page of the scan belongs."""
    reading_sha256: str
    """The object that holds every page as it was read, repairs and marks included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRendition:
    """A preservation copy in the object store."""

    pdf: ObjectRef
    notes: tuple[str, ...]
    agency_box: tuple[float, float, float, float] | None = None
    """Where the first signature left the field of the agency's, points of user space."""


def event(
    kind: EventType,
    item: Submission,
    *,
    outcome: str = "success",
    actor: str = ACTOR,
    detail: Mapping[str, object] | None = None,
) -> NewEvent:
    """Make an event about a submission, at this moment."""
    return NewEvent(
        type=kind, object=item.id, actor=actor, at=now(), outcome=outcome, detail=detail or {}
    )


def receive(item: Submission, services: Services) -> Scan:
    """Look at a claimed file: type, limits, digests.

    Raises:
        IntakeError: it cannot be taken.
    """
    ledger = services.archive.ledger
    ledger.begin_attempt(item.id, "receive", now())
    path = services.station.root / item.tray_path
    sha256, sha512 = intake.digests(path)
    # Before anything can fail: a scan that is put back is known by its digest.
    ledger.set_digests(item.id, sha256=sha256, sha512=sha512, media_type=None, at=now())
    received = readings.receive(item, path, services)
    ledger.set_digests(
        item.id,
        sha256=received.sha256,
        sha512=received.sha512,
        media_type=received.media_type.value,
        at=now(),
    )
    body = {"sha256": received.sha256, "pages": received.page_count}
    ledger.record_outcome(
        Outcome(submission_id=item.id, paper=0, stage="receive", body=body),
        event(EventType.DIGEST_CALCULATION, item, detail=body),
    )
    return Scan(item=ledger.get(item.id), received=received)


def let_earlier_go_first(scan: Scan, services: Services) -> None:
    """Make a scan wait for an earlier one of the same bytes that is in work again.

    Whoever answers by moving a scan into two folders hands in the paper that was asked about and
    a copy of it. The copy, which knows no answer, finds its record once the paper is filed.

    Raises:
        NotYet: there is one.
    """
    item, received = scan.item, scan.received
    for other in services.archive.ledger.of_size(item.size_bytes, SubmissionState.IN_WORK):
        is_earlier = (other.received_at, other.id) < (item.received_at, item.id)
        if is_earlier and other.sha256 == received.sha256:
            raise NotYet(received.page_count, after=other.id)


def read(scan: Scan, services: Services) -> tuple[RecognizedPage, ...]:
    """Read every page; the words of a run that passed the gate are taken from the store.

    Raises:
        RecognitionError, DamagedFile, TooLarge: a page cannot be read.
    """
    kept = services.archive.ledger.outcome(scan.item.id, 0, "gate")
    if kept is not None:
        plain = json.loads(services.archive.objects.read(kept["reading_sha256"]))
        return codec.from_plain(tuple[RecognizedPage, ...], plain)
    services.archive.ledger.begin_attempt(scan.item.id, "read", now())
    return readings.read(scan.item, scan.received, services)


def pass_gate(scan: Scan, cut: CutScan, services: Services) -> KeptScan:
    """Stop what must not be kept; from here on artefacts are objects.

    Raises:
        Held: a mark of secrecy was found, and nothing of the scan was kept; or a person must look
            at how it was cut.
        IncompleteFile: the scan is no longer what was read.
    """
    gates = tuple(gate.check(paper, services.rules) for paper in cut.papers)
    # Sheets that belong to no paper are looked at too.
    (whole,) = papers.cut(cut.pages)
    if gate.check(whole, services.rules).secret_mark is not None:
        raise Held(SubmissionState.SECRET, secret_reason())
    archive = services.archive
    original = _keep_original(scan, services)
    words = archive.objects.add_bytes(codec.to_bytes(cut.pages))
    ref = ObjectRef(sha256=original.sha256, sha512=original.sha512, size_bytes=original.size_bytes)
    body = {"original": codec.to_plain(ref), "reading_sha256": words.sha256}
    kept = archive.ledger.record_outcome(
        Outcome(
            submission_id=scan.item.id,
            paper=0,
            stage="gate",
            body=body,
            objects=(original.sha256, words.sha256),
        )
    )
    readings.forget(scan.item, services)
    if cut.plan.doubts:
        raise Held(SubmissionState.TO_CONFIRM, _cut_reason(cut.plan.doubts))
    archive.ledger.record_outcome(
        Outcome(submission_id=scan.item.id, paper=0, stage=_CUT, body=codec.to_plain(cut.plan))
    )
    return KeptScan(
        scan=scan,
        original=codec.from_plain(ObjectRef, kept["original"]),
        papers=cut.papers,
        gates=gates,
        plan=cut.plan,
        reading_sha256=kept["reading_sha256"],
    )


def _keep_original(scan: Scan, services: Services) -> StoredObject:
    """Store the very bytes that were looked at and read.

    Copied first and compared then: a program that held the scan open through its claim may have
    gone on writing, and what no gate has seen must not become an object.

    Raises:
        IncompleteFile: the scan is no longer what was read.
    """
    copy = services.workspace(scan.item.id) / "original"
    shutil.copyfile(scan.path, copy)
    kept = services.archive.ledger.outcome(scan.item.id, 0, "gate")
    expected = kept["original"]["sha256"] if kept else scan.received.sha256
    try:
        if not intake.digests(copy)[0] == expected == scan.received.sha256:
            raise IncompleteFile(
                f"Tệp «{scan.received.name}» bị thay đổi trong lúc xử lý: có chương trình còn ghi "
                "vào tệp. Hãy chờ máy quét ghi xong rồi thả lại.",
                "the file was changed while it was worked on; drop it again once it is written",
            )
        return services.archive.objects.add(copy)
    finally:
        copy.unlink()


def _cut_reason(doubts: tuple[papers.Doubt, ...]) -> Reason:
    return Reason(
        code="+".join(dict.fromkeys(doubt.code for doubt in doubts)),
        vi=" ".join(doubt.vi for doubt in doubts),
        en="; ".join(doubt.en for doubt in doubts),
    )


def secret_reason() -> Reason:
    """Say why a marked scan stops."""
    return Reason(
        code="secret_mark",
        vi="Bản quét có dấu mật: không được số hóa ở đây (TT 01/2023/TT-VPCP Điều 4).",
        en="a mark of secrecy: not to be digitised here",
    )


def make_rendition(
    kept: KeptScan, paper: Paper, dossier_code: str | None, services: Services
) -> KeptRendition:
    """Make the PDF/A of a paper; a signed arrival is its own rendition and stays as it came.

    Raises:
        NotArchival: it does not pass as PDF/A-2b.
    """
    item, received = kept.scan.item, kept.scan.received
    if received.signed:
        return KeptRendition(pdf=kept.original, notes=())
    archive = services.archive
    stored = archive.ledger.outcome(item.id, paper.number, "render")
    if stored is not None and stored.get("dossier_code") not in (None, dossier_code):
        # Inside it another dossier is named; what is said of a paper may never contradict it.
        archive.ledger.forget_outcomes(item.id, ("render",), paper=paper.number)
        stored = None
    if stored is None:
        archive.ledger.begin_attempt(item.id, "render", now())
        stored = _render(kept, paper, dossier_code, services)
    return KeptRendition(
        pdf=codec.from_plain(ObjectRef, stored["pdf"]), notes=tuple(stored["notes"])
    )


def _render(
    kept: KeptScan, paper: Paper, dossier_code: str | None, services: Services
) -> dict[str, Any]:
    item, received = kept.scan.item, kept.scan.received
    job = pdfa.RenderJob(
        source=services.archive.objects.path(kept.original.sha256),
        media_type=received.media_type,
        pages=paper.pages,
        facts=DocumentFacts(
            title=received.name,
            agency_name=services.station.settings.agency.name,
            dossier_code=dossier_code,
            source_sha256=received.sha256,
            received_at=item.received_at.astimezone(dt.UTC),
        ),
    )
    target = services.workspace(item.id) / f"rendition-{paper.number}.pdf"
    rendition = readings.render(item, job, target, services)
    stored = services.archive.objects.add(target)
    target.unlink()
    ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    detail = {"pdf_sha256": stored.sha256, "flavour": rendition.flavour, "paper": paper.number}
    return services.archive.ledger.record_outcome(
        Outcome(
            submission_id=item.id,
            paper=paper.number,
            stage="render",
            body={
                "pdf": codec.to_plain(ref),
                "notes": list(rendition.notes),
                "dossier_code": dossier_code,
            },
            objects=(stored.sha256,),
        ),
        event(EventType.NORMALIZATION, item, detail=detail),
        event(EventType.VALIDATION, item, detail={**detail, "validator": "pikepdf.pdfa"}),
    )


def cut_papers(scan: Scan, pages: tuple[RecognizedPage, ...], services: Services) -> CutScan:
    """Cut the pages of a submission into papers; once cut, papers keep their pages and numbers."""
    stored = services.archive.ledger.outcome(scan.item.id, 0, _CUT)
    plan = (
        codec.from_plain(CutPlan, stored)
        if stored is not None
        else _plan_cut(scan, pages, services.station)
    )
    return CutScan(pages=pages, plan=plan, papers=papers.apply(plan, pages))


def _plan_cut(scan: Scan, pages: tuple[RecognizedPage, ...], station: Station) -> CutPlan:
    intake = station.settings.intake
    if scan.received.signed:
        return papers.plan_one(pages)
    if intake.batches == "off":
        return papers.plan_one(pages, drop_blank=intake.drop_blank)
    rules = papers.CutRules(
        key=read_cover_key(station),
        blank_separators=intake.separators == "blank",
        drop_blank=intake.drop_blank,
        answered=bool(scan.item.confirmed_dossier),
    )
    return papers.plan(pages, rules)


def is_born_digital(scan: Scan, paper: Paper) -> bool:
    """Tell whether a paper came as text, not as a scan."""
    is_text = all(page.kind is PageKind.TEXT for page in paper.pages)
    return scan.received.media_type is MediaType.PDF and is_text

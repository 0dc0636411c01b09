"""An officer's signature on a paper that is filed: one revision more, the earlier ones untouched.

The officer's own process signs and hands the file back; the engine judges it and lets it take the
place of the record's PDF. The key is noted before it is used, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from config import codec
from config.vocabulary import EventType
from desk.agency_seal import AgencySeal
from desk.hand_signing import free_field
from desk.identifiers import new_id
from desk.key_notes import KeyNote, Purpose, proof_detail, use_event
from desk.moments import now
from desk.sealing import summaries
from desk.services import Services
from desk.session_folders import COUNTERSIGNED, OF_RECORD, PREFIX, hand_back, held_folder
from desk.unfinished import begins_with
from digitize.intake import digests
from signing.errors import SigningError
from signing.model import FileVerdict, Indication, Level, SignRequest
from storage.archive import Archive
from storage.key_uses import KeyUse, Place, UseState
from storage.model import NewEvent, ObjectRef, Record
from storage.pdf_versions import PdfVersion, adopt

_NOT_TAKEN = (UseState.UNKNOWN, UseState.SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersigned:
    """What an officer signed."""

    record_id: str
    field: str
    """Name of the signature field."""
    signer: str
    """Common name in the certificate."""
    pdf_sha256: str
    """The file with the signature."""
    use: int
    """Number of the use of the key."""


def countersign(
    record: Record, level: Level, seal: AgencySeal, archive: Archive, actor: str
) -> Countersigned:
    """Sign a filed paper and hand it to the engine.

    Args:
        record: the paper.
        level: of the signature.
        seal: the officer's key.
        archive: whose record.
        actor: the officer, as events tell.

    Raises:
        SigningError: nothing was signed; AlreadySigned where an earlier try is not settled.
    """
    source = archive.objects.path(record.pdf.sha256)
    field = free_field(source)
    place = _place(record, field)
    with _folder(archive) as (session, folder):
        target = folder / f"{record.id}.{OF_RECORD}.pdf"
        note = KeyNote(archive, Purpose(place=place, actor=actor, holder=session))
        request = SignRequest(
            source=source,
            target=target,
            field_name=field,
            level=level,
            block=None,
            reason=None,
            at=now(),
            title=record.title,
        )
        try:
            signed = seal.sign(request, note.intend)
        except SigningError as error:
            note.fail(error)
            raise
        hand_back(target, note.made, archive)
    return Countersigned(
        record_id=record.id,
        field=field,
        signer=signed.signer.cn,
        pdf_sha256=signed.sha256,
        use=note.made.number,
    )


def _place(record: Record, field: str) -> Place:
    return Place(subject=record.id, paper=OF_RECORD, field=field, pdf_sha256=record.pdf.sha256)


@contextmanager
def _folder(archive: Archive) -> Iterator[tuple[str, Path]]:
    session = new_id()
    folder = archive.staging / f"{PREFIX}{session}"
    with held_folder(folder):
        yield session, folder


def allow_again(record: Record, archive: Archive, actor: str) -> int:
    """Let a key be used again where nobody knows whether it signed, or what it made was not taken.

    Args:
        record: the paper.
        archive: whose record.
        actor: the person who says so.

    Returns:
        How many uses are over.
    """
    on_the_way = {item.body["use"] for item in archive.requests.pending(COUNTERSIGNED)}
    uses = [
        use
        for use in archive.key_uses.of(record.id, OF_RECORD)
        if use.place.pdf_sha256 == record.pdf.sha256 and use.number not in on_the_way
    ]
    return sum(
        archive.key_uses.end(
            use.number, UseState.AGAIN, now(), use_event(use, "again", actor), of=_NOT_TAKEN
        )
        for use in uses
    )


def take_countersigned(services: Services) -> int:
    """Let what officers signed take its place, where our verdict passes; return how many did."""
    requests, count = services.archive.requests, 0
    for request in requests.pending(COUNTERSIGNED):
        use = services.archive.key_uses.get(request.body["use"])
        if use is not None:
            pdf = codec.from_plain(ObjectRef, request.body["pdf"])
            count += _take(use, pdf, services)
        requests.complete(request.id, now())
    return count


def _take(use: KeyUse, pdf: ObjectRef, services: Services) -> bool:
    archive, place = services.archive, use.place
    path, source = archive.objects.path(pdf.sha256), archive.objects.path(place.pdf_sha256)
    verdict = services.judge.judge(path, now())
    passed = verdict.overall is Indication.TOTAL_PASSED and begins_with(path, source)
    version = PdfVersion(
        earlier_sha256=place.pdf_sha256,
        pdf=pdf,
        signatures=summaries(verdict),
        verdict=verdict.overall.value,
    )
    generated, validated = _events(use, pdf, verdict, archive)
    taken = adopt(archive, place.subject, version, generated, validated) if passed else None
    if taken is None:
        archive.events.append(_refused(use, pdf, verdict))
        return False
    _lay_out(taken, version, services)
    return True


def _lay_out(record: Record, version: PdfVersion, services: Services) -> None:
    """Let the clerk have the new file too; a copy that is not what was laid out stays as it is."""
    names = {f"{link.dossier_code}.{link.ordinal}.pdf" for link in record.links}
    for copy in services.station.done.rglob("*.pdf"):
        # One that a clerk has open, or took away just now: the archive holds the new file.
        with suppress(OSError):
            if copy.name in names and digests(copy)[0] == version.earlier_sha256:
                services.archive.objects.copy_to(version.pdf.sha256, copy)


def _events(
    use: KeyUse, pdf: ObjectRef, verdict: FileVerdict, archive: Archive
) -> tuple[NewEvent, NewEvent]:
    """Tell of the signature and of its check, on the submission that the paper came in."""
    told = _told(use, pdf, verdict)
    generated = NewEvent(
        type=EventType.SIGNATURE_GENERATION,
        object=archive.records.get(use.place.subject).submission_id,
        actor=use.actor,
        at=now(),
        outcome="countersigned",
        detail={**told, **proof_detail(use.number, archive)},
    )
    validated = NewEvent(
        type=EventType.SIGNATURE_VALIDATION,
        object=generated.object,
        actor="hoso",
        at=now(),
        detail=told,
    )
    return generated, validated


def _told(use: KeyUse, pdf: ObjectRef, verdict: FileVerdict) -> dict[str, object]:
    return {
        "record_id": use.place.subject,
        "field": use.place.field,
        "earlier_pdf_sha256": use.place.pdf_sha256,
        "pdf_sha256": pdf.sha256,
        "indication": verdict.overall.value,
        "policy": verdict.policy.id,
        "anchors_sha256": verdict.policy.anchors_sha256,
    }


def _refused(use: KeyUse, pdf: ObjectRef, verdict: FileVerdict) -> NewEvent:
    """Tell that a signature was not taken: it does not pass, or another came first."""
    event = use_event(use, "not taken", use.actor)
    return replace(event, detail={**event.detail, **_told(use, pdf, verdict)})

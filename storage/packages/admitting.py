"""A checked package goes into the archive: all of its papers, or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from config.vocabulary import EventType
from storage.accessions import Accession
from storage.archive import Archive
from storage.corrections import Correction, NewCorrection
from storage.errors import PackageConflict, PackageUnusable, RecordNotFound, StorageError
from storage.model import NewEvent, NewLink, Record
from storage.outsider.zips import write_zip
from storage.packages.arriving import Arrival, needed_objects
from storage.packages.model import Holdings
from storage.register import RegisterBatch
from storage.submissions import Submission, SubmissionState
from storage.times import time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Who takes a package in, when, and how its signatures were judged here."""

    actor: str
    """Who."""
    at: datetime
    """When, aware."""
    verdicts: Mapping[str, str]
    """Our verdict on the PDF of each record, by record id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What became of a package."""

    taken: tuple[str, ...]
    """Ids of the records that were taken in."""
    held: tuple[str, ...]
    """Ids of those that the archive held already, equal in every field."""
    completed: tuple[str, ...] = ()
    """Ids of those whose scan had been left out, and came now."""


def admit(archive: Archive, arrival: Arrival, admission: Admission) -> Admitted:
    """Take a package in; a package that was taken in before changes nothing.

    Raises:
        PackageConflict: A paper contradicts one that the archive holds, or was destroyed here.
        PackageUnusable: A file is not the one that its record tells of.
        DiskFull: There is no room.
    """
    new = [record for record in arrival.holdings.records if not _is_held(archive, record)]
    ids = {record.id for record in new}
    known = [record for record in arrival.holdings.records if record.id not in ids]
    late = [record for record in known if _brings_more(archive, arrival, record)]
    completed = tuple(record.id for record in late)
    held = tuple(record.id for record in known if record not in late)
    if not new and not late:
        return Admitted(taken=(), held=held)
    _store_objects(archive, arrival, [*new, *late])
    evidence = _store_evidence(archive, arrival.evidence) if new else ""
    with archive.db.transaction():
        for record in late:
            _complete(archive, record, arrival, admission)
        if new:
            _take(archive, arrival, (new, evidence), admission)
    # What is taken in is taken in; a late index says so itself.
    with suppress(StorageError):
        archive.catch_up()
    return Admitted(taken=tuple(record.id for record in new), held=held, completed=completed)


def _take(
    archive: Archive, arrival: Arrival, what: tuple[Sequence[Record], str], admission: Admission
) -> None:
    """File papers that are new here, with the object of their source's evidence."""
    new, evidence = what
    ids = {record.id for record in new}
    try:
        _load_register(archive, arrival, admission)
        for record in new:
            _file(archive, record, arrival.holdings)
            accession = _accession(record, arrival, evidence, admission)
            archive.accessions.add(accession)
            archive.events.append(_event(archive, record, accession, admission))
        _file_history(archive, arrival.holdings, ids, admission)
    except sqlite3.IntegrityError as error:
        raise PackageConflict(
            f"Giấy tờ trong gói {arrival.identifier} trùng số thứ tự hoặc lượt nộp với giấy tờ "
            "khác trong kho. Không nhận gì; hãy so hai bên.",
            f"papers of {arrival.identifier} collide with others in the archive: {error}",
        ) from error


def _brings_more(archive: Archive, arrival: Arrival, record: Record) -> bool:
    """Tell whether a package brings what was left out when a paper came."""
    return bool(archive.accessions.absent_of(record.id) - set(arrival.absent_of(record)))


def _complete(archive: Archive, record: Record, arrival: Arrival, admission: Admission) -> None:
    """Note that the scan of a paper came later."""
    known = archive.accessions.of_record(record.id)
    assert known is not None, "it has something that is absent"
    still = tuple(name for name in known.absent if name not in arrival.objects)
    accession = replace(known, absent=still)
    archive.accessions.complete(accession)
    event = _event(archive, record, accession, admission)
    archive.events.append(replace(event, outcome="completed"))


def _is_held(archive: Archive, record: Record) -> bool:
    if archive.destroyed.get(record.id) is not None:
        raise PackageConflict(
            f"Giấy tờ {record.id} đã được hủy hợp pháp tại đây, không nhận lại. Không nhận gì.",
            f"record {record.id} was lawfully destroyed here; it is not taken in again",
        )
    try:
        known = archive.records.get(record.id)
    except RecordNotFound:
        return False
    if archive.records.digest(known) != archive.records.digest(record):
        raise PackageConflict(
            f"Kho đã có giấy tờ {record.id} với nội dung khác trong gói. Không nhận gì; hãy so hai "
            "bên.",
            f"the archive holds record {record.id} with other content",
        )
    return True


def _store_objects(archive: Archive, arrival: Arrival, records: Sequence[Record]) -> None:
    """Store files before any row names them; where the rest fails they are orphans, and swept."""
    for record in records:
        absent = arrival.absent_of(record)
        for reference in needed_objects(record):
            if reference.sha256 in absent:
                continue
            stored = archive.objects.add(arrival.objects[reference.sha256])
            is_told = reference.sha512 in (stored.sha512, "")
            is_told = is_told and reference.size_bytes in (stored.size_bytes, -1)
            if stored.sha256 != reference.sha256 or not is_told:
                raise PackageUnusable(
                    f"Tệp {reference.sha256} của giấy tờ {record.id} không đúng mã băm đã ghi.",
                    f"a file of record {record.id} has another digest than its record tells",
                )


def _store_evidence(archive: Archive, folder: Path) -> str:
    packed = folder.with_name("evidence.zip")
    write_zip(folder, packed)
    return archive.objects.add(packed).sha256


def _load_register(archive: Archive, arrival: Arrival, admission: Admission) -> None:
    """Load what the register here does not know; what it knows stays as its own system says."""
    holdings, register = arrival.holdings, archive.register
    dossier, procedure = holdings.dossier, holdings.procedure
    known = {result.ordinal for result in register.results(holdings.code)}
    batch = RegisterBatch(
        procedures=(procedure,) if procedure and not register.procedure(procedure.code) else (),
        dossiers=(dossier,) if dossier and not register.dossier(dossier.code) else (),
        results=tuple(result for result in holdings.results if result.ordinal not in known),
    )
    if not (batch.procedures or batch.dossiers or batch.results):
        return
    count = register.load(batch)
    detail = {
        "package": arrival.identifier,
        "mets_sha256": arrival.mets_sha256,
        "changed": count.changed,
        **register.seals.told(),
    }
    archive.events.append(
        NewEvent(
            type=EventType.METADATA_MODIFICATION,
            object="register",
            actor=admission.actor,
            at=admission.at,
            outcome="accession",
            detail=detail,
        )
    )


def _file(archive: Archive, record: Record, holdings: Holdings) -> None:
    """Write the rows of a record as they were, with its own ordinals."""
    first, *others = record.links
    filed = archive.records.insert(
        record,
        NewLink(
            dossier_code=first.dossier_code,
            role=first.role,
            procedure_result_code=first.procedure_result_code,
        ),
        record.filed_at,
    )
    archive.db.execute(
        "UPDATE link SET ordinal = ? WHERE record = ?", (first.ordinal, filed.number)
    )
    for link in others:
        archive.db.execute(
            "INSERT INTO link (record, dossier_code, role, ordinal, procedure_result_code) "
            "VALUES (?, ?, ?, ?, ?)",
            (
                filed.number,
                link.dossier_code,
                link.role.value,
                link.ordinal,
                link.procedure_result_code,
            ),
        )
    for submission in holdings.submissions:
        if submission.id == record.submission_id:
            _enter(archive, submission)
    for record_id, fingerprint in holdings.fingerprints:
        if record_id == record.id:
            archive.fingerprints.add(record_id, fingerprint)


def _enter(archive: Archive, submission: Submission) -> None:
    """Enter the scan that a record came in, as filed.

    Its file lies in no tray of this station, and no engine here has anything to do with it, however
    it stands at its source with its other papers.
    """
    row = {
        "id": submission.id,
        "state": SubmissionState.FILED.value,
        "name": submission.name,
        "folder": submission.folder,
        "tray_path": "",
        "sha256": submission.sha256,
        "sha512": submission.sha512,
        "size_bytes": submission.size_bytes,
        "media_type": submission.media_type,
        "received_at": time_text(submission.received_at),
        "updated_at": time_text(submission.updated_at),
        "attempts": submission.attempts,
        "owner": submission.owner,
    }
    archive.db.tables.table("submission").insert(row, ignore=True)


def _accession(record: Record, arrival: Arrival, evidence: str, admission: Admission) -> Accession:
    return Accession(
        record_id=record.id,
        package=arrival.identifier,
        oais_type=arrival.oais_type,
        mets_sha256=arrival.mets_sha256,
        evidence_sha256=evidence,
        source_key=arrival.source_key,
        source_size=arrival.source_size,
        source_root=arrival.source_root,
        at=admission.at,
        absent=arrival.absent_of(record),
    )


def _event(
    archive: Archive, record: Record, accession: Accession, admission: Admission
) -> NewEvent:
    known = archive.records.get(record.id)
    if archive.records.digest(known) != archive.records.digest(record):
        raise PackageConflict(
            f"Giấy tờ {record.id} không ghi lại được đúng như trong gói. Không nhận gì.",
            f"record {record.id} cannot be written as the package has it",
        )
    event = archive.event_of(EventType.ACCESSION, known, actor=admission.actor, at=admission.at)
    detail = {
        **event.detail,
        "accession_sha256": accession.digest,
        **({"absent": list(accession.absent)} if accession.absent else {}),
        "package": accession.package,
        "mets_sha256": accession.mets_sha256,
        "source_key_sha256": accession.source_key,
        "source_size": accession.source_size,
        "source_root": accession.source_root,
        "source_verdict": record.verdict,
        "verdict": admission.verdicts.get(record.id, ""),
    }
    return replace(event, detail=detail)


def _file_history(
    archive: Archive, holdings: Holdings, new: set[str], admission: Admission
) -> None:
    """Keep which paper took another's place, and what people said; with events of this log."""
    for version in holdings.versions:
        if version.record_id in new:
            archive.supersede(version, actor=admission.actor)
    numbers: dict[int, int] = {}
    for correction in holdings.corrections:
        if correction.record_id in new:
            numbers[correction.id] = _keep_correction(archive, correction, numbers, admission)


def _keep_correction(
    archive: Archive, told: Correction, numbers: Mapping[int, int], admission: Admission
) -> int:
    kept = archive.corrections.add(
        NewCorrection(
            submission_id=told.submission_id,
            paper=told.paper,
            record_id=told.record_id,
            act=told.act,
            before=told.before,
            after=told.after,
            actor=told.actor,
            at=told.at,
            undoes=numbers.get(told.undoes or 0),
            reason=told.reason,
        )
    )
    record = archive.records.get(told.record_id or "")
    event = archive.event_of(
        EventType.METADATA_MODIFICATION, record, actor=admission.actor, at=admission.at
    )
    detail = {**event.detail, "correction": kept.id, "correction_sha256": kept.digest}
    archive.events.append(replace(event, outcome="accession", detail=detail))
    return kept.id

"""Results of dossiers after filing: those before their register entry, corrected and revoked ones.

A result that came first is filed and waits; when the register brings its entry it is tied to it by
the same rules as at filing, or goes on waiting with the reason. Nothing of an old one is lost: it
is marked superseded or revoked, and stays found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from config.vocabulary import Role
from desk.accession import AS_COMPONENT, Placement, RegisterView, place_in_procedure
from desk.moments import now
from desk.result_ties import is_same_number
from digitize.model import Description, Evidence
from storage.archive import Archive
from storage.fingerprints import Version
from storage.found_papers import FoundPaper
from storage.model import FieldValue, Link, NewLink, Record
from storage.register import ProcedureResult
from storage.submissions import Reason

_NOT_SEEN = (0.0, 0.0, 0.0, 0.0)
Standing = Literal["valid", "superseded", "revoked"]


def view_register(code: str | None, archive: Archive) -> RegisterView:
    """Return what the register says of a dossier."""
    register = archive.register
    dossier = register.dossier(code) if code else None
    return RegisterView(
        dossier=dossier,
        procedure=register.procedure(dossier.procedure_code) if dossier else None,
        results=tuple(register.results(dossier.code)) if dossier else (),
    )


def described(record: Record) -> Description:
    """Return what is written on a filed paper, as it was described before filing."""
    return Description(
        fields=tuple(_evidence(field) for field in record.fields if field.value is not None)
    )


def _evidence(field: FieldValue) -> Evidence:
    return Evidence(
        name=field.name,
        value=field.value or "",
        confidence=field.confidence,
        page=field.page or 1,
        box=field.box or _NOT_SEEN,
    )


def standing(record: Record | FoundPaper, archive: Archive) -> Standing:
    """Say whether a record still stands for itself, whichever dossier asks."""
    if archive.fingerprints.is_superseded(record.id):
        return "superseded"
    return standing_in_place(record, archive)


def standing_in_place(record: Record | FoundPaper, archive: Archive) -> Standing:
    """Say the same of a record whose place no replacement took."""
    results = (entry_of(link, archive) for link in record.links)
    is_revoked = any(result is not None and result.status == "revoked" for result in results)
    return "revoked" if is_revoked else "valid"


def entry_of(link: Link, archive: Archive) -> ProcedureResult | None:
    """Return the register's entry that a place of a record is; None where it is none."""
    code = link.procedure_result_code
    return archive.register.find_result(code) if code else None


def holder_of(result_code: str | None, archive: Archive) -> Record | None:
    """Return the record that stands for a result; None where there is none."""
    known = archive.results.of_result(result_code) if result_code else []
    found = (archive.records.get(record_id) for record_id in reversed(known))
    return next((item for item in found if not archive.fingerprints.is_superseded(item.id)), None)


def waits_for(record: Record, link: Link, archive: Archive) -> Reason | None:
    """Say why a result has no code yet; None where it has one, or is none."""
    if link.role is not Role.RESULT or link.procedure_result_code is not None:
        return None
    placed = _place(record, link.dossier_code, archive)
    if placed.question is not None:
        return placed.question
    if placed.procedure_result_code is None:
        return _NOT_IN_REGISTER
    return taken(placed.procedure_result_code)


def _place(record: Record, dossier_code: str, archive: Archive) -> Placement:
    view = view_register(dossier_code, archive)
    return place_in_procedure(record.class_code, described(record), view)


_NOT_IN_REGISTER = Reason(
    code="result_not_in_register",
    vi="Kết quả này chưa có trong sổ: nhập sổ (hoso register import), trạm sẽ tự nối.",
    en="this result is not in the register yet; it is tied to its entry when that is imported",
)


def taken(result_code: str) -> Reason:
    """Return the question to ask where a result has another record already."""
    return Reason(
        code="result_taken",
        vi=f"Kết quả {result_code} trong sổ đã có giấy khác: cần người xem giấy nào là bản đúng.",
        en=f"another record is {result_code} already; a person must say which of them is right",
    )


def changing(
    archive: Archive, imported: Iterable[ProcedureResult]
) -> dict[str, tuple[ProcedureResult, ...]]:
    """Return what the register says of the dossiers whose results an import is about to change."""
    found: dict[str, tuple[ProcedureResult, ...]] = {}
    for result in imported:
        code = result.dossier_code
        known = found.get(code) or tuple(archive.register.results(code))
        if code in found or result not in known:
            found[code] = known
    return found


def follow_register(
    archive: Archive, before: Mapping[str, tuple[ProcedureResult, ...]], *, actor: str
) -> list[Record]:
    """Let the records of dossiers follow what the register says now; in the caller's transaction.

    Args:
        archive: whose register it is.
        before: what the register said of each dossier before (`changing`).
        actor: who changed it.

    Returns:
        The records that were tied to their entry.
    """
    tied: list[Record] = []
    for code, results in before.items():
        tied += _tie_waiting(archive, code, actor)
        _supersede(archive, code, actor)
        _note_revocations(archive, results, actor)
    return tied


def _tie_waiting(archive: Archive, dossier_code: str, actor: str) -> Iterator[Record]:
    entries = archive.register.results(dossier_code)
    free = {item.code: item.class_code for item in entries if holder_of(item.code, archive) is None}
    wanted: dict[str, list[Record]] = {}
    for record_id in archive.results.untied(dossier_code, set(free.values())):
        record = archive.records.get(record_id)
        code = _entry_for(record, dossier_code, archive)
        if code in free:
            wanted.setdefault(code, []).append(record)
    for code, records in wanted.items():
        # Two papers that may be one entry: neither is, until a person has looked.
        if len(records) == 1:
            link = NewLink(dossier_code=dossier_code, role=Role.RESULT, procedure_result_code=code)
            yield archive.tie_result(records[0].id, link, actor=actor, at=now())


def _entry_for(record: Record, dossier_code: str, archive: Archive) -> str | None:
    """Return the code of the entry that a record without one surely is."""
    link = next(link for link in record.links if link.dossier_code == dossier_code)
    placed = _place(record, dossier_code, archive)
    if placed.role is not Role.RESULT or placed.question is not None:
        return None
    if link.role is Role.COMPONENT and not _is_surely(
        record, placed.procedure_result_code, archive
    ):
        return None
    return placed.procedure_result_code


def _is_surely(record: Record, result_code: str | None, archive: Archive) -> bool:
    """Tell whether a paper filed as a component is an entry by its very number."""
    result = archive.register.find_result(result_code or "")
    number = described(record).value("number")
    was_said = record.notes.get("role_answer") == AS_COMPONENT
    is_same = bool(result and number and is_same_number(result.number, number))
    return is_same and not was_said


def _supersede(archive: Archive, dossier_code: str, actor: str) -> None:
    """Mark the records of results that the register says were corrected by others."""
    results = {result.ordinal: result for result in archive.register.results(dossier_code)}
    for result in results.values():
        earlier = results.get(result.replaces or 0)
        if earlier is None:
            continue
        old, new = (holder_of(item.code, archive) for item in (earlier, result))
        if old is not None and new is not None and old.id != new.id:
            version = Version(record_id=new.id, supersedes=old.id, kind="replacement", at=now())
            archive.supersede(version, actor=actor)


def _note_revocations(archive: Archive, before: Iterable[ProcedureResult], actor: str) -> None:
    """Log on each record that its result was revoked, or is no longer."""
    for earlier in before:
        result = archive.register.find_result(earlier.code)
        if result is None or result.status == earlier.status:
            continue
        outcome = "revoked" if result.status == "revoked" else "reinstated"
        for record_id in archive.results.of_result(earlier.code):
            archive.note(archive.records.get(record_id), outcome, actor=actor, at=now())

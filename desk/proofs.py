"""What the check of a certificate before each signature rested on (TT 15/2025/TT-BKHCN Art. 5.4).

Kept with the use of the key: the certificate, the lists and responses that told of revocation, and
what was found. A person may look at it, take it out as files, and delete it; that is an event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.codec import to_plain
from config.vocabulary import EventType
from desk.errors import UnknownCode
from desk.moments import now
from desk.views import Json
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.key_uses import KeyUse
from storage.model import NewEvent

_SUFFIXES = {"certificate": "cer", "crl": "crl", "ocsp": "ors"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A paper, and the uses of keys for it."""

    submission_id: str
    uses: tuple[KeyUse, ...]


def signed_under(code: str, archive: Archive) -> Signed:
    """Return the uses of keys for what a record id or a submission id names.

    Raises:
        UnknownCode: nothing is known under it.
    """
    identifier = code.lower()
    try:
        record = archive.records.get(identifier)
    except RecordNotFound:
        return Signed(submission_id=identifier, uses=_of_submission(identifier, archive))
    own = archive.key_uses.of(record.submission_id, record.paper)
    later = archive.key_uses.of(record.id)
    return Signed(submission_id=record.submission_id, uses=(*own, *later))


def _of_submission(submission_id: str, archive: Archive) -> tuple[KeyUse, ...]:
    try:
        archive.ledger.get(submission_id)
    except RecordNotFound as error:
        raise UnknownCode(
            f"Không có giấy tờ hay lượt nộp nào mang mã «{submission_id}». Hãy kiểm tra lại mã.",
            f"nothing is known under {submission_id!r}",
        ) from error
    return tuple(archive.key_uses.of(submission_id))


def view_uses(signed: Signed, archive: Archive) -> list[Json]:
    """Show the uses of keys with what is kept of the checks before them."""
    return [_view_use(use, archive) for use in signed.uses]


def _view_use(use: KeyUse, archive: Archive) -> Json:
    proofs = archive.key_uses.proofs(use.number)
    return {
        "use": use.number,
        "paper": use.place.paper,
        "field": use.place.field,
        "state": use.state.value,
        "pdf_sha256": use.place.pdf_sha256,
        "digest": use.digest,
        "actor": use.actor,
        "at": to_plain(use.at),
        "check": dict(use.checked) or None,
        "proofs": [
            {"kind": proof.kind, "sha256": proof.sha256, "size": len(proof.der)} for proof in proofs
        ],
    }


def proof_files(signed: Signed, archive: Archive) -> Iterator[tuple[str, bytes]]:
    """Yield the proofs as DER, each under a name of its own."""
    for use in signed.uses:
        for proof in archive.key_uses.proofs(use.number):
            name = f"{use.number}-{use.place.field}-{proof.sha256[:16]}.{_SUFFIXES[proof.kind]}"
            yield name, proof.der


def save_proofs(signed: Signed, folder: Path, archive: Archive) -> list[Path]:
    """Write the proofs as DER files into a folder, made where it is missing; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, der in proof_files(signed, archive):
        path = folder / name
        path.write_bytes(der)
        written.append(path)
    return written


def delete_proofs(signed: Signed, archive: Archive, actor: str) -> int:
    """Delete the proofs, with an event that keeps their digests; return how many there were."""
    numbers = [use.number for use in signed.uses]
    digests = {proof.sha256 for number in numbers for proof in archive.key_uses.proofs(number)}
    event = NewEvent(
        type=EventType.DELETION,
        object=signed.submission_id,
        actor=actor,
        at=now(),
        outcome="proofs",
        detail={"uses": numbers, "proofs": sorted(digests)},
    )
    return archive.key_uses.delete_proofs(numbers, event)

"""What the archive holds on the papers of a package: brought together, written, read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from config.codec import from_plain, to_plain
from storage.archive import Archive
from storage.canonical import canonical_json, read_json
from storage.errors import PackageUnusable, RecordNotFound
from storage.fingerprints import Fingerprint, Version
from storage.model import Record
from storage.packages.model import HOLDINGS, Holdings
from storage.submissions import Submission

_FORMAT = "hoso records 1"


def gather(archive: Archive, code: str, records: Sequence[Record]) -> Holdings:
    """Bring together what the archive holds on some papers.

    Args:
        archive: Where they are.
        code: Mã hồ sơ, or the id of the one record.
        records: The papers, in order.
    """
    dossier = archive.register.dossier(code)
    return Holdings(
        code=code,
        dossier=dossier,
        procedure=archive.register.procedure(dossier.procedure_code) if dossier else None,
        results=tuple(archive.register.results(code)),
        records=tuple(records),
        submissions=tuple(_submissions(archive, records)),
        corrections=tuple(
            item for record in records for item in archive.corrections.of_record(record.id)
        ),
        versions=tuple(_versions(archive, records)),
        fingerprints=tuple(_fingerprints(archive, records)),
    )


def _submissions(archive: Archive, records: Sequence[Record]) -> Iterable[Submission]:
    for submission_id in sorted({record.submission_id for record in records}):
        try:
            yield archive.ledger.get(submission_id)
        except RecordNotFound:
            continue  # what came from elsewhere may have no scan here


def _versions(archive: Archive, records: Sequence[Record]) -> Iterable[Version]:
    ids = {record.id for record in records}
    for record_id in sorted(ids):
        version = archive.fingerprints.version_of(record_id)
        if version is not None and version.supersedes in ids:
            yield version


def _fingerprints(archive: Archive, records: Sequence[Record]) -> Iterable[tuple[str, Fingerprint]]:
    for record in records:
        rows = archive.db.rows(
            "SELECT key FROM fingerprint_key WHERE record = ? ORDER BY key", (record.number,)
        )
        pictures = archive.fingerprints.pictures(record.id)
        if pictures or rows:
            keys = tuple(str(row["key"]) for row in rows)
            yield record.id, Fingerprint(pictures=pictures, keys=keys)


def holdings_bytes(holdings: Holdings) -> bytes:
    """Write holdings as canonical JSON; equal holdings give equal bytes."""
    plain = to_plain(holdings)
    for signature in chain.from_iterable(record["signatures"] for record in plain["records"]):
        # It stands in no package that was written before it was known of any signature.
        if signature["proven_until"] is None:
            del signature["proven_until"]
    return canonical_json({"format": _FORMAT, **plain})


def read_holdings(data: bytes) -> Holdings:
    """Read what `holdings_bytes` wrote.

    Raises:
        PackageUnusable: It is something else.
    """
    try:
        plain = read_json(data)
        if plain["format"] != _FORMAT or not plain["records"]:
            raise ValueError(plain["format"])
        holdings: Holdings = from_plain(Holdings, plain)
        if holdings_bytes(holdings) != data:
            raise ValueError("another spelling")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PackageUnusable(
            f"Không đọc được «{HOLDINGS}» của gói ({error}). Hãy xin lại gói.",
            f"{HOLDINGS} of the package cannot be read: {error}; ask for it again",
        ) from error
    return holdings

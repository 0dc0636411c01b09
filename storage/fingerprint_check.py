"""Is what papers are recognised by as it was when they were filed, by the digest in their notes."""

from __future__ import annotations

from collections.abc import Iterator

from storage.archive import Archive
from storage.canonical import read_json
from storage.model import Finding


def find_changed_fingerprints(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each record whose kept fingerprint is not the one that its notes tell.

    The notes themselves are under the record's events; older records tell of none.
    """
    kept = archive.fingerprints.digests()
    for row in archive.db.iterate(
        "SELECT CAST(id AS BLOB) AS id, CAST(notes AS BLOB) AS notes FROM record ORDER BY number"
    ):
        try:
            told = read_json(row["notes"]).get("fingerprint_sha256")
        except (ValueError, AttributeError):
            continue  # the check of the records names this one
        record_id = row["id"].decode(errors="replace")
        if told is not None and kept.get(record_id) not in (None, told):
            yield Finding(
                kind="record",
                identifier=record_id,
                vi="Dấu nhận dạng quét lại của tài liệu này khác với lúc lưu kho.",
                en="What this record is recognised by is not as it was when it was filed.",
            )

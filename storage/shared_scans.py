"""Scans that show papers of several dossiers: what leaves with one of them must not show the rest.

Where a paper lies in its scan stands in its record's notes; without that it is all of its scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storage.archive import Archive
from storage.canonical import read_json
from storage.model import Record

_PAGES = "scan_pages"
# Sheets that belong to no paper.
_BETWEEN = ("cover_pages", "separator_pages", "blank_pages_left_out")


def shows_others(archive: Archive, record: Record, leaving: Sequence[Record]) -> bool:
    """Tell whether the scan of a paper shows any that does not leave with it.

    Another one may be filed, destroyed, refused by a person, or not filed yet.

    Args:
        archive: Where the papers are.
        record: The paper.
        leaving: All that leave together, this one among them.
    """
    ids = {one.id for one in leaving}
    if any(other not in ids for other in _cut_from(archive, record)):
        return True
    together = [one for one in leaving if one.submission_id == record.submission_id]
    if any(_PAGES not in one.notes for one in together):
        return False
    told = {number for one in together for number in _numbers(one)}
    return not set(_read_pages(archive, record)) <= told


def _cut_from(archive: Archive, record: Record) -> Iterator[str]:
    """Yield the ids of all records that were cut out of the same scan, destroyed ones too."""
    rows = archive.db.rows(
        "SELECT id FROM record WHERE submission_id = ? OR original_sha256 = ?",
        (record.submission_id, record.original.sha256),
    )
    yield from (str(row["id"]) for row in rows)
    yield from (one.record_id for one in archive.destroyed.of_submission(record.submission_id))


def _numbers(record: Record) -> Iterator[int]:
    for name in (_PAGES, *_BETWEEN):
        yield from (int(number) for number in record.notes.get(name, "").split(",") if number)


def _read_pages(archive: Archive, record: Record) -> Iterator[int]:
    """Yield the numbers of the pages of a scan; one that no paper has where nobody knows them."""
    reading = record.notes.get("reading_sha256")
    if reading is None or reading in archive.accessions.absent_of(record.id):
        yield 0
        return
    yield from range(1, len(read_json(archive.objects.read(reading))) + 1)

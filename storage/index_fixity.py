"""Does the search index say what the records say? Every paper, every dossier, every word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from storage.archive import Archive
from storage.index_entry import DossierFacts
from storage.model import Finding, Record
from storage.told_events import UNREADABLE


def check_index(archive: Archive, findings: list[Finding]) -> int:
    """Compare the index with the records, once it has caught up; return how many records.

    Args:
        archive: The archive.
        findings: Gets what is wrong.
    """
    # Asked before the index catches up: what is filed from here on is not looked at.
    numbers = [
        row["number"] for row in archive.db.rows("SELECT number FROM record ORDER BY number")
    ]
    archive.catch_up()
    indexed = archive.search.indexed()
    held = archive.search.fingerprints()
    count, doubtful = 0, []
    for record, facts in _readable_records(archive, numbers):
        count += 1
        indexed.pop(record.number, None)
        if not archive.search.is_current(record, facts, held):
            doubtful.append(record.number)
    findings.extend(_stale_records(archive, doubtful))
    findings.extend(_surplus(archive, indexed))
    findings.extend(
        _finding(
            code,
            "Chỉ mục tìm kiếm không khớp hồ sơ này. Hãy chạy «hoso reindex».",
            "The search index differs from this dossier. Run `hoso reindex`.",
        )
        for code in _stale_dossiers(archive)
    )
    if _has_rows_of_nothing(archive, held) or not archive.search.is_sound():
        findings.append(
            _finding(
                archive.index_db.path.name,
                "Tệp chỉ mục bị hỏng. Hãy chạy «hoso reindex».",
                "The index file is damaged. Run `hoso reindex`.",
            )
        )
    return count


def count_index(archive: Archive, findings: list[Finding]) -> int:
    """Tell whether the index, once it has caught up, is behind; return how many were compared: 0.

    Args:
        archive: The archive.
        findings: Gets what is wrong.
    """
    archive.catch_up()
    if archive.index_lag():
        findings.append(
            _finding(
                archive.index_db.path.name,
                "Chỉ mục có số tài liệu khác với kho. Hãy chạy «hoso reindex».",
                "The index holds another number of records than the archive. Run `hoso reindex`.",
            )
        )
    return 0


def _stale_records(archive: Archive, numbers: Sequence[int]) -> Iterator[Finding]:
    """Yield the papers whose rows differ at a second look, too: papers are corrected meanwhile."""
    if not numbers:
        return
    archive.catch_up()
    held = archive.search.fingerprints()
    for record, facts in _readable_records(archive, numbers):
        if not archive.search.is_current(record, facts, held):
            yield _finding(
                record.id,
                "Chỉ mục tìm kiếm không khớp tài liệu này. Hãy chạy «hoso reindex».",
                "The search index differs from this record. Run `hoso reindex`.",
            )


def _has_rows_of_nothing(archive: Archive, held: Mapping[int, int]) -> bool:
    """Tell whether rows that no entry names are there at a second look, too.

    A paper may have been destroyed since the first.
    """
    found = held.keys() - archive.search.indexed().keys()
    return bool(found) and bool(found & archive.search.fingerprints().keys())


def _stale_dossiers(archive: Archive) -> list[str]:
    """Return the dossiers whose rows differ at a second look, too: papers are filed meanwhile."""
    found = archive.stale_dossiers()
    if not found:
        return []
    archive.catch_up()
    again = set(archive.stale_dossiers())
    return [code for code in found if code in again]


def _surplus(archive: Archive, indexed: dict[int, str]) -> Iterator[Finding]:
    still = archive.search.indexed().items() if indexed else ()
    for number, record_id in indexed.items() & still:
        if archive.db.row("SELECT 1 FROM record WHERE (number, id) = (?, ?)", (number, record_id)):
            continue  # filed meanwhile, or unreadable, which the check of the records names
        yield _finding(
            record_id,
            "Chỉ mục có một tài liệu mà kho không có. Hãy chạy «hoso reindex».",
            "The index holds a record that the archive lacks. Run `hoso reindex`.",
        )


def _readable_records(
    archive: Archive, numbers: Sequence[int]
) -> Iterator[tuple[Record, tuple[DossierFacts, ...]]]:
    for number in numbers:
        try:
            record = archive.records.by_number(number)
            facts = archive.dossier_facts(record) if record is not None else ()
        except UNREADABLE:
            continue  # the check of the records, or of the register, names it
        if record is not None:
            yield record, facts


def _finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="index", identifier=identifier, vi=vi, en=en)

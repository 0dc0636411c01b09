"""Filed papers are found by rare keys; versions are kept beside records, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from config.vocabulary import EventType
from storage.archive import Archive
from storage.fingerprints import Fingerprint, Version, VersionKind
from storage.model import NewLink, NewRecord

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
Maker = Callable[..., NewRecord]


def file(archive: Archive, record: NewRecord, link: NewLink, *keys: str) -> str:
    filed = archive.file(record, link, actor="thử nghiệm", at=AT)
    fingerprint = Fingerprint(pictures=("0f" * 8,), keys=keys)
    archive.fingerprints.add(filed.id, fingerprint)
    archive.fingerprints.add(filed.id, fingerprint)
    return filed.id


def test_records_are_found_by_the_rare_keys_that_they_share(
    archive: Archive, new_record: Maker, link: NewLink
) -> None:
    ids = [file(archive, new_record(n), link, "form", f"own-{n}", "pair"[: n + 2]) for n in (1, 2)]
    assert archive.fingerprints.pictures(ids[0]) == ("0f" * 8,)
    assert archive.fingerprints.sharing(["own-2", "form"], 5) == [ids[1], ids[0]]
    assert archive.fingerprints.sharing(["own-2", "form"], 1) == [ids[1]]
    for n in range(3, 43):
        file(archive, new_record(n), link, "form")
    # By now it is the key of a form.
    assert archive.fingerprints.sharing(["form"], 5) == []
    assert archive.fingerprints.in_place(link.dossier_code, "GKS")[:2] == ids
    assert archive.fingerprints.in_place(link.dossier_code, "KHÁC") == []


def test_a_later_record_leaves_the_earlier_one_as_it_is(
    archive: Archive, new_record: Maker, link: NewLink
) -> None:
    first, second, third = (file(archive, new_record(n), link) for n in (1, 2, 3))
    before = archive.records.digest(archive.records.get(first))
    later: list[tuple[str, VersionKind]] = [(second, "version"), (third, "replacement")]
    for record_id, kind in later * 2:
        version = Version(record_id=record_id, supersedes=first, kind=kind, at=AT)
        archive.supersede(version, actor="thử nghiệm")
        assert archive.fingerprints.version_of(record_id) == version
    assert [(v.record_id, v.kind) for v in archive.fingerprints.later_versions(first)] == later
    assert archive.fingerprints.is_superseded(first)
    assert not archive.fingerprints.is_superseded(second)
    assert archive.records.digest(archive.records.get(first)) == before
    told = [
        (event.outcome, event.detail["later_record"], event.detail["record_sha256"])
        for event in archive.events.events(first)
        if event.type is EventType.METADATA_MODIFICATION
    ]
    assert told == [("version", second, before), ("replacement", third, before)]

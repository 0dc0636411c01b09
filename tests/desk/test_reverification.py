from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.vocabulary import EventType, Role
from desk.reverification import Rejudged, describe_rejudged, rejudge
from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.signing import Hand, sign
from signing.model import FileVerdict
from signing.trust import load_trust
from signing.verdict import judge
from storage.archive import Archive, open_archive
from storage.model import Event, NewLink, ObjectRef
from tests.desk.shelf import spoiled
from tests.notices import make_notice

AT = datetime.now(UTC).replace(microsecond=0)
DOSSIER = "H26.99-261105-0001"


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trust folder and signed.pdf."""
    folder = tmp_path_factory.mktemp("ky")
    authority = Authority(AT)
    authority.write_trust(folder / "trust")
    (folder / "signed.pdf").write_bytes(sign(plain(1), authority, Hand()))
    return folder


@pytest.fixture
def archive(signed: Path, tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        stored = opened.objects.add_bytes((signed / "signed.pdf").read_bytes())
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        for number in (1, 2):
            opened.file(
                replace(
                    make_notice(ref),
                    id=f"01a1ffbc-0629-7235-8ba1-00000000000{number}",
                    paper=number,
                ),
                NewLink(dossier_code=DOSSIER, role=Role.COMPONENT),
                actor="test",
                at=AT,
            )
        yield opened


def _looked(
    archive: Archive, trust: Path | None, damaged: list[str] | None = None
) -> list[Rejudged]:
    store = load_trust(trust)
    unread = [] if damaged is None else damaged

    def judge_here(paths: Sequence[Path]) -> Iterator[FileVerdict]:
        return (judge(path, store, at=AT) for path in paths)

    return list(rejudge(archive, judge_here, unread, actor="van.thu", at=AT))


def _validations(archive: Archive) -> list[Event]:
    return [one for one in archive.events.events() if one.type is EventType.SIGNATURE_VALIDATION]


def test_a_verdict_that_stands_is_no_event_but_that_all_were_judged_is(
    archive: Archive, signed: Path
) -> None:
    found = _looked(archive, signed / "trust")
    assert not any(item.is_changed for item in found)
    (done,) = _validations(archive)
    assert (done.object, done.actor, done.outcome) == ("archive", "van.thu", "success")
    assert done.detail == {"records": len(found), "changed": 0}


def test_a_verdict_that_changes_is_an_event_once_and_so_is_its_return(
    archive: Archive, signed: Path
) -> None:
    first = _looked(archive, None)
    assert all(item.is_changed for item in first)
    told = describe_rejudged(first[0])
    assert "trước đây [TOTAL-PASSED]" in told
    assert DOSSIER in told
    events = [one for one in _validations(archive) if one.object != "archive"]
    assert len(events) == len(first)
    detail = events[0].detail
    assert (detail["earlier_indication"], detail["indication"]) == ("TOTAL-PASSED", "INDETERMINATE")
    assert detail["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"
    assert len(str(detail["policy_sha256"])) == len(str(detail["anchors_sha256"])) == 64
    assert not any(item.is_changed for item in _looked(archive, None))
    back = _looked(archive, signed / "trust")
    assert [(item.before, item.is_changed) for item in back] == [("INDETERMINATE", True)] * len(
        back
    )


def test_a_file_that_is_gone_or_damaged_is_a_changed_verdict(
    archive: Archive, signed: Path
) -> None:
    record = archive.records.get(next(iter(archive.records.all_ids())))
    path = archive.objects.path(record.pdf.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"1.000.000", b"9.000.000"))
    assert {item.verdict.overall_sub for item in _looked(archive, signed / "trust")} == {
        "HASH_FAILURE"
    }
    path.unlink()
    gone = _looked(archive, signed / "trust")
    assert {item.verdict.readable for item in gone} == {False}
    assert archive.records.get(record.id).verdict == "TOTAL-PASSED"


@pytest.mark.parametrize("column", ["title", "id"])
def test_a_damaged_record_is_named_and_keeps_no_other_from_being_judged(
    archive: Archive, signed: Path, column: str
) -> None:
    first, second = archive.records.all_ids()
    damaged: list[str] = []
    with spoiled(archive, f"record.{column}", "number = 1", f"{first}\xff".encode("latin-1")):
        found = _looked(archive, signed / "trust", damaged)
    assert [item.record_id for item in found] == [second]
    assert [name[: len(first)] for name in damaged] == [first]
    (done,) = _validations(archive)
    assert (done.outcome, done.detail["records"], done.detail["damaged"]) == ("failure", 1, damaged)

"""The timestamp authority goes away after the key was used: nobody types a PIN a second time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from config.vocabulary import EventType
from desk import sealing, unstamped
from desk.demo import pki
from desk.endings import Held
from desk.key_notes import KeyNote, Purpose
from desk.sealing import AGENCY_FIELD, place_of
from desk.sign_sessions import waiting_for
from desk.station import Station
from desk.unfinished import Unfinished
from desk.unstamped import discard, kept_of
from fixtures.keys.loopback import answering
from signing.errors import SignatureRejected
from signing.model import Level
from signing.structure import inspect
from storage.archive import open_archive
from storage.key_uses import UseState
from storage.submissions import Outcome, SubmissionState
from tests.desk.forked import Done, Forks
from tests.desk.test_key_notes import intended
from tests.desk.test_sealing import claim
from tests.desk.tiny import HALVES, archive_of, drop_half, files_of, make_tiny
from tests.signing.faulty_authority import FaultyAuthority

CLERK = "officer3"


@pytest.fixture(scope="module")
def authority(template: Path) -> Iterator[FaultyAuthority]:
    with pki.Services(template / "authority") as services:
        made = FaultyAuthority(real=services.timestamp_url)
        with answering("/tsa", made.answer) as port:
            made.port = port
            yield made


def prepare(template: Path, root: Path, authority: FaultyAuthority, personal: str) -> Station:
    """A station with one scan, whose timestamps come from an authority with faults."""
    authority.fault, authority.honest_first = "", 0
    station = make_tiny(
        template,
        root,
        signing={"personal": personal, "scans_of": (), "timestamp_url": authority.url},
        evidence={"anchor": "off"},
        reading={"workers": 1},
    )
    drop_half(station, HALVES[0])
    return station


def run(program: Forks, station: Station, **options: str | bool) -> Done:
    return program.hoso("run", "--once", "--json", "--station", station.root, **options)


def fail_in_mid_work(authority: FaultyAuthority) -> None:
    """Answer once, before the key is used; then not."""
    authority.fault, authority.honest_first = "missing", 1


def assert_filed(station: Station, fields: list[str]) -> None:
    """The paper is filed at the level asked for, and each key was used once."""
    with archive_of(station) as archive:
        (record,) = archive.records.newest(9)
        uses = archive.key_uses.of(record.submission_id)
        types = [event.type for event in archive.events.events(record.submission_id)]
        structure = inspect(archive.objects.path(record.pdf.sha256))
        assert list(archive.staging.iterdir()) == []
    assert record.verdict == "TOTAL-PASSED"
    assert {signature.level for signature in record.signatures} == {"B-LT"}
    assert [found.field for found in structure.signatures] == fields
    assert [(use.place.field, use.state) for use in uses] == [
        (field, UseState.SIGNED) for field in fields
    ]
    assert types.count(EventType.SIGNATURE_GENERATION) == len(fields)


def test_what_the_agencys_key_made_waits_for_its_timestamp_and_is_filed(
    template: Path, program: Forks, authority: FaultyAuthority, tmp_path: Path
) -> None:
    station = prepare(template, tmp_path / "station", authority, "off")
    fail_in_mid_work(authority)
    # Killed right after the key's work got a name: it is found.
    assert run(program, station, kill_on=f"{unstamped.UNSTAMPED}')", kill_before=False).killed
    assert run(program, station).code == 1
    with archive_of(station) as archive:
        (item,) = archive.ledger.in_state(SubmissionState.AWAITING_TIMESTAMP)
        (use,) = archive.key_uses.of(item.id)
        assert (use.state, use.place.field) == (UseState.SIGNED, AGENCY_FIELD)
        assert kept_of(use, archive) is not None
    (slip,) = [name for name in files_of(station.work) if name.endswith(".DANG-CHO.txt")]
    assert "chỉ còn chờ dấu thời gian" in (station.work / slip).read_text(encoding="utf-8-sig")
    authority.fault = ""
    done = run(program, station)
    assert done.code == 0, (done.out, done.err)
    assert_filed(station, ["CQ_SoHoa"])


def test_what_a_persons_key_made_is_stamped_by_the_engine(
    template: Path, program: Forks, authority: FaultyAuthority, tmp_path: Path
) -> None:
    station = prepare(template, tmp_path / "station", authority, "required")
    assert run(program, station).code == 0
    fail_in_mid_work(authority)
    files = pki.key_files(station.root / "authority", CLERK)
    signed = program.hoso(
        "sign-session", "--once", "--json", "--key", files.pkcs12,
        "--passphrase", files.passphrase, "--station", station.root,
    )  # fmt: skip
    assert signed.code == 32
    assert "Không phải nhập PIN" in signed.err
    assert run(program, station).code == 1
    with archive_of(station) as archive:
        assert archive.ledger.counts().awaiting_timestamp == 1
        # Nobody is asked again: nothing waits for the person.
        assert waiting_for(archive) == []
    authority.fault = ""
    done = run(program, station)
    assert done.code == 0, (done.out, done.err, files_of(station.work))
    assert_filed(station, ["CB_SaoChup", "CQ_SoHoa"])


def test_a_kept_signature_that_is_no_longer_good_is_released_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revoked before its timestamp came, say; and while nobody can tell, it waits on."""
    place = place_of("s", 1, "aa")
    with open_archive(tmp_path) as archive:
        claim(archive)
        release = Outcome(submission_id="s", paper=1, stage="release", body={})
        archive.ledger.record_outcome(release)
        note = KeyNote(archive, Purpose(place=place, actor="thử nghiệm"))
        note.intend([intended()])
        left = tmp_path / f"signed-1{unstamped.UNSTAMPED}"
        left.write_bytes(b"%PDF what the key made")
        cut_off = Unfinished(
            use=note.made, source=left, target=tmp_path / "signed-1.pdf", level=Level.B_LT
        )
        services: Any = SimpleNamespace(archive=archive, trust=None, network=None)
        seen = []
        for sub_indication in ("TRY_LATER", "REVOKED"):
            error = SignatureRejected("Chữ ký không đạt.", "refused", sub_indication)
            monkeypatch.setattr(unstamped, "stamp_kept", Mock(side_effect=error))
            with pytest.raises(Held) as held:
                sealing._stamped(cut_off, services)
            (use,) = archive.key_uses.of("s")
            seen.append((held.value.state, use.state, kept_of(use, archive) is not None))
        assert seen == [
            (SubmissionState.AWAITING_TIMESTAMP, UseState.SIGNED, True),
            (SubmissionState.AWAITING_RELEASE, UseState.DISCARDED, False),
        ]
        assert "nay không đạt kiểm tra" in held.value.reason.vi
        assert archive.ledger.outcome("s", 1, "release") is None
        # Said once, however often a run comes by.
        before = archive.events.size()
        discard(use, error, archive)
        assert archive.events.size() == before
        assert sealing._stamped(cut_off, services) is None

"""Signatures that wait for their timestamp: kept, stamped later, the key used once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.keys.loopback import answering
from signing.errors import SignatureRejected, TimestampUnavailable, UnreadablePdf
from signing.meeting import Intended
from signing.model import Indication, Level, SignRequest
from signing.network import Network
from signing.pades import Batch
from signing.unstamped import stamp_kept
from signing.verdict import judge
from tests.signing.faulty_authority import FaultyAuthority
from tests.signing.workbench import Workbench, make_pdf, now


@pytest.fixture
def authority(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyAuthority]:
    monkeypatch.setattr("signing.network.RETRY_PAUSE_SECONDS", 0.0)
    authority = FaultyAuthority(real=bench.services.timestamp_url)
    with answering("/tsa", authority.answer) as port:
        authority.port = port
        yield authority


class Key:
    """Counts the uses of a key."""

    def __init__(self) -> None:
        self.uses = 0

    def intend(self, uses: Sequence[Intended]) -> None:
        self.uses += len(uses)


def network_of(bench: Workbench, authority: FaultyAuthority) -> Network:
    return replace(bench.network, timestamp_url=authority.url, timeout_seconds=20.0)


def keep_one(
    bench: Workbench, authority: FaultyAuthority, folder: Path, level: Level, honest: int = 0
) -> SignRequest:
    """Sign while the authority fails in mid-work; return how the kept file is finished."""
    request = replace(
        bench.request(make_pdf(folder / "a.pdf", 1), folder / "b.pdf", level),
        unstamped=folder / "kept",
    )
    key = Key()
    with (
        bench.signer() as signer,
        Batch(signer, bench.trust, network_of(bench, authority), key.intend) as batch,
    ):
        batch.check(request.at, level)
        authority.fault, authority.honest_first = "missing", honest
        with pytest.raises(TimestampUnavailable) as caught:
            batch.sign(request)
        assert "Không phải nhập PIN" in caught.value.vi
        assert key.uses == 1
        # The next paper asks for a timestamp before its key is used.
        with pytest.raises(TimestampUnavailable):
            batch.sign(replace(request, target=folder / "c.pdf", unstamped=folder / "other"))
        assert key.uses == 1
    assert sorted(path.name for path in folder.iterdir()) == ["a.pdf", "kept"]
    assert request.unstamped is not None
    return replace(request, source=request.unstamped, at=now())


# How many answers are right: at B-LTA the document timestamp, too, may be what fails.
@pytest.mark.parametrize(
    ("level", "honest"),
    [(Level.B_T, 0), (Level.B_LT, 0), (Level.B_LTA, 0), (Level.B_LTA, 1)],
)
def test_a_signature_without_its_timestamp_is_kept_and_stamped_later(
    bench: Workbench, authority: FaultyAuthority, tmp_path: Path, level: Level, honest: int
) -> None:
    request = keep_one(bench, authority, tmp_path, level, honest)
    # What is kept claims no more than it is.
    kept = judge(request.source, bench.trust, at=now(), network=bench.network)
    assert [len(each.timestamps) for each in kept.signatures] == [honest]
    assert [each.level for each in kept.signatures] == [Level.B_T if honest else Level.B_B]
    # Still nobody answers: nothing changes.
    network = network_of(bench, authority)
    before = request.source.read_bytes()
    with pytest.raises(TimestampUnavailable):
        stamp_kept(request, bench.trust, network)
    assert (request.source.read_bytes(), request.target.exists()) == (before, False)
    authority.fault = ""
    made = stamp_kept(request, bench.trust, network)
    assert made.overall is Indication.TOTAL_PASSED
    (signature, *_) = made.signatures
    assert (signature.level, len(signature.timestamps)) == (level, 1)
    # As a stranger judges it, and other programs.
    alone = bench.network if level is Level.B_T else None
    verdict = judge(request.target, bench.trust, at=now(), network=alone)
    assert verdict.overall is Indication.TOTAL_PASSED
    for command in (["pdfsig", "-nocert"], ["qpdf", "--check"]):
        run = subprocess.run([*command, request.target], capture_output=True, text=True, check=True)
    assert "No syntax" in run.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "b.pdf", "kept"]
    # What the key signed is as it was; only its own space holds more.
    start = before.index(b"/Contents <")
    end = before.index(b">", start)
    finished = request.target.read_bytes()
    assert (finished[:start], finished[end : len(before)]) == (before[:start], before[end:])


def test_without_a_place_to_keep_it_nothing_is_left(
    bench: Workbench, authority: FaultyAuthority, tmp_path: Path
) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf", 1), tmp_path / "b.pdf", Level.B_T)
    with (
        bench.signer() as signer,
        Batch(signer, bench.trust, network_of(bench, authority)) as batch,
    ):
        batch.check(request.at, Level.B_T)
        authority.fault = "missing"
        with pytest.raises(TimestampUnavailable) as caught:
            batch.sign(request)
    assert "chưa được ký" in caught.value.vi
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_kept_file_that_was_changed_gets_no_name(
    bench: Workbench, authority: FaultyAuthority, tmp_path: Path
) -> None:
    request = keep_one(bench, authority, tmp_path, Level.B_LT)
    authority.fault = ""
    whole = request.source.read_bytes()
    request.source.write_bytes(whole.replace(b"THU NGHIEM", b"THU NGHIEN", 1))
    with pytest.raises(SignatureRejected):
        stamp_kept(request, bench.trust, network_of(bench, authority))
    make_pdf(request.source)
    with pytest.raises(UnreadablePdf):
        stamp_kept(request, bench.trust, network_of(bench, authority))
    assert not request.target.exists()

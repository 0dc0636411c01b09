from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signing import clock, pades
from signing.clock import TimestampSource, choose_timestamps
from signing.errors import ClockWrong, TimestampUnavailable
from signing.model import Level
from signing.network import Network, connect
from signing.pades import Batch, sign_pdf
from signing.trust import TrustStore, load_trust
from tests.signing.workbench import Workbench, free_port, make_pdf, now


def choose(trust: TrustStore, network: Network, ahead: timedelta = timedelta(0)) -> TimestampSource:
    def clock() -> datetime:
        return now() + ahead

    async def ask() -> TimestampSource:
        async with connect(network) as connections:
            return await choose_timestamps(trust, connections, clock)

    return asyncio.run(ask())


def test_a_right_clock_passes(bench: Workbench) -> None:
    found = choose(bench.trust, bench.network)
    assert found.url == bench.services.timestamp_url
    assert abs(found.difference) <= timedelta(seconds=2)


@pytest.mark.parametrize(
    ("ahead", "word"),
    [
        (timedelta(hours=1), "nhanh"),
        (timedelta(hours=-1), "chậm"),
        # Beyond the validity of the authority's certificate: still the clock is to blame.
        (timedelta(days=9000), "nhanh"),
    ],
)
def test_a_wrong_clock_is_refused_by_how_much_and_which_way(
    bench: Workbench, ahead: timedelta, word: str
) -> None:
    with pytest.raises(ClockWrong) as caught:
        choose(bench.trust, bench.network, ahead)
    assert word in caught.value.vi
    assert "timedatectl" in caught.value.vi


def test_a_clock_that_jumps_in_mid_batch_is_told_and_the_paper_not_signed(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf", 1), tmp_path / "b.pdf", Level.B_T)
    with bench.signer() as signer, Batch(signer, bench.trust, bench.network) as batch:
        batch.check(request.at, Level.B_T)

        def jumped() -> datetime:
            return datetime.now(UTC) + timedelta(hours=1)

        monkeypatch.setattr(pades, "machine_clock", jumped)
        monkeypatch.setattr(clock, "machine_clock", jumped)
        with pytest.raises(ClockWrong) as caught:
            batch.sign(request)
    assert "nhanh 36" in caught.value.vi
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_the_limit_is_a_setting(bench: Workbench) -> None:
    wide = replace(bench.network, clock_seconds=7200.0)
    found = choose(bench.trust, wide, timedelta(hours=1))
    assert timedelta(minutes=59) < found.difference < timedelta(minutes=61)


def test_the_second_authority_steps_in(bench: Workbench, tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}/tsa"
    network = replace(
        bench.network, timestamp_url=dead, second_timestamp_url=bench.services.timestamp_url_2
    )
    assert choose(bench.trust, network).url == bench.services.timestamp_url_2
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_LTA)
    with bench.signer() as signer:
        signed = sign_pdf(request, signer, bench.trust, network)
    assert "TSA 2" in signed.verdict.signatures[0].timestamps[0].tsa
    both_dead = replace(network, second_timestamp_url=dead)
    with pytest.raises(TimestampUnavailable):
        choose(bench.trust, both_dead)


def test_no_authority_and_an_untrusted_one_are_refused_before_the_key_is_used(
    bench: Workbench, tmp_path: Path
) -> None:
    with pytest.raises(TimestampUnavailable) as caught:
        choose(bench.trust, replace(bench.network, timestamp_url=None))
    assert "timestamp_url" in caught.value.vi
    (tmp_path / "signers").mkdir()
    root = bench.folder / "trust" / "signers" / "goc-thu-nghiem.pem"
    (tmp_path / "signers" / "goc.pem").write_bytes(root.read_bytes())
    with pytest.raises(TimestampUnavailable) as caught:
        choose(load_trust(tmp_path), bench.network)
    assert "trust/timestamping" in caught.value.vi

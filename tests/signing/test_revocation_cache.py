from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from signing.errors import CertificateRefused
from signing.network import Network
from signing.preflight import check_signer
from signing.revocation_cache import FRESH_SECONDS, Shelf
from tests.signing.workbench import Workbench, now

# officer3 is asked for by OCSP, the others by the list.
NAMES = ("agency", "officer3")


def keeping(bench: Workbench, folder: Path) -> Network:
    return replace(bench.network, cache=folder)


def silent(network: Network) -> Network:
    """Allow no host: every question fails, as with a broken line."""
    return replace(network, allowed_hosts=frozenset({"nobody.invalid"}))


def age(folder: Path, seconds: float) -> None:
    for path in folder.iterdir():
        os.utime(path, (time.time() - seconds, time.time() - seconds))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_fetched_serves_the_next_batch_without_a_network(
    bench: Workbench, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "kept"
    network = keeping(bench, folder)
    with bench.signer(name) as signer:
        first = check_signer(signer, bench.trust, network, now())
        assert list(folder.iterdir())
        again = check_signer(signer, bench.trust, silent(network), now())
        assert again.revocation_time == first.revocation_time
        assert again.revocation_source == first.revocation_source
        # Old, but in force: it bridges an outage.
        age(folder, FRESH_SECONDS + 10)
        bridged = check_signer(signer, bench.trust, silent(network), now())
        assert bridged.revocation_time == first.revocation_time
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_longer_fresh_is_fetched_again(
    bench: Workbench, tmp_path: Path, name: str
) -> None:
    network = keeping(bench, tmp_path)
    with bench.signer(name) as signer:
        check_signer(signer, bench.trust, network, now())
        age(tmp_path, FRESH_SECONDS + 10)
        check_signer(signer, bench.trust, network, now())
    newest = max(path.stat().st_mtime for path in tmp_path.iterdir())
    assert time.time() - newest < FRESH_SECONDS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"", b"khong phai", b"AAAA"])
def test_a_spoilt_shelf_is_as_good_as_an_empty_one(
    bench: Workbench, tmp_path: Path, name: str, content: bytes
) -> None:
    network = keeping(bench, tmp_path)
    with bench.signer(name) as signer:
        check_signer(signer, bench.trust, network, now())
        for path in tmp_path.iterdir():
            path.write_bytes(content)
        with pytest.raises(CertificateRefused) as caught:
            check_signer(signer, bench.trust, silent(network), now())
        assert caught.value.sub_indication == "TRY_LATER"
        assert check_signer(signer, bench.trust, network, now())


def test_a_statement_of_another_authority_on_the_shelf_is_not_believed(
    bench: Workbench, tmp_path: Path
) -> None:
    """Whoever can write to the folder cannot make a revoked certificate good."""
    network = keeping(bench, tmp_path)
    with bench.signer("officer3") as good:
        check_signer(good, bench.trust, network, now())
    (kept,) = [path.read_bytes() for path in tmp_path.iterdir() if path.stat().st_size > 1500][:1]
    with bench.signer("revoked") as revoked:
        with pytest.raises(CertificateRefused) as caught:
            check_signer(revoked, bench.trust, network, now())
        assert caught.value.sub_indication == "REVOKED"
        for path in tmp_path.iterdir():
            path.write_bytes(kept)
        with pytest.raises(CertificateRefused):
            check_signer(revoked, bench.trust, silent(network), now())


def test_old_files_are_forgotten_and_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept")
    shelf.write(b"a", [b"one", b"two"])
    shelf.write(b"b", [])
    assert shelf.read(b"a")[0] == [b"one", b"two"]
    age(tmp_path / "kept", 100 * 24 * 3600.0)
    shelf.write(b"a", [b"one"])
    shelf.forget_old()
    assert len(list((tmp_path / "kept").iterdir())) == 1
    blocked = tmp_path / "a-file"
    blocked.write_bytes(b"")
    Shelf(blocked).write(b"a", [b"one"])
    assert Shelf(blocked).read(b"a")[0] == []

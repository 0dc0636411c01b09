from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from asn1crypto import pem

from signing.errors import TrustFolderError
from signing.trust import load_trust
from tests.signing.workbench import Workbench


def _certificate(bench: Workbench, name: str) -> bytes:
    return (bench.folder / "certs" / "congvu" / f"{name}.cert.pem").read_bytes()


def test_subfolders_keep_purposes_apart(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "signers").mkdir()
    (tmp_path / "signers" / "a.pem").write_bytes(_certificate(bench, "root"))
    (tmp_path / "signers" / "a.txt").write_text("ghi chú", encoding="utf-8")
    trust = load_trust(tmp_path)
    assert len(trust.signers) == 1
    assert trust.timestamping == ()


def test_one_folder_serves_both_and_der_is_read(bench: Workbench, tmp_path: Path) -> None:
    _, _, der = pem.unarmor(_certificate(bench, "root"))
    (tmp_path / "a.der").write_bytes(der)
    trust = load_trust(tmp_path)
    assert trust.signers == trust.timestamping
    assert len(trust.signers) == 1


def test_only_self_signed_certificates_are_anchors(bench: Workbench, tmp_path: Path) -> None:
    both = _certificate(bench, "root") + _certificate(bench, "issuing")
    (tmp_path / "a.pem").write_bytes(both)
    trust = load_trust(tmp_path)
    assert (len(trust.signers), len(trust.intermediates)) == (1, 1)


def test_the_digest_is_stable_and_tells_stores_apart(bench: Workbench, tmp_path: Path) -> None:
    shutil.copytree(bench.folder / "trust", tmp_path / "copy")
    assert load_trust(tmp_path / "copy").anchors_sha256 == bench.trust.anchors_sha256
    shutil.rmtree(tmp_path / "copy" / "timestamping")
    digests = {
        bench.trust.anchors_sha256,
        load_trust(tmp_path / "copy").anchors_sha256,
        load_trust(None).anchors_sha256,
    }
    assert len(digests) == 3


@pytest.mark.parametrize("content", [b"", b"not a certificate", b"\x30\x03\x02\x01\x01"])
def test_a_broken_anchor_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "goc.pem").write_bytes(content)
    with pytest.raises(TrustFolderError, match=r"goc\.pem"):
        load_trust(tmp_path)


def test_a_missing_folder_is_told_and_none_is_empty(tmp_path: Path) -> None:
    with pytest.raises(TrustFolderError):
        load_trust(tmp_path / "missing")
    assert load_trust(None).signers == ()

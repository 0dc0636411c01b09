from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desk.demo.pki import LOOKALIKE
from signing.errors import CertificateRefused
from signing.network import OFFLINE
from signing.preflight import check_signer
from signing.trust import load_trust
from tests.signing.workbench import Workbench, now


@pytest.mark.parametrize(
    ("name", "source"),
    [("agency", "CRL"), ("officer1", "CRL"), ("officer2", "CRL"), ("officer3", "OCSP")],
)
def test_a_good_certificate_may_sign(bench: Workbench, name: str, source: str) -> None:
    at = now()
    with bench.signer(name) as signer:
        found = check_signer(signer, bench.trust, bench.network, at)
    assert found.revocation_source == source
    assert found.valid_from < at < found.valid_to
    assert found.checked_at == at
    assert "THỬ NGHIỆM" in found.identity.cn
    kept = found.evidence.crls if source == "CRL" else found.evidence.ocsp_responses
    assert kept
    assert found.evidence.certificate == signer.certificate.dump()


@pytest.mark.parametrize(
    ("name", "reason", "word"),
    [
        ("expired", "EXPIRED", "hết hạn"),
        ("future", "NOT_YET_VALID", "chưa có hiệu lực"),
        ("revoked", "REVOKED", "thu hồi"),
        ("server", "CHAIN_CONSTRAINTS_FAILURE", "sai mục đích"),
        (LOOKALIKE, "NO_CERTIFICATE_CHAIN_FOUND", "trust"),
    ],
)
def test_a_bad_certificate_is_refused_with_its_reason(
    bench: Workbench, name: str, reason: str, word: str
) -> None:
    with bench.signer(name) as signer, pytest.raises(CertificateRefused) as caught:
        check_signer(signer, bench.trust, bench.network, now())
    assert caught.value.sub_indication == reason
    assert word in caught.value.vi
    assert str(caught.value) == f"{caught.value.vi} ({caught.value.en})"


def test_unknown_revocation_is_refused(bench: Workbench) -> None:
    nobody = replace(bench.network, allowed_hosts=frozenset({"crl.example.invalid"}))
    with bench.signer() as signer:
        for network in (OFFLINE, nobody):
            with pytest.raises(CertificateRefused) as caught:
                check_signer(signer, bench.trust, network, now())
            assert caught.value.sub_indication == "TRY_LATER"


def test_without_anchors_nobody_may_sign(bench: Workbench) -> None:
    with bench.signer() as signer, pytest.raises(CertificateRefused) as caught:
        check_signer(signer, load_trust(None), bench.network, now())
    assert caught.value.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_an_anchor_for_timestamps_vouches_for_no_signer(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "timestamping").mkdir()
    (tmp_path / "signers").mkdir()
    root = bench.folder / "trust" / "signers" / "goc-thu-nghiem.pem"
    (tmp_path / "timestamping" / "goc.pem").write_bytes(root.read_bytes())
    with bench.signer() as signer, pytest.raises(CertificateRefused) as caught:
        check_signer(signer, load_trust(tmp_path), bench.network, now())
    assert caught.value.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_the_moment_asked_for_counts_not_the_clock(bench: Workbench) -> None:
    with bench.signer() as signer, pytest.raises(CertificateRefused) as caught:
        check_signer(signer, bench.trust, bench.network, now() + timedelta(days=365 * 4))
    assert caught.value.sub_indication == "EXPIRED"

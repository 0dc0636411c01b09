from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from desk.demo.pki import AuthorityError, Services, create, key_files
from signing.errors import KeyMaterialError
from signing.model import Indication
from signing.pades import sign_pdf
from signing.trust import load_trust
from signing.verdict import judge
from tests.signing.workbench import Workbench, free_port, make_pdf, now


def test_every_name_says_that_it_is_a_test(bench: Workbench) -> None:
    names = [*(bench.folder / "certs" / "congvu").glob("*.pem")]
    assert len(names) >= 12
    for name in ("agency", "officer1", "officer2", "officer3", "expired", "revoked", "lookalike"):
        with bench.signer(name) as signer:
            identity = signer.identity
        assert "THỬ NGHIỆM" in identity.cn
        assert "THỬ NGHIỆM" in (identity.organization or "")
        assert "THỬ NGHIỆM" in identity.issuer


def test_the_trust_folders_explain_themselves_and_the_folder_is_private(
    bench: Workbench,
) -> None:
    assert stat.S_IMODE(bench.folder.stat().st_mode) == 0o700
    for purpose in ("signers", "timestamping"):
        folder = bench.folder / "trust" / purpose
        assert len(list(folder.glob("*.pem"))) == 1
        note = (folder / "goc-thu-nghiem.txt").read_text(encoding="utf-8-sig")
        assert "không có giá trị pháp lý" in note


def test_two_timestamp_authorities_answer(bench: Workbench, tmp_path: Path) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf")
    network = bench.network
    with bench.signer() as signer:
        second = type(network)(
            timestamp_url=bench.services.timestamp_url_2,
            allowed_hosts=bench.services.hosts,
        )
        signed = sign_pdf(request, signer, bench.trust, second)
    assert "TSA 2" in signed.verdict.signatures[0].timestamps[0].tsa


def test_a_demo_file_is_judged_after_the_services_have_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    create(folder, port=free_port(), at=now())
    trust = load_trust(folder / "trust")
    with Services(folder) as services:
        other = Workbench(folder=folder, services=services, trust=trust, work=tmp_path)
        request = other.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf")
        with other.signer() as signer:
            sign_pdf(request, signer, trust, other.network)
        port = services.port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    verdict = judge(tmp_path / "b.pdf", trust, at=now(), network=other.network)
    assert verdict.overall is Indication.TOTAL_PASSED
    with pytest.raises(KeyMaterialError):
        create(folder, port=port, at=now())


def test_a_taken_port_and_a_missing_authority_are_told(bench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(AuthorityError, match="đang bận"), Services(bench.folder):
        pass
    with pytest.raises(AuthorityError, match="tạo lại"):
        Services(tmp_path)
    assert key_files(bench.folder).pkcs12.exists()

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from desk.demo.pki import key_files
from signing.errors import KeyMaterialError
from signing.keys import write_ec_key, write_rsa_key
from signing.secrets import Secret
from signing.signer import open_signer
from tests.signing.workbench import Workbench


def test_a_wrong_passphrase_is_told_without_showing_it(bench: Workbench) -> None:
    wrong = replace(bench.key(), passphrase=Secret("không phải mật khẩu này"))
    with pytest.raises(KeyMaterialError) as caught, open_signer(wrong):
        pass
    assert "sai mật khẩu" in caught.value.vi
    assert "không phải mật khẩu này" not in str(caught.value) + repr(wrong)


def test_missing_and_foreign_files_are_told(bench: Workbench, tmp_path: Path) -> None:
    foreign = tmp_path / "a.p12"
    foreign.write_bytes(b"not a key")
    for path in (tmp_path / "missing.p12", foreign):
        key = replace(bench.key(), path=path)
        with pytest.raises(KeyMaterialError) as caught, open_signer(key):
            pass
        assert str(path) in caught.value.en


def test_the_identity_comes_from_the_certificate(bench: Workbench) -> None:
    with bench.signer("officer2") as signer:
        identity = signer.identity
    assert identity.cn == "Trần Thị Hai THỬ NGHIỆM"
    assert identity.organization == "ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM"
    assert identity.issuer == "CA phục vụ các cơ quan Nhà nước G2 THỬ NGHIỆM"
    assert identity.issuer_organization == "Ban Cơ yếu Chính phủ (THỬ NGHIỆM)"
    assert int(identity.serial, 16) > 0


def test_keys_are_private_and_never_overwritten(bench: Workbench, tmp_path: Path) -> None:
    write_ec_key(tmp_path / "a.pem")
    write_rsa_key(tmp_path / "b.pem", 2048)
    files = key_files(bench.folder)
    for path in (tmp_path / "a.pem", tmp_path / "b.pem", files.pkcs12, files.passphrase):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(KeyMaterialError):
        write_ec_key(tmp_path / "a.pem")

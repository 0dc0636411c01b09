from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from signing.errors import KeyMaterialError
from signing.secrets import Secret, read_secret_file


def test_a_secret_has_no_printable_form() -> None:
    secret = Secret("mật khẩu")
    assert "mật khẩu" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "mật khẩu"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_private_file_is_read_without_its_line_end(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "pass"
    path.write_bytes(f" mật khẩu {ending}".encode())
    path.chmod(0o600)
    assert read_secret_file(path).reveal() == " mật khẩu "


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "pass"
    path.write_text("x", encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(KeyMaterialError, match="0600"):
        read_secret_file(path)


def test_missing_empty_and_binary_files_are_told(tmp_path: Path) -> None:
    for name, content in (("missing", None), ("empty", b"\n"), ("binary", b"\xff\xfe")):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
            path.chmod(0o600)
        with pytest.raises(KeyMaterialError) as caught:
            read_secret_file(path)
        assert str(path) in caught.value.vi

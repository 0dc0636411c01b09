"""What other programs say of our signatures, wherever the key lies."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms

from fixtures.keys.remote_service import running
from fixtures.keys.soft_token import configured, make_token
from signing.key_names import SignerKey
from signing.model import Level
from signing.pades import Batch
from signing.providers import Padding
from signing.signer import open_signer
from tests.signing.workbench import Workbench, make_pdf

KEYS = ("file", "file-pss", "token", "token-pss", "token-p256", "remote", "remote-pss")
LEVELS = (Level.B_B, Level.B_LTA)


@pytest.fixture(scope="module")
def keys(
    bench: Workbench, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, SignerKey]]:
    folder = tmp_path_factory.mktemp("keys")
    with ExitStack() as stack:
        tokens = stack.enter_context(configured(folder))
        token = make_token(folder, tokens, "Token THỬ", bench.folder)
        service = stack.enter_context(running(bench.key("officer2")))
        yield {
            "file": bench.key("officer1"),
            "file-pss": replace(bench.key("officer1"), padding=Padding.PSS),
            "token": token.key("officer2"),
            "token-pss": token.key("officer2", padding=Padding.PSS),
            "token-p256": token.key("officer3"),
            "remote": service.remote_key(1),
            "remote-pss": service.remote_key(2, padding=Padding.PSS),
        }


@pytest.fixture(scope="module")
def signed(
    bench: Workbench,
    keys: dict[str, SignerKey],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[tuple[str, Level], Path]:
    folder = tmp_path_factory.mktemp("judged")
    source = make_pdf(folder / "source.pdf", 1)
    made = {}
    for name, key in keys.items():
        targets = {level: folder / f"{name}-{level.value}.pdf" for level in LEVELS}
        with open_signer(key) as signer, Batch(signer, bench.trust, bench.network) as batch:
            for level, target in targets.items():
                made[name, level] = batch.sign(bench.request(source, target, level)).path
    return made


def cut(path: Path, field: str) -> tuple[bytes, bytes]:
    """Take a signature and the bytes it covers out of a file, by its own words."""
    content = path.read_bytes()
    with pikepdf.open(path) as pdf:
        value = next(item.V for item in pdf.Root.AcroForm.Fields if str(item.T) == field)
        start, first, second, rest = (int(number) for number in value.ByteRange.as_list())
    held = content[start + first + 1 : second - 1]
    covered = content[start : start + first] + content[second : second + rest]
    return bytes.fromhex(held.decode()), covered


def openssl(*words: str | Path) -> str:
    run = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


@pytest.mark.parametrize("name", KEYS)
def test_openssl_verifies_the_signature(
    bench: Workbench, signed: dict[tuple[str, Level], Path], tmp_path: Path, name: str
) -> None:
    signature, covered = cut(signed[name, Level.B_B], "CQ_SoHoa")
    (tmp_path / "x.cms").write_bytes(signature)
    (tmp_path / "x.bin").write_bytes(covered)
    words: list[str | Path] = [
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        tmp_path / "x.cms",
    ]
    words += ["-content", tmp_path / "x.bin", "-out", "/dev/null", "-purpose", "any"]
    anchors: list[str | Path] = ["-CAfile", bench.folder / "certs" / "congvu" / "root.cert.pem"]
    assert "Verification successful" in openssl(*words, *anchors)
    (tmp_path / "x.bin").write_bytes(covered.replace(b"THU NGHIEM", b"THU NGHIEN", 1))
    assert "Verification failure" in openssl(*words, *anchors)


@pytest.mark.parametrize("name", ["file", "token", "remote"])
def test_openssl_verifies_both_timestamps(
    bench: Workbench, signed: dict[tuple[str, Level], Path], tmp_path: Path, name: str
) -> None:
    path = signed[name, Level.B_LTA]
    signature, _ = cut(path, "CQ_SoHoa")
    info = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    (token,) = [
        item["values"][0].dump()
        for item in info["unsigned_attrs"]
        if item["type"].native == "signature_time_stamp_token"
    ]
    stamp, covered = cut(path, "CQ_SoHoa_TS")
    for part, data in ((token, info["signature"].native), (stamp, covered)):
        # The place of a signature is longer than it: only its own length counts.
        (tmp_path / "t.der").write_bytes(cms.ContentInfo.load(part).dump())
        (tmp_path / "t.bin").write_bytes(data)
        words: list[str | Path] = ["ts", "-verify", "-token_in", "-in", tmp_path / "t.der"]
        words += ["-data", tmp_path / "t.bin"]
        words += ["-CAfile", bench.folder / "certs" / "congvu" / "root.cert.pem"]
        assert "Verification: OK" in openssl(*words)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("level", LEVELS)
def test_poppler_calls_the_signature_valid(
    signed: dict[tuple[str, Level], Path], name: str, level: Level
) -> None:
    run = subprocess.run(
        ["pdfsig", "-nocert", signed[name, level]], capture_output=True, text=True, check=False
    )
    first = re.split(r"^Signature #", run.stdout, flags=re.MULTILINE)[1]
    assert "Signature is Valid" in first
    assert "ETSI.CAdES.detached" in first

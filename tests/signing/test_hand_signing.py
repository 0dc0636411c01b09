"""`hoso sign`, with the authority and the tokens of these tests and without any station."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from desk.cli.main import main
from desk.demo.pki import key_files
from fixtures.keys import remote_service
from fixtures.keys.remote_service import running
from fixtures.keys.soft_token import MODULE, PIN, configured, make_token
from signing.model import Indication, Level
from signing.verdict import judge
from tests.signing.workbench import Workbench, make_pdf, now


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No station here or above."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOSO_STATION", raising=False)


def private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def services_of(bench: Workbench) -> list[str]:
    (host,) = bench.services.hosts
    words = ["--trust", str(bench.folder / "trust"), "--host", host]
    return [*words, "--timestamp-url", bench.services.timestamp_url]


def with_file(bench: Workbench, name: str = "officer1") -> list[str]:
    files = key_files(bench.folder, name)
    return ["--key", str(files.pkcs12), "--passphrase", str(files.passphrase)]


@pytest.fixture(params=["file", "token", "remote"])
def key_words(
    request: pytest.FixtureRequest, bench: Workbench, tmp_path: Path
) -> Iterator[list[str]]:
    """The words that name a key of each kind."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    match request.param:
        case "file":
            yield with_file(bench)
        case "token":
            with configured(tmp_path / "hsm") as tokens:
                token = make_token(tmp_path / "hsm", tokens, "Token THỬ", bench.folder)
                name = f"pkcs11:token={quote(token.label)};id=officer2?module-path={MODULE}"
                yield ["--key", name, "--passphrase", str(private(secrets / "pin", PIN))]
        case _:
            with running(bench.key("officer3")) as service:
                url = f"csc+http://127.0.0.1:{service.port}/csc/v2"
                pin = private(secrets / "pin", remote_service.PIN)
                access = private(secrets / "access", remote_service.ACCESS)
                words = ["--key", f"{url}?credential={remote_service.CREDENTIAL}"]
                yield [*words, "--passphrase", str(pin), "--access", str(access)]


def sign(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = main(["sign", "--json", *words])
    printed = capsys.readouterr()
    return code, json.loads(printed.out), printed.err


def test_each_kind_of_key_signs_without_a_station(
    bench: Workbench,
    key_words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [make_pdf(tmp_path / f"{name}.pdf", 1) for name in ("a", "b")]
    code, told, _ = sign(capsys, *map(str, paths), *key_words, *services_of(bench))
    assert code == 0
    for path, entry in zip(paths, told, strict=True):
        assert entry["field"] == "CB_KySo_1"
        assert (entry["level"], entry["verdict"]) == ("B-LT", "TOTAL-PASSED")
        target = path.with_stem(f"{path.stem}-da-ky")
        assert entry["pdf"] == str(target)
        verdict = judge(target, bench.trust, at=now())
        assert verdict.overall is Indication.TOTAL_PASSED


def test_a_second_person_signs_what_came_in_signed_and_changes_nothing_of_it(
    bench: Workbench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrival = bench.signed(Level.B_LTA).path
    words = [*with_file(bench), *services_of(bench), "--out", "hai.pdf", "--level", "B-LT"]
    code, (told,), _ = sign(capsys, str(arrival), *words)
    assert (code, told["field"]) == (0, "CB_KySo_1")
    signed = tmp_path / "hai.pdf"
    assert signed.read_bytes().startswith(arrival.read_bytes())
    verdict = judge(signed, bench.trust, at=now())
    assert verdict.overall is Indication.TOTAL_PASSED
    fields = [item.field for item in verdict.signatures]
    assert fields == ["CQ_SoHoa", "CQ_SoHoa_TS", "CB_KySo_1"]
    assert verdict.signatures[0].integrity.intact
    assert "CB_KySo_1" in verdict.signatures[0].integrity.changed_fields
    words[words.index("hai.pdf")] = "ba.pdf"
    assert sign(capsys, str(signed), *words)[1][0]["field"] == "CB_KySo_2"


def test_nothing_that_is_there_is_replaced(
    bench: Workbench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = make_pdf(tmp_path / "a.pdf", 1)
    there = tmp_path / "b.pdf"
    there.write_bytes(b"quan trong")
    words = [str(source), *with_file(bench), *services_of(bench)]
    for out in (there, source):
        code, told, _ = sign(capsys, *words, "--out", str(out))
        assert (code, told["error"]["code"]) == (2, "PathUnusable")
    assert there.read_bytes() == b"quan trong"


def test_a_file_that_cannot_be_signed_keeps_no_other_from_it(
    bench: Workbench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "hong.pdf"
    broken.write_bytes(b"%PDF-1.7 hong")
    good = make_pdf(tmp_path / "tot.pdf", 1)
    words = [*with_file(bench), *services_of(bench), "--level", "B-B"]
    code, told, said = sign(capsys, str(broken), str(good), *words)
    assert code == 36
    assert {Path(entry["file"]).name: "error" in entry for entry in told} == {
        "hong.pdf": True,
        "tot.pdf": False,
    }
    assert "hong.pdf" in said


@pytest.mark.parametrize(
    ("name", "level", "leave_out", "code"),
    [
        ("expired", "B-B", (), 31),
        ("revoked", "B-LT", (), 31),
        ("officer1", "B-LT", ("--timestamp-url",), 32),
        ("officer1", "B-B", ("--trust",), 31),
        ("officer1", "B-B", ("--host",), 31),
    ],
)
def test_nothing_is_signed_where_the_check_before_it_fails(
    bench: Workbench,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    level: str,
    leave_out: tuple[str, ...],
    code: int,
) -> None:
    services = services_of(bench)
    pairs = zip(services[::2], services[1::2], strict=True)
    kept = [word for pair in pairs if pair[0] not in leave_out for word in pair]
    source = make_pdf(tmp_path / "a.pdf", 1)
    words = [str(source), *with_file(bench, name), *kept, "--level", level]
    assert main(["sign", *words]) == code
    assert "hãy" in capsys.readouterr().err.lower()
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]

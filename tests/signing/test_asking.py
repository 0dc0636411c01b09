"""A person at a real terminal types the passphrase; the process that holds the key asks for it."""

from __future__ import annotations

import ctypes
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from desk.demo.pki import key_files
from signing.model import Indication
from signing.verdict import judge
from tests.signing.workbench import Workbench, make_pdf, now

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 120.0
# The first terminal that the leader of a session opens becomes that of the session.
_AT_A_TERMINAL = (
    "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR));"
    "from desk.cli.main import main; sys.exit(main(sys.argv[1:]))"
)
_GET_DUMPABLE = 3


def converse(words: list[str], folder: Path, types: list[str]) -> tuple[int, str]:
    """Run `hoso` at a terminal of its own; type a line at each question."""
    terminal, line = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", _AT_A_TERMINAL, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=line,
        stdout=line,
        stderr=line,
        start_new_session=True,
    )
    os.close(line)
    shown = b""
    lines = iter(types)
    while True:
        ready, _, _ = select.select([terminal], [], [], _PATIENCE_SECONDS)
        assert ready, shown.decode()
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        shown += piece
        if shown.endswith(b": "):
            os.write(terminal, next(lines, "").encode() + b"\n")
    os.close(terminal)
    return child.wait(_PATIENCE_SECONDS), shown.decode()


@pytest.fixture
def words(bench: Workbench) -> list[str]:
    (host,) = bench.services.hosts
    files = key_files(bench.folder, "officer1")
    words = ["sign", "a.pdf", "b.pdf", "--key", str(files.pkcs12), "--level", "B-B"]
    return [*words, "--trust", str(bench.folder / "trust"), "--host", host]


def test_the_passphrase_is_asked_once_for_all_files_and_not_shown(
    bench: Workbench, words: list[str], tmp_path: Path
) -> None:
    secret = key_files(bench.folder, "officer1").passphrase.read_text(encoding="utf-8")
    for name in ("a.pdf", "b.pdf"):
        make_pdf(tmp_path / name, 1)
    code, shown = converse(words, tmp_path, [secret])
    assert code == 0, shown
    assert shown.count("Nhập mật khẩu hoặc mã PIN") == 1
    assert secret not in shown
    for name in ("a-da-ky.pdf", "b-da-ky.pdf"):
        verdict = judge(tmp_path / name, bench.trust, at=now(), network=bench.network)
        assert verdict.overall is Indication.TOTAL_PASSED


@pytest.mark.parametrize(("types", "code"), [("khong phai mat khau", 30), ("", 53)])
def test_a_wrong_or_empty_answer_is_asked_no_second_time(
    words: list[str], tmp_path: Path, types: str, code: int
) -> None:
    make_pdf(tmp_path / "a.pdf", 1)
    make_pdf(tmp_path / "b.pdf", 1)
    ended, shown = converse(words, tmp_path, [types])
    assert ended == code, shown
    assert shown.count("Nhập mật khẩu hoặc mã PIN") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "b.pdf"]


def test_the_process_that_holds_a_key_cannot_be_dumped() -> None:
    program = (
        "import ctypes, resource; from signing.keyholder import seal_off; seal_off();"
        f"print(ctypes.CDLL(None).prctl({_GET_DUMPABLE}, 0, 0, 0, 0),"
        "resource.getrlimit(resource.RLIMIT_CORE))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split(maxsplit=1) == ["0", "(0, 0)\n"]
    # This process, to which nobody said so, can be.
    assert ctypes.CDLL(None).prctl(_GET_DUMPABLE, 0, 0, 0, 0) == 1

"""The engine with a memory gives what the real one gives, and asks it once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.desk.doubles import CountingOcr
from tests.digitize.workbench import save_picture, sheet
from tests.remembering import RememberingOcr, make_remembering_ocr

_OPTIONS = ("-l", "vie", "--psm", "6", "--dpi", "70")


def _read(program: Path, page: Path, base: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(program / "tesseract"), str(page), str(base), *(options or _OPTIONS)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def real(
    tmp_path: Path, remembering_ocr: RememberingOcr, monkeypatch: pytest.MonkeyPatch
) -> CountingOcr:
    monkeypatch.setenv("PATH", f"{remembering_ocr.real}:{os.environ['PATH']}")
    counting = CountingOcr(tmp_path / "real")
    monkeypatch.setenv("PATH", counting.environment["PATH"])
    return counting


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return save_picture(sheet(["Thử nghiệm"], dpi=70), tmp_path / "page.png")


def test_a_page_is_read_once_for_each_set_of_arguments(
    real: CountingOcr, page: Path, tmp_path: Path
) -> None:
    one = make_remembering_ocr(tmp_path / "one", tmp_path / "memory")
    other = make_remembering_ocr(tmp_path / "other", tmp_path / "memory")
    _read(real.folder, page, tmp_path / "wanted", *_OPTIONS, "tsv", "txt")
    assert len(real.take()) == 1
    for number, program in enumerate((one, other, one)):
        base = tmp_path / f"read.{number}"
        assert _read(program.folder, page, base, *_OPTIONS, "tsv", "txt").returncode == 0
        for ending in (".tsv", ".txt"):
            written = Path(f"{base}{ending}").read_bytes()
            assert written == (tmp_path / f"wanted{ending}").read_bytes()
        assert b"nghi" in written
    assert len(real.take()) == 1
    _read(one.folder, page, tmp_path / "again", "-l", "vie", "--psm", "7", "--dpi", "70")
    save_picture(sheet(["Khác"], dpi=70), page)
    _read(one.folder, page, tmp_path / "again")
    assert len(real.take()) == 2


def test_what_fails_is_told_each_time_as_the_real_one_tells_it(
    real: CountingOcr, tmp_path: Path
) -> None:
    program = make_remembering_ocr(tmp_path / "one", tmp_path / "memory")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    wanted = _read(real.folder, broken, tmp_path / "out")
    for _ in range(2):
        done = _read(program.folder, broken, tmp_path / "out")
        assert (done.returncode, done.stderr) == (wanted.returncode, wanted.stderr)
        assert done.returncode != 0
    assert len(real.take()) == 3
    assert list((tmp_path / "memory").iterdir()) == []


def test_what_reads_no_file_goes_to_the_real_one(real: CountingOcr, tmp_path: Path) -> None:
    program = make_remembering_ocr(tmp_path / "one", tmp_path / "memory")
    for arguments in (("--version",), ("--list-langs",), ("khong-co.png", "out", *_OPTIONS)):
        command = [str(program.folder / "tesseract"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (done.returncode == 0) == (arguments[0] != "khong-co.png")
    assert len(real.take()) == 3

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.cli.main import main
from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.forgeries import replace_content
from fixtures.attacks.signing import Hand, sign
from fixtures.attacks.writing import append
from tests.desk.forked import Forks


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trust folder of one hierarchy, and a forged paper."""
    made = tmp_path_factory.mktemp("kiem-tra")
    authority = Authority(datetime.now(UTC).replace(microsecond=0))
    authority.write_trust(made / "trust" / "cong-vu")
    signed = sign(plain(1), authority, Hand(level="B-LT"))
    (made / "giay.pdf").write_bytes(append(signed, replace_content))
    return made


def test_one_run_prints_reports_and_draws_what_it_found(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ("--report", str(tmp_path / "bao-cao"), "--pictures", str(tmp_path / "hinh"))
    trust = ("--trust", str(folder / "trust"), "--profile", "cong-vu")
    assert main(["verify", str(folder / "giay.pdf"), *trust, *places, "--json"]) == 1
    told = capsys.readouterr()
    (entry,) = json.loads(told.out)
    (signature,) = entry["signatures"]
    assert signature["profile"] == "cong-vu"
    assert signature["integrity"]["changed_pages"] == [1]
    assert [reason["code"] for reason in signature["reasons"]] == ["PAGE_CHANGED"]
    assert "1 trang" in told.err
    assert sorted(path.name for path in (tmp_path / "bao-cao").iterdir()) == [
        "giay.pdf.html", "giay.pdf.pdf", "giay.pdf.xml",
    ]  # fmt: skip
    assert len(list((tmp_path / "hinh").iterdir())) == 1


def test_what_cannot_be_done_is_told_before_any_file_is_judged(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(folder / "giay.pdf")] * 2
    trust = ["--trust", str(folder / "trust")]
    assert main(["verify", *files, *trust, "--report", str(tmp_path / "a.pdf")]) > 1
    assert main(["verify", files[0], *trust, "--profile", "cong-cong"]) > 1
    assert main(["verify", files[0], *trust, "--report", str(tmp_path / "a.docx")]) > 1
    told = capsys.readouterr()
    assert not told.out
    assert "cong-cong" in told.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", ["hôm qua", "2026-13-01", "9999-12-31"])
def test_a_moment_that_is_none_is_told_with_one_that_is(
    moment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "giay.pdf", "--at", moment])
    assert ended.value.code == 2
    assert f"«{moment}» không phải thời điểm, ví dụ" in capsys.readouterr().err


def test_a_folder_that_cannot_be_opened_is_named(
    folder: Path, tmp_path: Path, program: Forks
) -> None:
    (tmp_path / "mo").mkdir()
    (tmp_path / "mo" / "a.PDF").write_bytes((folder / "giay.pdf").read_bytes())
    closed = tmp_path / "dong"
    closed.mkdir(mode=0o000)
    words = ("verify", tmp_path, "--trust", folder / "trust", "--json")
    done = program.hoso(*words, unprivileged=True)
    closed.chmod(0o700)
    refused, judged = json.loads(done.out)
    assert (done.code, refused["file"], refused["readable"]) == (1, str(closed), False)
    assert "không mở được thư mục" in refused["warnings"][0]["vi"]
    assert judged["file"].endswith("a.PDF")


def test_a_pipe_and_a_name_that_is_no_text_hold_nothing_up(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").mkdir()
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/c\xff.pdf"))
    odd.write_bytes((folder / "giay.pdf").read_bytes())
    assert main(["verify", str(tmp_path), "--trust", str(folder / "trust"), "--json"]) == 1
    pipe, judged = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in pipe["warnings"]] == ["FILE_UNREADABLE"]
    assert [one["code"] for one in judged["signatures"][0]["reasons"]] == ["PAGE_CHANGED"]

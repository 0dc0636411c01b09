"""Judging apart: the same verdicts, and a file that oversteps its limits costs only its own."""

from __future__ import annotations

import os
import signal
import zlib
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from signing.judges import Ground, Judge, KeptJudge, judge_many
from signing.model import Indication, Level
from signing.verdict import judge
from tests.signing.workbench import Workbench, make_pdf, now


@pytest.fixture
def ground(bench: Workbench) -> Ground:
    return Ground(trust=bench.folder / "trust")


def _costly(path: Path) -> Path:
    """A small file whose one stream becomes gigabytes when it is looked at."""
    bomb = zlib.compress(bytes(1 << 26), 9)
    for _ in range(2):
        bomb = zlib.compress(bomb, 9)
    with pikepdf.open(make_pdf(path), allow_overwriting_input=True) as pdf:
        holder = pdf.make_stream(b"")
        holder.write(bomb, filter=pikepdf.Array([pikepdf.Name.FlateDecode] * 3))
        pdf.pages[0].Contents = holder
        pdf.save(path, compress_streams=False)
    return path


def test_it_says_what_judging_here_says(bench: Workbench, ground: Ground, tmp_path: Path) -> None:
    at = now()
    paths = [
        bench.signed(Level.B_LTA).path,
        make_pdf(tmp_path / "a.pdf"),
        tmp_path / "missing.pdf",
        _costly(tmp_path / "b.pdf"),
    ]
    verdicts = list(judge_many(paths, ground, at, judges=2))
    assert verdicts == [judge(path, bench.trust, at=at) for path in paths]


def test_a_file_that_takes_too_long_is_a_verdict_and_the_next_one_is_judged(
    bench: Workbench, ground: Ground, tmp_path: Path
) -> None:
    """No time at all stands for a file that takes too much."""
    path = bench.signed(Level.B_LTA).path
    at = now()
    with Judge(replace(ground, wall_seconds=0.0)) as hasty:
        verdict = hasty.judge(path, at)
    assert verdict.overall is Indication.INDETERMINATE
    assert [warning.code for warning in verdict.warnings] == ["LIMIT_OVERSTEPPED"]
    assert verdict.sha256 == bench.signed(Level.B_LTA).sha256
    with Judge(replace(ground, memory_bytes=1 << 20)) as narrow:
        assert narrow.judge(path, at).overall is Indication.INDETERMINATE
        assert not narrow.judge(tmp_path / "missing.pdf", at).readable


def test_processor_time_is_counted_for_each_file(bench: Workbench, ground: Ground) -> None:
    path = bench.signed(Level.B_LTA).path
    at = now()
    with Judge(replace(ground, cpu_seconds=2)) as patient:
        verdicts = [patient.judge(path, at).overall for _ in range(12)]
    assert verdicts == [Indication.TOTAL_PASSED] * 12


def test_a_kept_judge_serves_the_next_file_and_one_that_died_idle_costs_none(
    bench: Workbench, ground: Ground
) -> None:
    path, at = bench.signed(Level.B_LTA).path, now()
    with KeptJudge(ground) as kept:
        assert kept.judge(path, at).overall is Indication.TOTAL_PASSED
        assert kept._idle is not None
        child = kept._idle._child
        assert child is not None
        assert kept.judge(path, at).overall is Indication.TOTAL_PASSED
        assert kept._idle._child is child
        os.kill(child.pid, signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert kept.judge(path, at).overall is Indication.TOTAL_PASSED
    assert kept._idle is None

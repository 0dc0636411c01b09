"""What is told of a defect leads to it, and names nobody."""

from __future__ import annotations

import io
import logging
import sqlite3
from pathlib import Path

import pytest

from config.traces import NamelessFormatter, TracedError, trace_of

NAME, NUMBER = "ĐẶNG THỊ KÍN THỬ NGHIỆM", "000099123456"


def _fail_reading(path: Path) -> None:
    try:
        path.read_bytes()
    except OSError:
        raise KeyError(f"{NAME} {NUMBER}")  # noqa: B904  # the context is what is tested


def test_the_calls_are_told_and_no_text_of_any_error_in_the_chain(tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        _fail_reading(tmp_path / f"{NAME}.pdf")
    trace = trace_of(caught.value)
    assert "_fail_reading" in trace
    assert trace.index("FileNotFoundError [ENOENT]") < trace.index("builtins.KeyError")
    assert NAME not in trace
    assert NUMBER not in trace


def test_what_another_process_told_is_passed_on() -> None:
    inner = trace_of(ValueError(NAME))
    outer = trace_of(TracedError(inner))
    assert "builtins.ValueError" in outer
    assert NAME not in outer


def test_every_error_of_a_group_is_told() -> None:
    trace = trace_of(ExceptionGroup(NAME, [ValueError(NAME), sqlite3.OperationalError(NAME)]))
    assert "builtins.ValueError" in trace
    assert "sqlite3.OperationalError [unknown]" in trace
    assert NAME not in trace


def test_what_a_library_logs_of_an_error_names_nobody(tmp_path: Path) -> None:
    written = io.StringIO()
    journal = logging.StreamHandler(written)
    journal.setFormatter(NamelessFormatter("%(name)s %(message)s"))
    library = logging.Logger("library")
    library.addHandler(journal)
    try:
        _fail_reading(tmp_path / f"{NAME}.pdf")
    except KeyError:
        library.exception("it failed")
    library.error("nothing to tell", exc_info=(None, None, None))
    assert "library it failed" in written.getvalue()
    assert "builtins.KeyError" in written.getvalue()
    assert NAME not in written.getvalue()


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError(NAME), KeyError(NAME)
    first.__cause__, second.__cause__ = second, first
    assert trace_of(first).count("ValueError") == 1

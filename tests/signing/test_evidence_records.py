"""Evidence records beside a file: what they prove is told, what they do not is named."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.records import record_of, rehashed, renewed
from signing.trust import load_trust
from signing.verdict import Judgement, judge_file
from tests.signing.workbench import now

_YEAR = timedelta(days=365)
_OTHERS = (b"giay to khac", b"giay to nua", b"giay to cuoi")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(now().replace(microsecond=0))


def _said(path: Path, record: bytes, trusted: Authority) -> set[str]:
    path.with_name(f"{path.name}.ers").write_bytes(record)
    trust = load_trust(trusted.write_trust(path.parent / "trust"))
    verdict = asyncio.run(judge_file(path, Judgement(trust=trust, at=now())))
    return {warning.code for warning in verdict.warnings}


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(plain(1))
    return path


@pytest.mark.parametrize("others", [(), _OTHERS])
def test_a_record_proves_since_when_a_file_exists(
    paper: Path, authority: Authority, others: tuple[bytes, ...]
) -> None:
    record = record_of(paper.read_bytes(), others, authority, authority.at)
    assert _said(paper, record, authority) == {"EVIDENCE_RECORD"}


def test_renewed_records_prove_from_the_first_timestamp_on(
    paper: Path, authority: Authority
) -> None:
    content = paper.read_bytes()
    first = record_of(content, _OTHERS, authority, authority.at - _YEAR)
    second = renewed(first, authority, authority.at - _YEAR / 2)
    third = rehashed(second, content, authority, authority.at)
    # The lists of the first token are a year old, and good for its own time.
    assert _said(paper, third, authority) == {"EVIDENCE_RECORD"}


def test_a_record_of_another_file_is_named(paper: Path, authority: Authority) -> None:
    record = record_of(b"tep khac", _OTHERS, authority, authority.at)
    assert _said(paper, record, authority) == {"EVIDENCE_RECORD_FOREIGN"}


def test_a_file_changed_since_is_named(paper: Path, authority: Authority) -> None:
    record = record_of(paper.read_bytes(), _OTHERS, authority, authority.at)
    paper.write_bytes(paper.read_bytes().replace(b"1.000", b"9.000"))
    assert _said(paper, record, authority) == {"EVIDENCE_RECORD_FOREIGN"}


def test_a_renewal_of_something_else_is_named(paper: Path, authority: Authority) -> None:
    first = record_of(paper.read_bytes(), (), authority, authority.at - _YEAR)
    other = record_of(b"tep khac", (), authority, authority.at - _YEAR)
    forged = rehashed(other, paper.read_bytes(), authority, authority.at)
    assert _said(paper, forged, authority) == {"EVIDENCE_RECORD_FOREIGN"}
    assert len(forged) > len(first)


def test_a_stranger_proves_nothing(paper: Path, authority: Authority) -> None:
    stranger = Authority(authority.at)
    record = record_of(paper.read_bytes(), (), stranger, authority.at)
    assert _said(paper, record, authority) == {"EVIDENCE_RECORD_NOT_PASSED"}


@pytest.mark.parametrize("record", [b"", b"khong phai", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_record_is_named(paper: Path, authority: Authority, record: bytes) -> None:
    assert _said(paper, record, authority) == {"EVIDENCE_RECORD_UNREADABLE"}

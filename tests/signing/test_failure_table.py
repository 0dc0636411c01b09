"""Every way that keys, tokens and services fail: docs/signing.md names the test that shows each.

The table is held here: the tests are there, and the words are the program's own. Failures that no
other file shows are shown at the end.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from desk.agency_seal import AgencySeal
from fixtures.keys.soft_token import configured, make_token
from signing.errors import RevocationUnavailable, TimestampUnavailable
from signing.model import Indication, Level
from signing.stamping import timestamp_digest
from tests.signing.workbench import Workbench, make_pdf

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"\| ([^|]+) \| `(tests/\S+)::(\w+)` \| (?:«(.+)»|–) \|")
# What research and use have shown to go wrong; each has its row.
EVENTS = (
    "wrong PIN",
    "a PIN was wrong before, or one try is left",
    "token locked",
    "no PIN given",
    "module missing",
    "token absent",
    "no such key on the token",
    "opened again after an opening that failed",
    "a second session in one program",
    "token held by another program",
    "token pulled out in mid-batch",
    "the process that holds the key dies",
    "the driver never answers",
    "many papers at once on one token",
    "timestamps: connection refused",
    "timestamps: no answer in time, 404, not a timestamp",
    "timestamps: unknown host",
    "timestamps: gone after the key was used",
    "timestamps: authority not trusted",
    "no revocation data of the signer",
    "no revocation data of the timestamp authority",
    "certificate expired, not yet valid, revoked, of another purpose",
    "PKCS#12: wrong passphrase",
    "PKCS#12: missing file",
    "disk full before the key is used",
    "disk full in mid-work",
    "clock an hour off",
    "clock jumps in mid-batch",
    "remote service: part of a batch left over",
    "remote service: hangs",
    "remote service: wrong PIN",
)


def rows() -> dict[str, tuple[str, str, str]]:
    text = (ROOT / "docs" / "signing.md").read_text(encoding="utf-8")
    return {event: (file, test, says) for event, file, test, says in _ROW.findall(text)}


@cache
def words_of_the_program() -> str:
    """All texts of the program, one a line; what is filled in later stands as «…»."""
    return "\n".join(
        text
        for package in ("signing", "desk")
        for path in sorted((ROOT / package).rglob("*.py"))
        for text in _texts(ast.parse(path.read_text(encoding="utf-8")))
    )


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
            )
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_each_failure_has_its_row() -> None:
    assert tuple(rows()) == EVENTS


@pytest.mark.parametrize("event", EVENTS)
def test_the_test_of_a_row_is_there_and_the_words_are_the_programs(event: str) -> None:
    file, test, says = rows()[event]
    assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8")
    assert says in words_of_the_program()


def test_many_papers_at_once_go_to_one_token_one_after_the_other(
    bench: Workbench, tmp_path: Path
) -> None:
    with configured(tmp_path / "hsm") as tokens:
        token = make_token(tmp_path / "hsm", tokens, "Token THỬ", bench.folder)
        requests = [
            bench.request(make_pdf(tmp_path / f"{n}.pdf", 1), tmp_path / f"{n}.ky.pdf", Level.B_B)
            for n in range(6)
        ]
        with (
            AgencySeal(token.key(), bench.trust, bench.network) as seal,
            ThreadPoolExecutor(len(requests)) as clerks,
        ):
            signed = list(clerks.map(seal.sign, requests))
    assert {each.verdict.overall for each in signed} == {Indication.TOTAL_PASSED}


def test_an_unknown_host_is_told(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.network.RETRY_PAUSE_SECONDS", 0.0)
    nowhere = replace(bench.network, timestamp_url="http://tsa.khong-co.invalid/tsa")
    with pytest.raises(TimestampUnavailable) as caught:
        timestamp_digest(bytes(32), bench.trust, nowhere)
    assert "tsa.khong-co.invalid không trả lời" in caught.value.vi


def test_an_authority_whose_own_standing_nobody_tells_is_not_used(bench: Workbench) -> None:
    silent = replace(bench.network, allowed_hosts=frozenset({"crl.invalid"}))
    with pytest.raises(RevocationUnavailable) as caught:
        timestamp_digest(bytes(32), bench.trust, silent)
    assert "Chưa kiểm tra được tình trạng thu hồi" in caught.value.vi

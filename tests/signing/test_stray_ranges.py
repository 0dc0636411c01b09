"""A signature that no field reaches is told from one inside an attached PDF."""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.forgeries import cut_last_signature
from fixtures.attacks.signing import Hand, sign
from fixtures.attacks.writing import append
from signing.model import Indication
from signing.structure import inspect, is_signed
from signing.trust import load_trust
from signing.verdict import Judgement, judge_file
from tests.signing.workbench import now


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(now().replace(microsecond=0))


def test_a_signed_pdf_attached_to_a_pdf_is_no_removed_signature(
    authority: Authority, tmp_path: Path
) -> None:
    inner = sign(plain(1), authority, Hand(level="B-B"))
    with pikepdf.open(BytesIO(plain(1))) as pdf:
        pdf.attachments["trong.pdf"] = inner
        out = BytesIO()
        pdf.save(out, compress_streams=False)
    path = tmp_path / "a.pdf"
    path.write_bytes(out.getvalue())
    assert b"/ByteRange" in out.getvalue()
    assert inspect(path).unreached == ()
    assert not is_signed(path)
    path.write_bytes(sign(out.getvalue(), authority, Hand()))
    trust = load_trust(authority.write_trust(tmp_path / "trust"))
    verdict = asyncio.run(judge_file(path, Judgement(trust=trust, at=now())))
    assert verdict.overall is Indication.TOTAL_PASSED
    assert verdict.warnings == ()


def test_a_signature_taken_off_after_a_remaining_one_is_named(
    authority: Authority, tmp_path: Path
) -> None:
    first = sign(plain(1), authority, Hand())
    second = sign(first, authority, Hand(field="CB_KyDuyet"))
    path = tmp_path / "a.pdf"
    path.write_bytes(append(second, cut_last_signature))
    (stray,) = inspect(path).unreached
    assert stray.place > len(first)
    trust = load_trust(authority.write_trust(tmp_path / "trust"))
    verdict = asyncio.run(judge_file(path, Judgement(trust=trust, at=now())))
    assert verdict.overall is Indication.INDETERMINATE
    assert verdict.signatures[0].reasons[0].code == "LATER_SIGNATURE_REMOVED"

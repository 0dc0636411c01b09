"""Files bent at random: no crash, no hang, and none passes that does not show what was signed.

Whether a passed file does is asked of others: hashlib for the signed bytes, and PDFium for what is
shown. Neither knows anything of our reading.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pypdfium2
import pytest

from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import RIGHT_BLOCK, plain, with_form
from fixtures.attacks.mutations import Mutant, covered_end, mutants
from fixtures.attacks.signing import Hand, sign
from fixtures.attacks.traps import prepared
from signing.judges import Ground, judge_many
from signing.model import FileVerdict, Indication
from tests.signing.workbench import now

_BRIEF, _LONG = 300, 20_000
_SEED = 20261122
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


@pytest.fixture(scope="module")
def bases() -> tuple[Authority, dict[str, bytes]]:
    authority = Authority(now().replace(microsecond=0))
    visible = Hand(box=RIGHT_BLOCK)
    return authority, {
        "plain": sign(plain(), authority, visible),
        "long-term": sign(plain(1), authority, Hand(level="B-LTA", box=RIGHT_BLOCK)),
        "form": sign(with_form(), authority, visible),
        "traps": sign(prepared(), authority, Hand()),
    }


def _whole_signatures(content: bytes) -> int:
    """Count the signatures whose structure holds the digest of the very bytes around it."""
    count = 0
    for match in _RANGE.finditer(content):
        first, length, second, rest = (int(number) for number in match.groups())
        covered = content[first : first + length] + content[second : second + rest]
        gap = content[first + length : second].strip(b"<>").lower()
        count += hashlib.sha256(covered).hexdigest().encode() in gap
    return count


def _shown(content: bytes) -> list[tuple[tuple[float, float], bytes, str]]:
    """Give what PDFium shows of each page, annotations and form fields included."""
    pdf = pypdfium2.PdfDocument(content)
    try:
        pdf.init_forms()
        return [
            (
                page.get_size(),
                bytes(page.render(scale=0.5).buffer),
                page.get_textpage().get_text_range(),
            )
            for page in pdf
        ]
    finally:
        pdf.close()


def _mistake(mutant: Mutant, verdict: FileVerdict) -> str:
    """Say what is wrong with a verdict; empty where nothing is."""
    if any(warning.code == "LIMIT_OVERSTEPPED" for warning in verdict.warnings):
        return "crash or hang"
    if verdict.overall is not Indication.TOTAL_PASSED:
        return ""
    if _whole_signatures(mutant.content) < len(verdict.signatures):
        return "passed with changed bytes"
    signed = mutant.content[: covered_end(mutant.content)]
    try:
        is_same = _shown(signed) == _shown(mutant.content)
    except pypdfium2.PdfiumError:
        is_same = False
    return "" if is_same else "passed and shows something else"


def _mistakes(
    bases: tuple[Authority, dict[str, bytes]], folder: Path, numbers: range
) -> tuple[list[str], int]:
    authority, drawn = bases
    ground = Ground(trust=authority.write_trust(folder / "trust"))
    wrong, passed = [], 0
    bent = list(mutants(drawn, numbers.stop, _SEED))[numbers.start :]
    paths = [folder / f"{mutant.number}.pdf" for mutant in bent]
    for mutant, path in zip(bent, paths, strict=True):
        path.write_bytes(mutant.content)
    for mutant, verdict in zip(bent, judge_many(paths, ground, now(), judges=1), strict=True):
        passed += verdict.overall is Indication.TOTAL_PASSED
        if mistake := _mistake(mutant, verdict):
            wrong.append(f"{mutant.number} {mutant.base} {mutant.strokes}: {mistake}")
    return wrong, passed


def test_no_bent_file_passes_that_shows_what_was_not_signed(
    bases: tuple[Authority, dict[str, bytes]], tmp_path: Path
) -> None:
    wrong, passed = _mistakes(bases, tmp_path, range(_BRIEF))
    assert wrong == []
    assert passed  # some strokes harm nothing, so the judge of the judge was asked too


@pytest.mark.soak
def test_thousands_of_bent_files(bases: tuple[Authority, dict[str, bytes]], tmp_path: Path) -> None:
    wrong, passed = _mistakes(bases, tmp_path, range(_BRIEF, _LONG))
    assert wrong == []
    assert passed

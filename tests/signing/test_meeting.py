from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.errors import SigningError, TokenLost, UnreadablePdf
from signing.meeting import Intended, note_nothing
from signing.model import Level, SignedPdf, SignRequest
from signing.pades import Batch
from tests.signing.workbench import Workbench, make_pdf


def requests_of(bench: Workbench, folder: Path, count: int) -> list[SignRequest]:
    return [
        bench.request(make_pdf(folder / f"{number}.pdf", 1), folder / f"{number}.s.pdf", Level.B_B)
        for number in range(count)
    ]


def test_the_key_is_used_once_for_a_batch_after_its_papers_are_noted(
    bench: Workbench, tmp_path: Path
) -> None:
    noted: list[Sequence[Intended]] = []

    def intend(uses: Sequence[Intended]) -> None:
        assert not any(use.request.target.exists() for use in uses)
        noted.append(uses)

    requests = requests_of(bench, tmp_path, 3)
    requests.insert(1, bench.request(tmp_path / "missing.pdf", tmp_path / "m.pdf", Level.B_B))
    with bench.signer() as signer, Batch(signer, bench.trust, bench.network, intend) as batch:
        outcomes = batch.sign_all(requests)
    assert [isinstance(item, SignedPdf) for item in outcomes] == [True, False, True, True]
    assert isinstance(outcomes[1], UnreadablePdf)
    # What is refused before the key is needed is no key use.
    (uses,) = noted
    assert [use.request.source.name for use in uses] == ["0.pdf", "1.pdf", "2.pdf"]
    for use in uses:
        # What is noted is what the key signed: its digest is that of the signed attributes.
        with use.request.target.open("rb") as file:
            (signature,) = PdfFileReader(file).embedded_signatures
            attributes = signature.signer_info["signed_attrs"].untag().dump()
            assert use.digest == hashlib.sha256(attributes).hexdigest()
            assert use.checked.evidence.certificate == signature.signer_cert.dump()


def test_a_batch_in_which_nothing_can_be_signed_uses_no_key(
    bench: Workbench, tmp_path: Path
) -> None:
    def intend(_uses: Sequence[Intended]) -> None:
        pytest.fail("no paper needs the key")

    missing = [
        bench.request(tmp_path / f"{number}.pdf", tmp_path / f"{number}.s.pdf")
        for number in range(2)
    ]
    with bench.signer() as signer, Batch(signer, bench.trust, bench.network, intend) as batch:
        assert all(isinstance(item, SigningError) for item in batch.sign_all(missing))
        assert batch.sign_all([]) == []


class LedgerDown(Exception):
    """The intended papers cannot be written down."""


def test_what_cannot_be_noted_is_not_signed(bench: Workbench, tmp_path: Path) -> None:
    def intend(_uses: Sequence[Intended]) -> None:
        raise LedgerDown

    requests = requests_of(bench, tmp_path, 2)
    with (
        bench.signer() as signer,
        Batch(signer, bench.trust, bench.network, intend) as batch,
        pytest.raises(LedgerDown),
    ):
        batch.sign_all(requests)
    assert not any(request.target.exists() for request in requests)


def test_a_key_that_fails_before_the_first_signature_signs_none(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise TokenLost("Token đã bị rút ra.", "the token is gone")

    requests = requests_of(bench, tmp_path, 2)
    with (
        bench.signer() as signer,
        Batch(signer, bench.trust, bench.network, note_nothing) as batch,
    ):
        monkeypatch.setattr(signer.provider, "sign", lost)
        assert all(isinstance(item, TokenLost) for item in batch.sign_all(requests))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.pdf", "1.pdf"]

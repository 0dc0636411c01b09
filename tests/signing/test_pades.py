from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from desk.demo.pki import BAD_SIGNERS, LOOKALIKE, OFFICERS
from signing.errors import (
    AlreadySigned,
    BlockDoesNotFit,
    CertificateRefused,
    OutputNotWritten,
    TimestampUnavailable,
    UnreadablePdf,
)
from signing.model import Indication, Level, Modification
from signing.network import OFFLINE
from signing.pades import Batch, sign_pdf
from signing.trust import load_trust
from signing.verdict import judge
from tests.signing.workbench import Workbench, free_port, make_pdf, now, top_right_block


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_reached_and_passes_online(bench: Workbench, level: Level) -> None:
    signed = bench.signed(level)
    verdict = judge(signed.path, bench.trust, at=now(), network=bench.network)
    assert verdict.overall is Indication.TOTAL_PASSED
    assert verdict.signatures[0].level is level
    assert verdict.sha256 == signed.sha256
    assert (signed.timestamp_time is not None) == (level is not Level.B_B)


@pytest.mark.parametrize("name", OFFICERS)
def test_each_kind_of_key_signs(bench: Workbench, name: str) -> None:
    signed = bench.signed(Level.B_LTA, name)
    verdict = judge(signed.path, bench.trust, at=now())
    assert verdict.overall is Indication.TOTAL_PASSED
    revocation = verdict.signatures[0].certificate
    assert revocation is not None
    assert revocation.revocation.source == ("OCSP" if name == "officer3" else "CRL")


@pytest.mark.parametrize("level", list(Level))
def test_poppler_finds_the_signature_valid(bench: Workbench, level: Level) -> None:
    run = subprocess.run(
        ["pdfsig", "-nocert", str(bench.signed(level).path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Signature is Valid" in run.stdout
    assert "ETSI.CAdES.detached" in run.stdout


def test_signing_only_appends_to_the_source(bench: Workbench) -> None:
    signed = bench.signed(Level.B_LTA)
    source = signed.path.with_name("agency-B-LTA-source.pdf").read_bytes()
    assert signed.path.read_bytes().startswith(source)
    checked = subprocess.run(["qpdf", "--check", signed.path], capture_output=True, check=False)
    assert checked.returncode == 0


@pytest.mark.parametrize("level", list(Level))
def test_signing_does_not_restate_what_the_file_says_of_itself(
    bench: Workbench, level: Level
) -> None:
    signed = bench.signed(level)
    source = signed.path.with_name(f"agency-{level.value}-source.pdf")
    with pikepdf.open(source) as before, pikepdf.open(signed.path) as after:
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert after.trailer.Info == before.trailer.Info
        assert "/Producer" in after.trailer.Info


def test_the_claimed_time_is_the_one_asked_for_in_vietnam(bench: Workbench, tmp_path: Path) -> None:
    at = now() - timedelta(minutes=2)
    request = replace(
        bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_T), at=at
    )
    with bench.signer() as signer:
        signed = sign_pdf(request, signer, bench.trust, bench.network)
    assert signed.verdict.signatures[0].claimed_time == at.replace(microsecond=0)
    with pikepdf.open(signed.path) as pdf:
        value = pdf.Root.AcroForm.Fields[0].V
        assert str(value.M).endswith("+07'00'")
        assert value.SubFilter == pikepdf.Name("/ETSI.CAdES.detached")


@pytest.mark.parametrize("name", [*BAD_SIGNERS, LOOKALIKE])
@pytest.mark.parametrize("level", [Level.B_B, Level.B_LTA])
def test_a_refused_certificate_signs_nothing(
    bench: Workbench, tmp_path: Path, name: str, level: Level
) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", level)
    with bench.signer(name) as signer, pytest.raises(CertificateRefused):
        sign_pdf(request, signer, bench.trust, bench.network)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_without_a_timestamp_authority_nothing_is_signed(bench: Workbench, tmp_path: Path) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_T)
    silent = replace(bench.network, timestamp_url=f"http://127.0.0.1:{free_port()}/tsa")
    with bench.signer() as signer:
        for network in (silent, replace(bench.network, timestamp_url=None)):
            with pytest.raises(TimestampUnavailable) as caught:
                sign_pdf(request, signer, bench.trust, network)
            assert "chưa được ký" in caught.value.vi
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_offline_the_certificate_cannot_be_checked_and_nothing_is_signed(
    bench: Workbench, tmp_path: Path
) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_B)
    with bench.signer() as signer, pytest.raises(CertificateRefused) as caught:
        sign_pdf(request, signer, bench.trust, OFFLINE)
    assert caught.value.sub_indication == "TRY_LATER"


def test_an_untrusted_timestamp_authority_is_refused(bench: Workbench, tmp_path: Path) -> None:
    only_signers = tmp_path / "trust" / "signers"
    only_signers.mkdir(parents=True)
    root = bench.folder / "trust" / "signers" / "goc-thu-nghiem.pem"
    (only_signers / "goc.pem").write_bytes(root.read_bytes())
    trust = load_trust(tmp_path / "trust")
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_T)
    with bench.signer() as signer, pytest.raises(TimestampUnavailable):
        sign_pdf(request, signer, trust, bench.network)
    assert not request.target.exists()


def test_the_officer_signs_first_and_the_agency_closes(bench: Workbench, tmp_path: Path) -> None:
    personal = replace(
        bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_T),
        field_name="CB_SaoChup",
    )
    with bench.signer("officer1") as signer:
        block = top_right_block(signer.identity.cn, personal.at, None)
        x0, y0, x1, y1 = block.box
        left = replace(block, box=(20.0, y0, 20.0 + x1 - x0, y1))
        sign_pdf(replace(personal, block=left), signer, bench.trust, bench.network)
    agency = bench.request(tmp_path / "b.pdf", tmp_path / "c.pdf")
    with bench.signer() as signer:
        block = top_right_block(signer.identity.cn, agency.at)
        sign_pdf(replace(agency, block=block), signer, bench.trust, bench.network)
    verdict = judge(tmp_path / "c.pdf", bench.trust, at=now(), network=bench.network)
    assert verdict.overall is Indication.TOTAL_PASSED
    first, second = verdict.signatures[:2]
    assert (first.field, second.field) == ("CB_SaoChup", "CQ_SoHoa")
    assert first.integrity.modification is Modification.FORM_FILLING
    assert set(first.integrity.changed_fields) <= {"CQ_SoHoa", "CQ_SoHoa_TS"}


def test_a_batch_signs_many_files_with_one_opened_key(bench: Workbench, tmp_path: Path) -> None:
    sources = [make_pdf(tmp_path / f"{number}.pdf", pages=1) for number in range(3)]
    with bench.signer() as signer, Batch(signer, bench.trust, bench.network) as batch:
        assert batch.check(now()).revocation_source == "CRL"
        signed = [
            batch.sign(bench.request(source, source.with_suffix(".signed.pdf")))
            for source in sources
        ]
        with pytest.raises(UnreadablePdf):
            batch.sign(bench.request(tmp_path / "missing.pdf", tmp_path / "x.pdf"))
        again = batch.sign(bench.request(sources[0], tmp_path / "again.pdf"))
    for result in [*signed, again]:
        assert judge(result.path, bench.trust, at=now()).overall is Indication.TOTAL_PASSED


def test_an_existing_empty_field_is_used(bench: Workbench, tmp_path: Path) -> None:
    source = make_pdf(tmp_path / "a.pdf")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name.Sig,
                T="CQ_SoHoa",
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                Rect=[0, 0, 0, 0],
                F=132,
                P=pdf.pages[0].obj,
            )
        )
        pdf.pages[0].Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=[field]))
        pdf.save(source)
    with bench.signer() as signer:
        signed = sign_pdf(
            bench.request(source, tmp_path / "b.pdf"), signer, bench.trust, bench.network
        )
    fields = [signature.field for signature in signed.verdict.signatures]
    assert fields == ["CQ_SoHoa", "CQ_SoHoa_TS"]


def test_a_signed_field_is_not_signed_again(bench: Workbench, tmp_path: Path) -> None:
    request = bench.request(bench.signed(Level.B_T).path, tmp_path / "b.pdf")
    with bench.signer() as signer, pytest.raises(AlreadySigned):
        sign_pdf(request, signer, bench.trust, bench.network)


def test_an_encrypted_file_is_refused(bench: Workbench, tmp_path: Path) -> None:
    source = make_pdf(tmp_path / "a.pdf")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.save(source, encryption=pikepdf.Encryption(owner="chủ", user=""))
    with bench.signer() as signer, pytest.raises(UnreadablePdf):
        sign_pdf(bench.request(source, tmp_path / "b.pdf"), signer, bench.trust, bench.network)


def test_a_block_outside_the_page_is_refused(bench: Workbench, tmp_path: Path) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf")
    block = top_right_block("ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM", request.at)
    x0, y0, x1, y1 = block.box
    outside = replace(block, box=(x0 + 100, y0, x1 + 100, y1))
    with bench.signer() as signer:
        for wrong in (outside, replace(block, page=3), replace(block, box=(x0, y0, x1 - 30, y1))):
            with pytest.raises(BlockDoesNotFit):
                sign_pdf(replace(request, block=wrong), signer, bench.trust, bench.network)


@contextmanager
def _full_disk(size_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_nothing_behind(bench: Workbench, tmp_path: Path) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf")
    with (
        bench.signer() as signer,
        Batch(signer, bench.trust, bench.network) as batch,
        _full_disk(8192),
        pytest.raises(OutputNotWritten),
    ):
        batch.sign(request)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
def test_without_room_the_key_is_not_used(bench: Workbench, tmp_path: Path) -> None:
    """A disk that is really full: what the key made would be lost."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], check=True)

    def intend(_uses: object) -> None:
        pytest.fail("there is no room for what the key makes")

    try:
        request = bench.request(make_pdf(tmp_path / "a.pdf"), disk / "b.pdf", Level.B_B)
        with (
            bench.signer() as signer,
            Batch(signer, bench.trust, bench.network, intend) as batch,
            pytest.raises(OutputNotWritten) as caught,
        ):
            batch.sign(request)
        assert "dọn ổ đĩa" in caught.value.vi
        assert caught.value.is_full
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission_is_told(bench: Workbench, tmp_path: Path) -> None:
    source = make_pdf(tmp_path / "a.pdf")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with bench.signer() as signer, pytest.raises(OutputNotWritten):
        sign_pdf(bench.request(source, closed / "b.pdf"), signer, bench.trust, bench.network)

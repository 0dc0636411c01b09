from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from desk.demo.pki import LOOKALIKE
from signing.model import (
    BestTimeKind,
    FileVerdict,
    Indication,
    Level,
    Modification,
    RevocationStatus,
    SubIndication,
)
from signing.pades import sign_pdf
from signing.structure import inspect
from signing.trust import load_trust
from signing.verdict import judge
from tests.signing.workbench import Workbench, make_pdf, now

# Enough to hit streams, dictionaries, tables and the earlier signature; the seed makes it repeat.
FLIPS = 30


def _sign_unchecked(
    bench: Workbench,
    name: str,
    folder: Path,
    sub_filter: fields.SigSeedSubFilter = fields.SigSeedSubFilter.PADES,
) -> Path:
    """What other software does: sign without asking whether the certificate may."""
    source, target = make_pdf(folder / "in.pdf"), folder / f"{name}.pdf"
    with bench.signer(name) as signer, source.open("rb") as file, target.open("w+b") as out:
        PdfSigner(
            PdfSignatureMetadata(
                field_name="CQ_SoHoa",
                subfilter=sub_filter,
                md_algorithm="sha256",
            ),
            signer=signer.signer,
        ).sign_pdf(IncrementalPdfFileWriter(file), output=out)
    return target


def _judge(bench: Workbench, path: Path) -> FileVerdict:
    return judge(path, bench.trust, at=now(), network=bench.network)


def test_a_long_term_file_passes_without_any_network(bench: Workbench) -> None:
    verdict = judge(bench.signed(Level.B_LTA).path, bench.trust, at=now())
    assert verdict.overall is Indication.TOTAL_PASSED
    assert not verdict.online
    ours = verdict.signatures[0]
    assert ours.best_time_kind is BestTimeKind.TIMESTAMP
    assert ours.integrity.modification is Modification.LTA
    assert ours.certificate is not None
    assert ours.certificate.revocation.status is RevocationStatus.GOOD


def test_a_long_term_file_outlives_its_revocation_lists_and_its_signer(bench: Workbench) -> None:
    signed = bench.signed(Level.B_LTA)
    verdict = judge(signed.path, bench.trust, at=now() + timedelta(days=25))
    assert verdict.overall is Indication.TOTAL_PASSED
    later = judge(signed.path, bench.trust, at=now() + timedelta(days=365 * 4))
    assert later.overall is Indication.INDETERMINATE


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T])
def test_unknown_revocation_is_never_passed(bench: Workbench, level: Level) -> None:
    verdict = judge(bench.signed(level).path, bench.trust, at=now())
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.INDETERMINATE,
        SubIndication.TRY_LATER,
    )
    certificate = verdict.signatures[0].certificate
    assert certificate is not None
    assert certificate.revocation.status is RevocationStatus.UNKNOWN
    assert verdict.signatures[0].integrity.intact is True


def test_without_anchors_nothing_passes(bench: Workbench) -> None:
    verdict = judge(bench.signed(Level.B_LTA).path, load_trust(None), at=now())
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.INDETERMINATE,
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("expired", SubIndication.OUT_OF_BOUNDS_NO_POE),
        ("future", SubIndication.NOT_YET_VALID),
        ("revoked", SubIndication.REVOKED_NO_POE),
        ("server", SubIndication.CHAIN_CONSTRAINTS_FAILURE),
        (LOOKALIKE, SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    ],
)
def test_files_signed_with_a_certificate_that_must_not_sign(
    bench: Workbench, tmp_path: Path, name: str, expected: SubIndication
) -> None:
    verdict = _judge(bench, _sign_unchecked(bench, name, tmp_path))
    assert (verdict.overall, verdict.overall_sub) == (Indication.INDETERMINATE, expected)
    certificate = verdict.signatures[0].certificate
    assert certificate is not None
    assert certificate.revocation.status is not RevocationStatus.GOOD
    assert certificate.purpose_ok == (name != "server")
    assert certificate.valid_at_signing == (name in {"server", LOOKALIKE})


def test_any_flipped_byte_that_is_covered_fails(bench: Workbench, tmp_path: Path) -> None:
    path = bench.signed(Level.B_LTA).path
    content = path.read_bytes()
    last = inspect(path).signatures[-1].byte_range
    assert last is not None
    covered = [*range(last[1]), *range(last[2], last[2] + last[3])]
    storm = random.Random(20261121)
    flipped = tmp_path / "flipped.pdf"
    seen = set()
    for place in storm.sample(covered, FLIPS):
        changed = bytearray(content)
        changed[place] ^= 1 << storm.randrange(8)
        flipped.write_bytes(changed)
        verdict = judge(flipped, bench.trust, at=now())
        assert verdict.overall is not Indication.TOTAL_PASSED, place
        seen.add(verdict.overall_sub)
    assert {SubIndication.HASH_FAILURE, SubIndication.FORMAT_FAILURE} <= seen


def test_changed_page_content_is_a_hash_failure(bench: Workbench, tmp_path: Path) -> None:
    content = bench.signed(Level.B_LTA).path.read_bytes()
    target = tmp_path / "a.pdf"
    target.write_bytes(content.replace(b"THU NGHIEM", b"THU NGHIEN"))
    verdict = _judge(bench, target)
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.TOTAL_FAILED,
        SubIndication.HASH_FAILURE,
    )
    assert verdict.signatures[0].integrity.intact is False
    assert verdict.signatures[0].integrity.modification is None


def test_bytes_after_the_end_fail(bench: Workbench, tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(bench.signed(Level.B_LTA).path.read_bytes() + b"\nEXTRA DATA\n")
    verdict = _judge(bench, target)
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.TOTAL_FAILED,
        SubIndication.FORMAT_FAILURE,
    )
    assert [warning.code for warning in verdict.warnings] == ["TRAILING_BYTES"]


def test_an_update_with_a_bogus_trailer_fails(bench: Workbench, tmp_path: Path) -> None:
    """The incremental saving attack: an object replaced where no reader of tables looks."""
    content = bench.signed(Level.B_B).path.read_bytes()
    start = content.rpartition(b"startxref")[2].split()[0]
    attack = b"\n4 0 obj\n<< /Length 3 >>\nstream\nBAD\nendstream\nendobj\n"
    target = tmp_path / "a.pdf"
    target.write_bytes(content + attack + b"startxref\n" + start + b"\n%%EOF\n")
    verdict = _judge(bench, target)
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.TOTAL_FAILED,
        SubIndication.FORMAT_FAILURE,
    )


def _append(source: Path, target: Path, change: str) -> Path:
    with source.open("rb") as file, target.open("wb") as out:
        writer = IncrementalPdfFileWriter(file)
        page = writer.root["/Pages"]["/Kids"][0]
        if change == "page":
            stream = generic.StreamObject(stream_data=b"BT (THAY DOI) Tj ET")
            page["/Contents"] = writer.add_object(stream)
            writer.update_container(page)
        elif change == "removed":
            writer.root["/AcroForm"]["/Fields"] = generic.ArrayObject()
            writer.update_container(writer.root["/AcroForm"]["/Fields"])
            writer.update_container(writer.root["/AcroForm"])
        writer.write(out)  # type: ignore[no-untyped-call]  # untyped in pyHanko
    return target


def test_a_page_replaced_after_signing_fails(bench: Workbench, tmp_path: Path) -> None:
    changed = _append(bench.signed(Level.B_LTA).path, tmp_path / "a.pdf", "page")
    verdict = _judge(bench, changed)
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.TOTAL_FAILED,
        SubIndication.FORMAT_FAILURE,
    )
    ours = verdict.signatures[0]
    assert ours.integrity.intact is True
    assert ours.integrity.modification is Modification.OTHER


def test_a_signature_cut_out_of_the_form_is_noticed(bench: Workbench, tmp_path: Path) -> None:
    changed = _append(bench.signed(Level.B_T).path, tmp_path / "a.pdf", "removed")
    verdict = _judge(bench, changed)
    assert verdict.overall is Indication.NO_SIGNATURE_FOUND
    assert [warning.code for warning in verdict.warnings] == ["UNREACHED_SIGNATURE"]


def test_one_dictionary_in_two_fields_is_one_entry_that_names_both(
    bench: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    with bench.signed(Level.B_T).path.open("rb") as file, path.open("wb") as out:
        writer = IncrementalPdfFileWriter(file)
        form = writer.root["/AcroForm"]
        first = form["/Fields"].raw_get(0).get_object()
        second = generic.DictionaryObject(  # type: ignore[no-untyped-call]  # untyped in pyHanko
            {
                generic.NameObject("/FT"): generic.NameObject("/Sig"),
                generic.NameObject("/T"): generic.TextStringObject("Ban_Sao"),
                generic.NameObject("/V"): first.raw_get("/V"),
            }
        )
        form["/Fields"].append(writer.add_object(second))
        writer.update_container(form["/Fields"])
        writer.write(out)  # type: ignore[no-untyped-call]  # untyped in pyHanko
    verdict = _judge(bench, path)
    assert len(verdict.signatures) == 1
    warnings = {warning.code: warning for warning in verdict.signatures[0].warnings}
    named = " ".join(w.vi for w in warnings.values())
    assert "CQ_SoHoa" in named
    assert "Ban_Sao" in named
    assert "SAME_DICTIONARY" in warnings


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_file_never_passes(bench: Workbench, tmp_path: Path, share: float) -> None:
    content = bench.signed(Level.B_LTA).path.read_bytes()
    target = tmp_path / "a.pdf"
    target.write_bytes(content[: int(len(content) * share)])
    assert _judge(bench, target).overall is not Indication.TOTAL_PASSED


@pytest.mark.parametrize("content", [b"", b"xin chao", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n" * 9])
def test_files_that_are_no_pdf_are_unreadable_entries(
    bench: Workbench, tmp_path: Path, content: bytes
) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(content)
    verdict = _judge(bench, target)
    assert not verdict.readable
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.TOTAL_FAILED,
        SubIndication.FORMAT_FAILURE,
    )
    assert verdict.size_bytes == len(content)


def test_a_missing_file_and_a_locked_one_are_unreadable_entries(
    bench: Workbench, tmp_path: Path
) -> None:
    missing = _judge(bench, tmp_path / "missing.pdf")
    assert (missing.readable, missing.sha256) == (False, None)
    locked = make_pdf(tmp_path / "a.pdf")
    with pikepdf.open(locked, allow_overwriting_input=True) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert not _judge(bench, locked).readable


def test_an_unsigned_file_has_no_signature(bench: Workbench, tmp_path: Path) -> None:
    verdict = _judge(bench, make_pdf(tmp_path / "a.pdf", pages=3))
    assert (verdict.overall, verdict.pages) == (Indication.NO_SIGNATURE_FOUND, 3)
    assert verdict.warnings == ()


def test_an_unknown_kind_of_signature_is_listed_and_undecided(
    bench: Workbench, tmp_path: Path
) -> None:
    content = bench.signed(Level.B_B).path.read_bytes()
    target = tmp_path / "a.pdf"
    target.write_bytes(content.replace(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 "))
    verdict = _judge(bench, target)
    assert verdict.overall is Indication.INDETERMINATE
    assert verdict.signatures[0].reasons[0].code == "UNKNOWN_SUB_FILTER"


def test_a_broken_signature_costs_only_its_own_verdict(bench: Workbench, tmp_path: Path) -> None:
    """Contents that are no CMS at all, in the timestamp; the signature before it is judged."""
    path = bench.signed(Level.B_LTA).path
    content = bytearray(path.read_bytes())
    last = inspect(path).signatures[-1].byte_range
    assert last is not None
    content[last[1] + 1 : last[1] + 9] = b"FFFFFFFF"
    target = tmp_path / "a.pdf"
    target.write_bytes(content)
    verdict = judge(target, bench.trust, at=now())
    assert verdict.signatures[0].indication is Indication.TOTAL_PASSED
    assert verdict.signatures[1].indication is not Indication.TOTAL_PASSED
    assert verdict.overall is verdict.signatures[1].indication


def test_the_older_kind_of_signature_passes_too(bench: Workbench, tmp_path: Path) -> None:
    kind = fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    verdict = _judge(bench, _sign_unchecked(bench, "officer1", tmp_path, kind))
    assert verdict.overall is Indication.TOTAL_PASSED


def _with_text_field(path: Path) -> Path:
    with pikepdf.open(make_pdf(path), allow_overwriting_input=True) as pdf:
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name.Tx,
                T="Ten",
                V="An",
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                Rect=[50, 50, 200, 70],
                F=4,
            )
        )
        pdf.pages[0].Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=[field]))
        pdf.save(path)
    return path


def test_a_form_field_changed_after_signing_is_not_passed(bench: Workbench, tmp_path: Path) -> None:
    """The shadow attack by replacement: allowed form filling that changes what is read."""
    request = bench.request(_with_text_field(tmp_path / "a.pdf"), tmp_path / "b.pdf", Level.B_LT)
    with bench.signer() as signer:
        sign_pdf(request, signer, bench.trust, bench.network)
    changed = tmp_path / "c.pdf"
    with request.target.open("rb") as file, changed.open("wb") as out:
        writer = IncrementalPdfFileWriter(file)
        field = writer.root["/AcroForm"]["/Fields"][0]
        field["/V"] = generic.TextStringObject("Binh")
        writer.update_container(field)
        writer.write(out)  # type: ignore[no-untyped-call]  # untyped in pyHanko
    verdict = _judge(bench, changed)
    assert (verdict.overall, verdict.overall_sub) == (
        Indication.INDETERMINATE,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    )
    integrity = verdict.signatures[0].integrity
    assert integrity.modification is Modification.FORM_FILLING
    assert integrity.changed_fields == ("Ten",)
    assert "Ten" in verdict.signatures[0].reasons[0].vi

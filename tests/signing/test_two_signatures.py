"""Who copied signs first, top left; the agency closes, top right, in a field made before."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from signing.appearance import block_lines, measure_block
from signing.errors import BlockDoesNotFit
from signing.model import (
    Indication,
    Level,
    Modification,
    ReservedField,
    SignedPdf,
    SignRequest,
    VisibleBlock,
)
from signing.network import OFFLINE
from signing.pades import sign_pdf
from signing.placing import seen_size, to_user_space
from signing.structure import inspect
from signing.verdict import judge
from tests.pdfa_findings import objections
from tests.signing.workbench import Workbench, make_pdf, now

PERSON, AGENCY = "CB_SaoChup", "CQ_SoHoa"
EDGE = 15.0
LONG = "VĂN PHÒNG HỘI ĐỒNG NHÂN DÂN VÀ ỦY BAN NHÂN DÂN THÀNH PHỐ THỬ NGHIỆM"


def turned_pdf(path: Path, turn: int, corner: tuple[float, float] = (0.0, 0.0)) -> Path:
    """Make a PDF whose first page is turned by its viewer, and whose corner is not the origin."""
    make_pdf(path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        x0, y0, x1, y1 = (float(number) for number in page.mediabox)
        dx, dy = corner
        page.obj.MediaBox = [x0 + dx, y0 + dy, x1 + dx, y1 + dy]
        if turn:
            page.obj.Rotate = turn
        pdf.save(path)
    return path


def blocks(source: Path, name: str, agency: str) -> tuple[VisibleBlock, VisibleBlock]:
    """Lay a block into each upper corner of page 1 as it is seen."""
    structure = inspect(source)
    box, turn = structure.page_boxes[0], structure.page_turns[0]
    width, _ = seen_size(box, turn)
    at = now()
    laid = []
    for words, side in ((name, "left"), (agency, "right")):
        lines = block_lines(words, at, None, 200.0)
        size = measure_block(lines)
        left = EDGE if side == "left" else width - EDGE - size[0]
        seen = (left, EDGE, left + size[0], EDGE + size[1])
        laid.append(VisibleBlock(page=1, box=to_user_space(seen, box, turn), lines=lines))
    return laid[0], laid[1]


def sign_twice(
    bench: Workbench, source: Path, level: Level = Level.B_LT, agency: str = LONG
) -> SignedPdf:
    person, office = blocks(source, "Lê Văn Ba THỬ NGHIỆM", agency)
    first = SignRequest(
        source=source,
        target=source.with_suffix(".person.pdf"),
        field_name=PERSON,
        level=Level.B_B if level is Level.B_B else Level.B_T,
        block=person,
        reason=None,
        at=now(),
        reserve=(ReservedField(name=AGENCY, page=1, box=office.box),),
    )
    # Asked for by OCSP, the agency by a list: its proof is not among those of the agency.
    with bench.signer("officer3") as signer:
        sign_pdf(first, signer, bench.trust, bench.network)
    second = bench.request(first.target, source.with_suffix(".both.pdf"), level)
    with bench.signer() as signer:
        return sign_pdf(replace(second, block=office), signer, bench.trust, bench.network)


def seen(path: Path) -> tuple[float, list[tuple[str, float, float]]]:
    """Return the page's width as seen and its words with their left and top, points."""
    out = subprocess.run(
        ["pdftotext", "-bbox", "-l", "1", str(path), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    words, width = [], 0.0
    for line in out.splitlines():
        parts = line.strip().split('"')
        if line.strip().startswith("<page"):
            width = float(parts[1])
        elif line.strip().startswith("<word"):
            text = parts[-1].partition(">")[2].partition("<")[0]
            words.append((text, float(parts[1]), float(parts[3])))
    return width, words


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT, Level.B_LTA])
def test_both_signatures_pass_and_the_second_only_fills_what_the_first_left_for_it(
    bench: Workbench, tmp_path: Path, level: Level
) -> None:
    signed = sign_twice(bench, make_pdf(tmp_path / "a.pdf"), level)
    # A file of level LT holds all proofs: a stranger without a network passes it too.
    network = bench.network if level in (Level.B_B, Level.B_T) else OFFLINE
    verdict = judge(signed.path, bench.trust, at=now(), network=network)
    assert verdict.overall is Indication.TOTAL_PASSED
    first, second = verdict.signatures[:2]
    assert (first.field, second.field) == (PERSON, AGENCY)
    assert first.integrity.modification is Modification.FORM_FILLING
    assert set(first.integrity.changed_fields) <= {AGENCY, f"{AGENCY}_TS"}
    assert first.signer is not None
    assert first.signer.cn == "Lê Văn Ba THỬ NGHIỆM"
    found = subprocess.run(
        ["pdfsig", "-nocert", signed.path], capture_output=True, text=True, check=False
    ).stdout
    assert found.count("Signature is Valid") >= 2


def test_the_first_signature_leaves_an_empty_field_where_the_second_will_stand(
    bench: Workbench, tmp_path: Path
) -> None:
    source = make_pdf(tmp_path / "a.pdf")
    sign_twice(bench, source)
    structure = inspect(source.with_suffix(".person.pdf"))
    assert structure.unsigned_fields == (AGENCY,)
    _, office = blocks(source, "x", LONG)
    places = []
    for name in (".person.pdf", ".both.pdf"):
        with pikepdf.open(source.with_suffix(name)) as pdf:
            field = next(f for f in pdf.Root.AcroForm.Fields if str(f.T) == AGENCY)
            assert "/N" in field.AP
            places.append([float(number) for number in field.Rect])
            assert len(pdf.pages[0].Annots) == 2
    assert places[0] == places[1] == pytest.approx(list(office.box))


def test_each_signature_is_an_increment_over_the_file_before(
    bench: Workbench, tmp_path: Path
) -> None:
    source = make_pdf(tmp_path / "a.pdf")
    signed = sign_twice(bench, source)
    first = source.with_suffix(".person.pdf").read_bytes()
    assert first.startswith(source.read_bytes())
    assert signed.path.read_bytes().startswith(first)


@pytest.mark.parametrize("corner", [(0.0, 0.0), (40.0, -30.0)], ids=["origin", "moved"])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_blocks_of_a_turned_page_stand_upright_in_its_upper_corners(
    bench: Workbench, tmp_path: Path, turn: int, corner: tuple[float, float]
) -> None:
    source = turned_pdf(tmp_path / "a.pdf", turn, corner)
    signed = sign_twice(bench, source, Level.B_B)
    width, words = seen(signed.path)
    place = {text: (left, top) for text, left, top in words}
    # Upright as seen: the lines of a block begin at one left edge, one below the other.
    name = place["Lê"]
    assert name[0] == pytest.approx(EDGE + 2, abs=1)
    assert EDGE - 2 <= name[1] <= EDGE + 8
    assert place["Văn"][1] == pytest.approx(name[1], abs=0.5)
    assert place["VĂN"][0] > width / 2
    assert EDGE - 2 <= place["VĂN"][1] <= EDGE + 8
    assert place["PHÒNG"][0] > place["VĂN"][0]


def test_a_block_too_wide_for_a_turned_page_is_refused(bench: Workbench, tmp_path: Path) -> None:
    source = turned_pdf(tmp_path / "a.pdf", 90)
    person, _ = blocks(source, "Nguyễn Văn Một", LONG)
    x0, y0, x1, y1 = person.box
    # As wide and high as it must be unturned: upright as seen it would not fit.
    wrong = replace(person, box=(x0, y0, x0 + (y1 - y0), y0 + (x1 - x0)))
    request = replace(
        bench.request(source, tmp_path / "b.pdf", Level.B_B), field_name=PERSON, block=wrong
    )
    with bench.signer("officer1") as signer, pytest.raises(BlockDoesNotFit):
        sign_pdf(request, signer, bench.trust, bench.network)


def test_text_of_a_turned_page_is_drawn_black_on_white_within_its_box(
    bench: Workbench, tmp_path: Path
) -> None:
    source = turned_pdf(tmp_path / "a.pdf", 270)
    signed = sign_twice(bench, source, Level.B_B)
    with pypdfium2.PdfDocument(signed.path) as document:
        document.init_forms()
        picture = document[0].render(scale=2, may_draw_forms=True).to_numpy()[:, :, :3]
    size = measure_block(block_lines("Lê Văn Ba THỬ NGHIỆM", now(), None, 200.0))
    left, top = int(EDGE * 2), int(EDGE * 2)
    inside = picture[top : top + int(size[1] * 2), left : left + int(size[0] * 2)]
    assert inside.min() < 60
    assert 0.03 < (inside.max(axis=2) < 128).mean() < 0.3
    around = picture[: top - 2, : left + int(size[0] * 2)]
    assert around.min() > 200


def test_no_objection_to_the_blocks_as_pdfa(bench: Workbench, tmp_path: Path) -> None:
    source = make_pdf(tmp_path / "a.pdf")
    before = set(objections(source))
    signed = sign_twice(bench, source)
    new = set(objections(signed.path)) - before
    assert all(
        told.startswith("[unsupported]")
        and any(word in told for word in ("AcroForm", "Perms", "DSS"))
        for told in new
    ), new


def test_the_same_signer_again_stores_its_proofs_after_its_signature(
    bench: Workbench, tmp_path: Path
) -> None:
    """EU DSS calls a signature B-T after which the store names no object that it did not before."""
    first = bench.signed(Level.B_LT)
    request = replace(
        bench.request(first.path, tmp_path / "again.pdf", Level.B_LT), field_name="CQ_BanSao_1"
    )
    with bench.signer() as signer:
        again = sign_pdf(request, signer, bench.trust, bench.network)
    assert [one.level for one in again.verdict.signatures] == [Level.B_LT, Level.B_LT]
    assert stored(first.path) < stored(again.path)
    assert again.path.read_bytes().startswith(first.path.read_bytes())


def stored(path: Path) -> set[int]:
    """Return the numbers of the objects that a file's security store names."""
    with pikepdf.open(path) as pdf:
        return {item.objgen[0] for kept in ("/Certs", "/CRLs") for item in pdf.Root.DSS[kept]}

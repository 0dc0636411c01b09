"""A paper with a block that is not signed yet: for looking at, the paper itself untouched."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from signing.appearance import drawn_box
from signing.block_preview import draw_block
from signing.errors import UnreadablePdf
from signing.model import VisibleBlock
from signing.structure import inspect
from tests.signing.workbench import make_pdf, now, top_right_block


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_block_stands_where_its_signature_will_show_it(tmp_path: Path, turn: int) -> None:
    paper, shown = make_pdf(tmp_path / "paper.pdf"), tmp_path / "shown.pdf"
    with pikepdf.open(paper, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Rotate = turn
        pdf.save(paper)
    before, block = paper.read_bytes(), top_right_block("UBND XÃ THỬ NGHIỆM", now())
    draw_block(paper, shown, block)
    assert paper.read_bytes() == before
    # A later revision, without a signature or a field for one.
    assert shown.read_bytes().startswith(before)
    assert inspect(shown).signatures == ()
    with pikepdf.open(shown) as pdf:
        (drawn,) = pdf.pages[0].Annots
        assert [float(edge) for edge in drawn.Rect] == list(drawn_box(block.box, turn))
        assert b"BT" in drawn.AP.N.read_bytes()
        assert "/Annots" not in pdf.pages[1]


def test_what_is_no_pdf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.pdf").write_bytes(b"%PDF-1.7 cut off")
    block = VisibleBlock(page=1, box=(0, 0, 200, 50), lines=("THỬ NGHIỆM",))
    with pytest.raises(UnreadablePdf):
        draw_block(tmp_path / "no.pdf", tmp_path / "shown.pdf", block)

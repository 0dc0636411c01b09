from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from digitize import page_pairs
from digitize.errors import DamagedFile
from digitize.page_pairs import PagePairs, PairSpot, draw_pairs


def _pdf(path: Path, *words: str) -> Path:
    with pikepdf.new() as pdf:
        for word in words:
            page = pdf.add_blank_page(page_size=(300, 200))
            page.Contents = pdf.make_stream(f"BT /F1 20 Tf 40 100 Td ({word}) Tj ET".encode())
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
            )
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        pdf.save(path)
    return path


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ("abc", "abc", []),
        ("abc", "aXc", [(2, 2)]),
        ("abc", "aXbc", [(None, 2)]),
        ("abc", "ac", [(2, None)]),
        ("abc", "Xabc", [(None, 1)]),
        ("ab", "XYZ", [(1, 1), (2, 2), (None, 3)]),
    ],
)
def test_only_pages_that_look_different_are_drawn(
    before: str, after: str, places: list[tuple[int | None, int | None]], tmp_path: Path
) -> None:
    found = _drawn(tmp_path, before, after)
    assert [(pair.before, pair.after) for pair in found.pairs] == places
    assert len({pair.picture for pair in found.pairs}) == len(places)
    assert all(pair.picture.stat().st_size for pair in found.pairs)


def _drawn(folder: Path, before: str, after: str) -> PagePairs:
    spot = PairSpot(
        before=_pdf(folder / "before.pdf", *before), after=_pdf(folder / "after.pdf", *after)
    )
    return draw_pairs(spot, folder)


def test_what_differs_stands_in_a_red_frame_on_the_right(tmp_path: Path) -> None:
    pair = _drawn(tmp_path, "a", "X").pairs[0]
    picture = np.asarray(Image.open(pair.picture))
    red = (picture == (200, 0, 0)).all(axis=2)
    half = picture.shape[1] // 2
    assert red[:, half:].any()
    assert not red[:, :half].any()


def test_of_very_many_changed_pages_the_first_are_drawn_and_the_rest_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_pairs, "_MOST_PAIRS", 3)
    found = _drawn(tmp_path, "a" * 5, "b" * 5)
    assert (len(found.pairs), found.left_out) == (3, 2)


def test_what_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "x.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(DamagedFile):
        draw_pairs(PairSpot(before=broken, after=broken), tmp_path)

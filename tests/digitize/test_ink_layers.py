"""Ink parted by colour and by how pale it is: what is stamped over print is seen without it."""

from __future__ import annotations

import numpy as np
import pytest

from digitize.frames import Picture
from digitize.ink_layers import as_on_white, upper_half, without_print

DPI = 100.0
PRINT, STAMP, PAPER = 20, 110, 250


def _page() -> Picture:
    """Return a grey page with rows of print and a paler bar across one of them."""
    page = np.full((1169, 827), PAPER, np.uint8)
    page[190:230, 150:156] = STAMP
    page[200:208, 100:400] = PRINT
    page[260:268, 100:700] = PRINT
    return page


def test_what_is_paler_than_print_is_seen_without_it() -> None:
    paler = upper_half(_page(), DPI).paler(25)
    assert paler[192:197, 151:155].all()
    assert paler[212:228, 151:155].all()
    assert not paler[200:208, 100:400].any()
    assert not paler[258:270].any()


def test_the_lower_half_is_left_out() -> None:
    assert upper_half(_page(), DPI).depth.shape == (584, 827)


def test_what_print_lay_on_goes_on_below_it() -> None:
    alone = without_print(_page()[180:240, 140:170], float(PRINT), float(PAPER))
    assert int(alone.min()) > STAMP - 15
    # Where print crossed the bar, the bar is still darker than the paper beside it.
    assert int(alone[24, 12]) < int(alone[24, 2]) - 60


@pytest.mark.parametrize("paper", [(250, 243, 215), (240, 210, 215)])
def test_on_coloured_paper_the_paper_has_no_colour(paper: tuple[int, int, int]) -> None:
    page = np.full((200, 200, 3), paper, np.uint8)
    page[50:60, 50:60] = (190, 194, 206)
    half = upper_half(page, DPI)
    assert half.colour is not None
    assert int(half.colour[10, 10]) == 0
    assert int(half.colour[55, 55]) > 20
    assert as_on_white(page)[0, 0].tolist() == [255, 255, 255]

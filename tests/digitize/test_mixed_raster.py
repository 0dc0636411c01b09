"""A page in layers looks like the page: sharp ink in its colour over paper in its colour."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from digitize.frames import Picture
from digitize.mixed_raster import Layers, take_apart
from tests.digitize import pdfs
from tests.digitize.workbench import sheet

CREAM, RED, BLUE = (245, 238, 220), (190, 20, 30), (20, 30, 160)


@cache
def _text() -> Picture:
    return sheet(pdfs.LINES, dpi=100)


def _page() -> Picture:
    """Draw text on cream paper, a red square and a blue one."""
    page = _text().copy()
    page[page.min(axis=2) > 200] = CREAM
    page[700:760, 100:160] = RED
    page[700:760, 400:460] = BLUE
    return page


def _shown(layers: Layers, shape: tuple[int, ...]) -> Picture:
    """Put the layers together, as readers of PDF do."""

    def enlarged(picture: Picture) -> Picture:
        side = layers.mask.shape[0] // picture.shape[0]
        return picture.repeat(side, axis=0).repeat(side, axis=1)

    ink = np.zeros((*layers.mask.shape, 3), np.uint8) if layers.ink is None else layers.ink
    paper = np.full_like(ink, 255) if layers.paper is None else layers.paper
    paper = np.stack([paper] * 3, axis=2) if paper.ndim == 2 else paper
    whole = np.where(layers.mask[:, :, None], enlarged(ink), enlarged(paper))
    return whole[: shape[0], : shape[1]]


def test_ink_and_paper_keep_their_colours() -> None:
    page = _page()
    shown = _shown(take_apart(page, 100), page.shape).astype(int)
    for row, column, colour in ((730, 130, RED), (730, 430, BLUE), (900, 300, CREAM)):
        assert np.abs(shown[row, column] - colour).max() <= 6
    assert np.abs(shown - page).mean() < 4


def test_letters_are_as_sharp_as_they_were() -> None:
    page = _page()
    layers = take_apart(page, 100)
    dark = page.max(axis=2) < 100
    assert layers.mask[: page.shape[0], : page.shape[1]][dark].mean() > 0.999
    assert layers.mask.mean() < 0.1


def test_black_on_white_is_a_mask_alone() -> None:
    layers = take_apart(_text(), 100)
    assert layers.ink is None
    assert layers.paper is None
    assert layers.mask.any()


@pytest.mark.parametrize("colour", [(255, 255, 255), CREAM, (128, 128, 128), (0, 0, 0)])
def test_a_page_of_one_colour_stays_one(colour: tuple[int, int, int]) -> None:
    page = np.full((91, 67, 3), colour, np.uint8)
    shown = _shown(take_apart(page, 100), page.shape).astype(int)
    # Grey scans are kept grey, cream has little colour.
    assert np.abs(shown - colour).max() <= 16
    assert np.ptp(shown) <= 16 if colour == CREAM else np.ptp(shown) == 0


def test_a_page_full_of_ink_has_its_colour_too() -> None:
    page = np.full((60, 60, 3), 255, np.uint8)
    page[1:59, 1:59] = RED
    assert np.abs(_shown(take_apart(page, 50), page.shape)[30, 30].astype(int) - RED).max() <= 6

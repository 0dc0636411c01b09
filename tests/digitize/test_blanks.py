"""What is on a page that has no words: ink, nothing, or no light."""

from __future__ import annotations

import numpy as np
import pytest

from digitize.blanks import has_ink, is_unlit
from digitize.frames import Picture

_PAPER = np.full((1169, 827), 245, np.uint8)


def _inked() -> Picture:
    page = _PAPER.copy()
    page[600:640, 300:500] = 40
    return page


def _noisy(level: int) -> Picture:
    noise = np.random.default_rng(3).normal(level, 6, (1169, 827))
    return np.clip(noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "inked", "unlit"),
    [
        (_PAPER, False, False),
        (_noisy(240), False, False),
        (np.dstack([_PAPER, _PAPER // 3, _PAPER // 4]), False, False),
        (_inked(), True, False),
        (255 - _inked(), True, True),
        (np.zeros_like(_PAPER), True, True),
        (np.zeros((1169, 827, 3), np.uint8), True, True),
        (_noisy(12), True, True),
        (np.zeros((1, 1), np.uint8), True, True),
    ],
    ids=["white", "noise", "red cover", "ink", "negative", "black", "colour", "lid", "point"],
)
def test_a_page_is_blank_only_where_paper_shows_and_no_ink(
    picture: Picture, *, inked: bool, unlit: bool
) -> None:
    assert has_ink(picture) is inked
    assert is_unlit(picture) is unlit

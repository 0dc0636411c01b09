"""Masks of a page: their connected parts, found where there is anything at all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitize.frames import Picture
from digitize.masks import connected

_RANDOM = np.random.default_rng(7)


def _patch(share: float) -> Picture:
    """Return a mask whose ink lies in one place, anywhere on it."""
    height, width = _RANDOM.integers(1, 60, 2)
    top, left = _RANDOM.integers(0, height), _RANDOM.integers(0, width)
    mask = np.zeros((height, width), np.uint8)
    mask[top : top + height // 3 + 1, left : left + width // 3 + 1] = 1
    return np.asarray(mask & (_RANDOM.random(mask.shape) < share), dtype=np.uint8)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 1.0])
def test_parts_are_those_of_the_whole_mask_wherever_its_ink_lies(share: float) -> None:
    for _ in range(60):
        mask = _patch(share)
        found = connected(mask)
        _, labels, measures, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        assert np.array_equal(found.labels, labels)
        assert np.array_equal(found.measures[1:], measures[1:])
        assert found.measures[0, 4] == (mask == 0).sum()


def test_chosen_parts_are_a_mask_again() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[2:5, 2:5], mask[20:30, 20:22] = 1, 1
    parts = connected(mask)
    is_high = parts.measures[:, 3] == 10
    assert np.array_equal(np.argwhere(parts.chosen(is_high)), np.argwhere(parts.labels == 2))

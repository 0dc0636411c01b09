"""Rings and star of a seal go; what it lies across stays."""

from __future__ import annotations

import cv2
import numpy as np

from digitize.frames import Picture
from digitize.model import Box
from digitize.without_rings import without_rings

MM = 100.0 / 25.4
CENTRE, RADIUS = (200, 220), 66
SEAL: Box = (
    (CENTRE[0] - RADIUS) / MM,
    (CENTRE[1] - RADIUS) / MM,
    (CENTRE[0] + RADIUS) / MM,
    (CENTRE[1] + RADIUS) / MM,
)


def _seal() -> Picture:
    ink = np.zeros((400, 600), np.uint8)
    for radius, thick in ((RADIUS, 3), (RADIUS - 6, 1), (41, 2)):
        cv2.circle(ink, CENTRE, radius, 1, thick)
    cv2.circle(ink, CENTRE, 14, 1, -1)
    return ink


def test_nothing_is_left_of_rings_and_star() -> None:
    assert without_rings(_seal(), [SEAL], MM).sum() < 0.02 * _seal().sum()


def test_a_seal_found_a_point_beside_its_place_goes_too() -> None:
    beside = (SEAL[0] + 0.3, SEAL[1] - 0.3, SEAL[2] + 0.3, SEAL[3] - 0.3)
    assert without_rings(_seal(), [beside], MM).sum() < 0.1 * _seal().sum()


def test_lines_and_letters_across_a_seal_stay() -> None:
    ink = _seal()
    line, letter = np.zeros_like(ink), np.zeros_like(ink)
    line[250:252, 80:330] = 1
    letter[150:160, 245:248] = 1
    left = without_rings(ink | line | letter, [SEAL], MM)
    assert left[line > 0].mean() > 0.85
    assert left[letter > 0].mean() > 0.5


def test_without_a_seal_only_what_is_solid_goes() -> None:
    ink = np.zeros((400, 600), np.uint8)
    ink[100:102, 50:550] = 1
    assert (without_rings(ink, [], MM) == ink).all()

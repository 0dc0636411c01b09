"""Rings of seals are found where they are, and nothing else round is taken for one."""

from __future__ import annotations

from math import cos, pi, sin

import cv2
import numpy as np
import pytest

from digitize.frames import Picture
from digitize.seals import find_seals

MM = 100 / 25.4
SHAPE = (1169, 827)


def _ring(
    centre: tuple[float, float],
    radius_mm: float,
    *,
    written: bool = True,
    inked: float = 1.0,
) -> Picture:
    """Draw a seal at a hundred points an inch: two rings, and dashes between them."""
    ink = np.zeros(SHAPE, np.uint8)
    place = (round(centre[0]), round(centre[1]))
    for radius in (radius_mm, 0.6 * radius_mm):
        cv2.ellipse(ink, place, (round(radius * MM),) * 2, 0, 0, 360 * inked, 1, thickness=2)
    count = round(2.5 * radius_mm) if written else 0
    for step in range(count):
        turn = step / count * 2 * pi
        ends = [
            (
                round(centre[0] + share * radius_mm * MM * cos(turn)),
                round(centre[1] + share * radius_mm * MM * sin(turn)),
            )
            for share in (0.7, 0.86)
        ]
        cv2.line(ink, ends[0], ends[1], 1, thickness=2)
    return ink


@pytest.mark.parametrize("radius", [12.0, 16.5, 18.0, 21.0])
@pytest.mark.parametrize("inked", [1.0, 0.7])
def test_a_seal_is_found_where_it_is(radius: float, inked: float) -> None:
    ink = _ring((400, 600), radius, inked=inked)
    (ring,) = find_seals(ink, ink, MM)
    assert (ring.x, ring.y) == pytest.approx((400, 600), abs=2.5)
    assert ring.radius == pytest.approx(radius * MM, abs=3)


def test_half_a_seal_at_the_border_is_found() -> None:
    ink = _ring((825, 500), 17.0)
    (ring,) = find_seals(ink, ink, MM)
    assert (ring.x, ring.y) == pytest.approx((825, 500), abs=3)


def test_two_seals_are_two() -> None:
    ink = _ring((300, 300), 16.5) | _ring((380, 340), 16.5)
    assert len(find_seals(ink, ink, MM)) == 2


@pytest.mark.parametrize(
    "ink",
    [
        np.zeros(SHAPE, np.uint8),
        _ring((400, 600), 16.5, written=False),
        _ring((400, 600), 6.0),
        _ring((400, 600), 30.0, written=False),
        _ring((400, 600), 16.5, inked=0.4, written=False),
        np.kron((np.random.default_rng(1).random((234, 166)) < 0.5), np.ones((5, 5)))[
            : SHAPE[0], : SHAPE[1]
        ].astype(np.uint8),
    ],
    ids=["nothing", "circle", "small", "wheel", "arc", "code"],
)
def test_other_shapes_are_no_seals(ink: Picture) -> None:
    assert find_seals(ink, ink, MM) == ()

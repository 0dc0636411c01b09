"""The tree of a PDF's pages: what pages take from the nodes above them, and how large they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import pikepdf

from signing.value_digests import Digest, ObjectId

INHERITED_KEYS = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""What a page takes from the nodes above it (ISO 32000-2 clause 7.7.3.4)."""
_MAX_TREE = 64
_TURN = 360
_A_POINT = 1.0


def miscount(pages: Sequence[pikepdf.Object]) -> Digest:
    """Give what nodes of the page tree say of the pages below them where it is not so."""
    counted: Counter[ObjectId] = Counter()
    stated: dict[ObjectId, object] = {}
    for page in pages:
        node = page.get("/Parent")
        for _ in range(_MAX_TREE):
            if not isinstance(node, pikepdf.Dictionary):
                break
            counted[node.objgen] += 1
            stated[node.objgen] = node.get("/Count")
            node = node.get("/Parent")
    wrong = [(node, said) for node, said in stated.items() if said != counted[node]]
    return repr(wrong).encode() if wrong else b""


def top_of(page: pikepdf.Object) -> ObjectId:
    """Give the node of the page tree that a page hangs on."""
    above = page.get("/Parent")
    return above.objgen if isinstance(above, pikepdf.Dictionary) else page.objgen


def effective(page: pikepdf.Object, key: str) -> object:
    """Give what is in force for a page, its own or taken from above; said or not said is one."""
    value = _inherited(page, key)
    if key == "/Rotate" and (value is None or type(value) is int):
        return (value or 0) % _TURN
    return _inherited(page, "/MediaBox") if value is None and key == "/CropBox" else value


def visible_area(page: pikepdf.Object) -> float:
    """Give the area of a page that is shown, square points; never nothing."""
    areas = [area_of(_inherited(page, key)) for key in ("/MediaBox", "/CropBox")]
    return max(min((area for area in areas if 0 < area < math.inf), default=0.0), _A_POINT)


def area_of(corners: object) -> float:
    """Give the area of a box; infinite where it is no four numbers, and readers make one of it."""
    if corners is None:
        return 0.0
    if not isinstance(corners, pikepdf.Array) or len(corners) != len("xyxy"):
        return math.inf
    try:
        left, bottom, right, top = (float(number) for number in corners)
    except (TypeError, ValueError):
        return math.inf
    return abs((right - left) * (top - bottom))


def _inherited(page: pikepdf.Object, key: str) -> object:
    node: object = page
    for _ in range(_MAX_TREE):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node.get(key)
        node = node.get("/Parent")
    return None

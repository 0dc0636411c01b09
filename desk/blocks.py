"""Where the signature blocks of a paper stand on its first page, planned together.

Each has its own corner; where that is taken the block becomes narrower, then moves beside or below.
Nothing that is written is ever covered, a QR code above all (TT 01/2023/TT-VPCP Art. 26).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from config.rules import BlockRules
from digitize import render
from digitize.model import Box, RecognizedPage
from digitize.places import FreePlaces, Zone
from signing.appearance import block_lines, measure_block
from signing.model import VisibleBlock
from signing.placing import seen_size, to_user_space
from signing.structure import inspect
from storage.submissions import Reason

_PICTURE_DPI = 100.0
_POINTS_PER_MM = 72 / 25.4
# The widest leaves room beside a QR code at the top left; the narrowest just holds a time.
_WIDTHS_MM = (80.0, 62.0, 47.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A block that is to be laid on page 1."""

    corner: Literal["left", "right"]
    """Whose corner it is: the left of who copied, the right of the agency."""
    name: str
    """Of the agency, or of the person."""
    at: dt.datetime
    """The time it shows, aware."""
    copy_type: str | None
    """Hình thức sao; None for none."""
    rules: BlockRules

    def shapes(self) -> Iterator[tuple[str, ...]]:
        """Yield its lines, wrapped wide first, then narrower."""
        for width in _WIDTHS_MM:
            yield block_lines(self.name, self.at, self.copy_type, width * _POINTS_PER_MM)


def written_places(page: RecognizedPage) -> list[Box]:
    """Return what on a page is never covered, whatever its ink: words and codes."""
    words = [word.box for line in page.lines for word in line.words]
    return words + [code.box for code in page.barcodes]


def lay_blocks(
    pdf: Path, wishes: Sequence[Wish], written: Iterable[Box]
) -> dict[str, VisibleBlock] | None:
    """Lay blocks on free places of page 1, each as near to its corner as it goes.

    Args:
        pdf: the paper's PDF as it is before any of these signatures.
        wishes: the blocks.
        written: places that are never covered, points from the upper left as seen.

    Returns:
        The blocks by corner; None where one has no place, and a person must decide.
    """
    structure = inspect(pdf)
    page_box, turn = structure.page_boxes[0], structure.page_turns[0]
    # Blocks of earlier signatures are annotations: they are not covered either.
    picture = render.draw(pdf, 0, _PICTURE_DPI, annotations=True)
    free = FreePlaces(picture, _PICTURE_DPI, written)
    laid: dict[str, VisibleBlock] = {}
    # Everybody's own corner first: nobody who must move takes the corner of another.
    for zones in (_corner_zone, _upper_half):
        for wish in wishes:
            if wish.corner in laid:
                continue
            size = seen_size(page_box, turn)
            found = _find(free, wish, zones(wish, size), size[0])
            if found is not None:
                seen, lines = found
                free.take(seen)
                box = to_user_space(seen, page_box, turn)
                laid[wish.corner] = VisibleBlock(page=1, box=box, lines=lines)
    return laid if len(laid) == len(wishes) else None


def no_free_place() -> Reason:
    """Say that a block has no place; a person must decide."""
    return Reason(
        code="no_free_place",
        vi="Nửa trên trang 1 không còn chỗ trống cho khối chữ ký số. Hãy quét lại, chừa lề trên.",
        en="no free place for a signature block in the upper half of page 1; scan it again with "
        "its upper margin",
    )


def _find(
    free: FreePlaces, wish: Wish, zone: Zone, page_width: float
) -> tuple[Box, tuple[str, ...]] | None:
    """Find the place nearest to the corner; of equally near ones, that of the widest shape."""
    shapes = dict.fromkeys(wish.shapes())
    places = ((free.find(measure_block(lines), zone), lines) for lines in shapes)
    found = [(place, lines) for place, lines in places if place is not None]

    def distance(choice: tuple[Box, tuple[str, ...]]) -> float:
        (left, top, right, _), _ = choice
        # Height counts double: what stands beside still reads as the page's head.
        return 2 * top + (left if wish.corner == "left" else page_width - right)

    return min(found, key=distance, default=None)


def _corner_zone(wish: Wish, size: tuple[float, float]) -> Zone:
    """Return the zone of the rule set; it is the same on every size of page."""
    rules = wish.rules
    return Zone(
        corner=wish.corner,
        width_mm=rules.zone_width_mm,
        height_mm=rules.zone_height_mm,
        edge_mm=rules.edge_mm,
    )


def _upper_half(wish: Wish, size: tuple[float, float]) -> Zone:
    return Zone(
        corner=wish.corner,
        width_mm=size[0] / _POINTS_PER_MM,
        height_mm=size[1] / 2 / _POINTS_PER_MM,
        edge_mm=wish.rules.edge_mm,
    )

"""The visible text of a signature: agency, time, kind of copy; black on white, no image.

NĐ 30/2020/NĐ-CP Phụ lục I and TT 05/2025/TT-BNV Art. 8.1: Times New Roman, upright, 10 pt, black,
no seal image, time by ISO 8601 in Vietnam's zone. The background is opaque white drawn in the
content stream (text over a dark scan must be read), without transparency (PDF/A).
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStamp, BaseStampStyle

from signing.errors import BlockDoesNotFit
from signing.model import VisibleBlock
from signing.placing import hold_corner, is_across, upright_matrix

FONT_POINTS = 10
VIETNAM = timezone(timedelta(hours=7), "+07:00")

_FONT_FILE = Path(__file__).parent / "fonts" / "Tinos-Regular.ttf"
_PDF_UNITS_PER_EM = 1000
# Basic and extended Latin with the Vietnamese block, punctuation, currency: first, one past last.
_LETTERS = ((0x20, 0x250), (0x1E00, 0x1F00), (0x2010, 0x2027), (0x20AB, 0x20AD))
_LEADING = 1.15
_PADDING_POINTS = 2.0
# Rounding of sums of advance widths, not a licence to overflow.
_SLACK_POINTS = 0.01


@dataclass(frozen=True, slots=True)
class _Metrics:
    units_per_em: int
    ascent: int
    advances: dict[int, int]

    def width(self, text: str, font_points: float) -> float:
        """Width in points."""
        widest = max(self.advances.values())
        units = sum(self.advances.get(ord(letter), widest) for letter in text)
        return units * font_points / self.units_per_em


@cache
def _font_bytes() -> bytes:
    """Tinos with Vietnamese letters only, at 1000 units per em.

    pyHanko writes widths in the font's own units where PDF wants thousandths of an em; Tinos has
    2048 units. Hints and kerning do not survive the scaling, and are not needed.
    """
    # Loaded where a block is drawn: its libraries take ten megabytes of each program that only
    # judges signatures.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.scaleUpem import scale_upem

    options = Options(hinting=False, layout_features=[], legacy_kern=False, notdef_outline=True)
    with TTFont(_FONT_FILE) as font, BytesIO() as scaled:
        subsetter = Subsetter(options)
        subsetter.populate(
            unicodes=[code for first, last in _LETTERS for code in range(first, last)]
        )
        subsetter.subset(font)
        scale_upem(font, _PDF_UNITS_PER_EM)
        font.save(scaled)
        return scaled.getvalue()


@cache
def _metrics() -> _Metrics:
    from fontTools.ttLib import TTFont  # as above

    with TTFont(BytesIO(_font_bytes())) as font:
        widths = font["hmtx"].metrics
        return _Metrics(
            units_per_em=font["head"].unitsPerEm,
            ascent=font["hhea"].ascent,
            advances={code: widths[name][0] for code, name in font.getBestCmap().items()},
        )


def block_lines(
    agency: str, at: datetime, copy_type: str | None, max_width_points: float
) -> tuple[str, ...]:
    """Write the lines of the agency's block.

    Args:
        agency: Name of the agency as it signs; of the person, in the block of who copied.
        at: Signing time, aware; time of copying in that block.
        copy_type: "Sao y", "Sao lục" or "Trích sao" (NĐ 30/2020 Art. 25); None for none.
        max_width_points: Width that the block may take; long names are wrapped. The time is
            never broken and needs 125 points.
    """
    time = at.astimezone(VIETNAM).isoformat(timespec="seconds")
    room = max_width_points - 2 * _PADDING_POINTS
    wrapped = (_wrap(text, room) for text in (copy_type, agency) if text)
    return (*(line for lines in wrapped for line in lines), time)


def measure_block(lines: tuple[str, ...], font_points: float = FONT_POINTS) -> tuple[float, float]:
    """Tell how large a place the lines need, as (width, height) in whole points."""
    metrics = _metrics()
    width = max((metrics.width(_nfc(line), font_points) for line in lines), default=0.0)
    height = len(lines) * font_points * _LEADING
    return (
        float(math.ceil(width + 2 * _PADDING_POINTS)),
        float(math.ceil(height + 2 * _PADDING_POINTS)),
    )


def check_fit(
    block: VisibleBlock, page_box: tuple[float, float, float, float], turn: int = 0
) -> None:
    """Refuse a block that is larger than its place, or that leaves the page.

    Args:
        block: The block.
        page_box: x0, y0, x1, y1 of the page, in points.
        turn: Degrees clockwise that viewers turn the page by.

    Raises:
        BlockDoesNotFit: Too small a place, or a place outside the page.
    """
    x0, y0, x1, y1 = block.box
    size = measure_block(block.lines, block.font_points)
    width, height = reversed(size) if is_across(turn) else size
    if width > x1 - x0 + _SLACK_POINTS or height > y1 - y0 + _SLACK_POINTS:
        raise BlockDoesNotFit(
            f"Khối chữ ký cần {width:.0f} x {height:.0f} pt nhưng chỉ có chỗ "
            f"{x1 - x0:.0f} x {y1 - y0:.0f} pt. Hãy chọn chỗ rộng hơn hoặc ngắt dòng.",
            f"the block needs {width:.0f} x {height:.0f} pt but its place is "
            f"{x1 - x0:.0f} x {y1 - y0:.0f} pt; give a larger place or wrap the lines",
        )
    if x0 < page_box[0] or y0 < page_box[1] or x1 > page_box[2] or y1 > page_box[3]:
        raise BlockDoesNotFit(
            f"Khối chữ ký nằm ngoài trang {block.page}. Hãy chọn chỗ khác.",
            f"the block lies outside page {block.page}; choose another place",
        )


def drawn_box(
    box: tuple[float, float, float, float], turn: int = 0
) -> tuple[float, float, float, float]:
    """Give the part of a block's place that is drawn: whole points, held at its upper left as seen.

    pyHanko cuts the drawing's size to whole points; a place of other size would scale the text.

    Args:
        box: x0, y0, x1, y1 of the place.
        turn: Degrees clockwise that viewers turn the page by.
    """
    width = float(math.floor(box[2] - box[0] + _SLACK_POINTS))
    height = float(math.floor(box[3] - box[1] + _SLACK_POINTS))
    return hold_corner(box, (width, height), turn)


@dataclass(frozen=True)
class BlockStyle(BaseStampStyle):
    """How pyHanko is told to draw a block.

    Attributes:
        lines: Lines of text, top to bottom.
        font_points: Font size in points.
        turn: Degrees clockwise that viewers turn the page by; the text stands upright as seen.
    """

    lines: tuple[str, ...] = ()
    font_points: int = FONT_POINTS
    turn: int = 0

    def create_stamp(
        self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, str]
    ) -> BlockStamp:
        """Make the drawing for one file."""
        return BlockStamp(writer, self, box)


class BlockStamp(BaseStamp):
    """The block drawn: a white rectangle, then each line in embedded Tinos."""

    style: BlockStyle

    def render(self) -> bytes:
        """Give the content stream."""
        box, writer = self.box, self.writer
        if box is None or writer is None:
            raise ValueError("a block is drawn into a box of a file")
        from pyhanko.pdf_utils.font.opentype import GlyphAccumulator  # brings those libraries

        points = self.style.font_points
        engine = GlyphAccumulator(writer, BytesIO(_font_bytes()), points)
        turn = self.style.turn
        size = (box.height, box.width) if is_across(turn) else (box.width, box.height)
        matrix = upright_matrix((box.width, box.height), turn)
        top = size[1] - _PADDING_POINTS
        baseline = top - points * _metrics().ascent / _metrics().units_per_em
        turned = b"%d %d %d %d %g %g cm " % matrix if turn else b""
        parts = [b"q %s1 g 0 0 %g %g re f BT 0 g /F1 %d Tf" % (turned, *size, points)]
        for number, line in enumerate(self.style.lines):
            y = baseline - number * points * _LEADING
            shaped = engine.shape(_nfc(line), with_actual_text=False)
            parts.append(b"1 0 0 1 %g %g Tm %s" % (_PADDING_POINTS, y, shaped.graphics_ops))
        parts.append(b"ET Q")
        self.set_resource(
            category=ResourceType.FONT,
            name=generic.NameObject("/F1"),
            value=engine.as_resource(),
        )
        return b" ".join(parts)


def block_style(block: VisibleBlock, turn: int) -> BlockStyle:
    """Tell pyHanko how a block is drawn.

    Args:
        block: The block.
        turn: Degrees clockwise that viewers turn its page by.
    """
    return BlockStyle(border_width=0, lines=block.lines, font_points=block.font_points, turn=turn)


def _nfc(text: str) -> str:
    """One letter, one glyph: decomposed accents would be drawn and extracted badly."""
    return unicodedata.normalize("NFC", text)


def _wrap(text: str, room_points: float) -> list[str]:
    metrics = _metrics()
    lines = [""]
    for word in _nfc(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if metrics.width(longer, FONT_POINTS) <= room_points:
            lines[-1] = longer
            continue
        pieces = _cut(word, room_points)
        lines.extend(pieces if lines[-1] else [])
        if not lines[0]:
            lines = pieces
    return lines


def _cut(word: str, room_points: float) -> list[str]:
    """Cut a word that is wider than a whole line."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and _metrics().width(pieces[-1] + letter, FONT_POINTS) > room_points:
            pieces.append("")
        pieces[-1] += letter
    return pieces

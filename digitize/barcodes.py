"""The only door to zxing: QR codes on a page.

Receipts and results carry one at the top left (TT 01/2023/TT-VPCP Art. 26; ISO/IEC 18004).
"""

from __future__ import annotations

import zxingcpp

from digitize.frames import Picture
from digitize.model import Barcode

_POINTS_PER_INCH = 72.0


def find_barcodes(picture: Picture, dpi: float) -> tuple[Barcode, ...]:
    """Return the QR codes of a level, upright page; boxes in points."""
    found = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.barcode_formats_from_str("QRCode"),
        text_mode=zxingcpp.TextMode.Plain,
        try_rotate=False,
        try_invert=False,
    )
    scale = _POINTS_PER_INCH / dpi
    return tuple(
        Barcode(text=code.text, box=_box(code.position, scale)) for code in found if code.valid
    )


def _box(position: zxingcpp.Position, scale: float) -> tuple[float, float, float, float]:
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    xs = [corner.x * scale for corner in corners]
    ys = [corner.y * scale for corner in corners]
    return min(xs), min(ys), max(xs), max(ys)

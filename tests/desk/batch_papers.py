"""Small drawn pages put together to scans of many papers, with real cover sheets between them."""

from __future__ import annotations

from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from desk.cover import print_covers
from digitize import render
from digitize.model import Cover
from tests.desk.conftest import ROOT, SmallStation

DPI = 150
_SIZE = (1240, 1754)
_FONT = ROOT / "signing" / "fonts" / "Tinos-Regular.ttf"


def blank() -> Image.Image:
    """An empty sheet."""
    return Image.new("L", _SIZE, 245)


def page(*lines: str) -> Image.Image:
    """A sheet with a few lines on its left, room for a block on its right."""
    image = blank()
    draw = ImageDraw.Draw(image)
    for number, text in enumerate(lines):
        font = ImageFont.truetype(_FONT, 32, layout_engine=ImageFont.Layout.BASIC)
        draw.text((130, 420 + 60 * number), text, font=font, fill=20)
    return image


def foreign(payload: str, *lines: str) -> Image.Image:
    """A sheet with a QR code of somebody else."""
    image = page(*lines)
    modules = segno.make_qr(payload, error="q").matrix
    code = Image.new("L", (len(modules), len(modules)), 255)
    code.putdata([0 if module else 255 for row in modules for module in row])
    image.paste(code.resize((236, 236), Image.Resampling.NEAREST), (130, 130))
    return image


def cover(small: SmallStation, work: Path, said: Cover) -> Image.Image:
    """A cover sheet, printed by the station and scanned."""
    with small.archive() as archive:
        print_covers((said,), small.station, archive, work / "bia.pdf", "thử nghiệm")
    return Image.fromarray(render.draw(work / "bia.pdf", 0, DPI)).convert("L")


def scan(pages: list[Image.Image], target: Path) -> Path:
    """Put sheets into one TIFF, as a feeder does."""
    target.parent.mkdir(parents=True, exist_ok=True)
    first, *others = pages
    first.save(
        target, save_all=True, append_images=others, dpi=(DPI, DPI), compression="tiff_deflate"
    )
    return target

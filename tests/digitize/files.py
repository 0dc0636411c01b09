"""Small whole files of every kind that is taken, for cutting and breaking."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pikepdf
from PIL import Image

from digitize.frames import Picture

ORIENTATION = 274


def picture(width: int = 120, height: int = 170, *, colour: bool = True) -> Picture:
    """Draw a small asymmetric picture: a dark corner, a bar, a slope of grey or colour."""
    slope = np.linspace(120, 250, width, dtype=np.float64)[None, :].repeat(height, axis=0)
    pixels = np.stack([slope, slope[:, ::-1], np.full_like(slope, 230)], axis=2)
    pixels[: height // 4, : width // 3] = (10, 20, 30)
    pixels[height // 2 : height // 2 + 4] = (200, 40, 40)
    return pixels.astype(np.uint8) if colour else pixels[:, :, 0].astype(np.uint8)


def bitonal(width: int = 200, height: int = 280) -> Image.Image:
    """Draw a small black and white picture, black at its upper left, noise below."""
    pixels = np.full((height, width), 255, np.uint8)
    pixels[: height // 4, : width // 3] = 0
    noise = np.random.default_rng(5).random((height // 3, width)) < 0.2
    pixels[-height // 3 - 1 : -1][: noise.shape[0]][noise] = 0
    return Image.fromarray(pixels).convert("1")


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(**options: Any) -> bytes:
    """Return a JPEG of 200 dpi."""
    return encoded(Image.fromarray(picture()), "JPEG", **{"dpi": (200, 200), **options})


def png(**options: Any) -> bytes:
    """Return a PNG of 200 dpi."""
    return encoded(Image.fromarray(picture()), "PNG", **{"dpi": (200, 200), **options})


def webp(**options: Any) -> bytes:
    """Return a lossless WebP."""
    return encoded(Image.fromarray(picture()), "WEBP", **{"lossless": True, **options})


def heic(**options: Any) -> bytes:
    """Return a HEIC as a phone writes it."""
    return encoded(Image.fromarray(picture()), "HEIF", **options)


def tiff(*images: Image.Image, **options: Any) -> bytes:
    """Return a TIFF of one or more frames."""
    first, *others = images or (Image.fromarray(picture()),)
    more = {"save_all": True, "append_images": others} if others else {}
    return encoded(first, "TIFF", **{"dpi": (200, 200), **more, **options})


def group4(**options: Any) -> bytes:
    """Return a TIFF of CCITT Group 4."""
    return tiff(bitonal(), **{"compression": "group4", **options})


def tiled_tiff(*, cut: int = 0) -> bytes:
    """Return an uncompressed TIFF of four tiles, written by hand; `cut` bytes are left off."""
    side, tag_count = 16, 10
    tiles = bytes(range(256)) * 4
    values_at = 8 + 2 + 12 * tag_count + 4
    data_at = values_at + 32
    offsets = [data_at + 256 * index for index in range(4)]
    lists = b"".join(value.to_bytes(4, "little") for value in [*offsets, 256, 256, 256, 256])
    entries = [
        (256, 3, 1, 2 * side), (257, 3, 1, 2 * side), (258, 3, 1, 8), (259, 3, 1, 1),
        (262, 3, 1, 1), (277, 3, 1, 1), (322, 3, 1, side), (323, 3, 1, side),
        (324, 4, 4, values_at), (325, 4, 4, values_at + 16),
    ]  # fmt: skip
    directory = b"".join(
        tag.to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + count.to_bytes(4, "little")
        + value.to_bytes(4, "little")
        for tag, kind, count, value in entries
    )
    head = b"II*\0" + (8).to_bytes(4, "little") + len(entries).to_bytes(2, "little")
    whole = head + directory + bytes(4) + lists + tiles
    return whole[: len(whole) - cut]


def pdf(pages: int = 1, **options: Any) -> bytes:
    """Return a PDF of blank pages."""
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        return saved(document, **options)


def saved(document: pikepdf.Pdf, **options: Any) -> bytes:
    """Return a PDF's bytes, the same for the same document."""
    buffer = io.BytesIO()
    document.save(buffer, **{"deterministic_id": True, **options})
    return buffer.getvalue()


def photo_with_trailer() -> bytes:
    """Return a phone's JPEG with its maker's data after the end of the picture."""
    return jpeg() + b"\0\0" + b"Image_UTC_Data1762307000000" + b"SEFHj\0\0\0" + b"\x18\0\0\0SEFT"


def photo_with_gain_map() -> bytes:
    """Return a JPEG of two pictures (CIPA DC-007), as phones write for bright screens."""
    second = Image.fromarray(picture(60, 85, colour=False))
    return encoded(
        Image.fromarray(picture()), "MPO", save_all=True, append_images=[second], quality=80
    )


WHOLE: dict[str, Callable[[], bytes]] = {
    "jpeg": jpeg,
    "jpeg-progressive": lambda: jpeg(progressive=True),
    "jpeg-grey": lambda: encoded(Image.fromarray(picture(colour=False)), "JPEG"),
    "jpeg-restart": lambda: jpeg(restart_marker_blocks=2),
    "jpeg-trailer": photo_with_trailer,
    "jpeg-gain-map": photo_with_gain_map,
    "png": png,
    "webp": webp,
    "webp-lossy": lambda: webp(lossless=False, quality=70),
    "heic": heic,
    "tiff-raw": tiff,
    "tiff-lzw": lambda: tiff(compression="tiff_lzw"),
    "tiff-deflate": lambda: tiff(compression="tiff_adobe_deflate"),
    "tiff-jpeg": lambda: tiff(compression="jpeg"),
    "tiff-g4": group4,
    "tiff-pages": lambda: tiff(*[Image.fromarray(picture())] * 3, compression="tiff_lzw"),
    "tiff-big": lambda: tiff(big_tiff=True),
    "tiff-big-pages": lambda: tiff(*[bitonal()] * 2, big_tiff=True, compression="group4"),
    "tiff-tiled": tiled_tiff,
    "pdf": pdf,
    "pdf-object-streams": lambda: pdf(
        2, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=False
    ),
    "pdf-linearized": lambda: pdf(3, linearize=True),
}

"""A paper as it will look with a block that is not signed yet, for the person who releases it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints

from signing.appearance import block_style, drawn_box
from signing.model import VisibleBlock
from signing.structure import inspect

_PRINTED = 4


def draw_block(source: Path, target: Path, block: VisibleBlock) -> None:
    """Write a copy of a PDF on which a block stands where its signature will show it.

    The drawing is the signature's own, laid on the page as an annotation as a signature is; it
    signs nothing, and the copy is for looking at only.

    Args:
        source: The PDF before it is signed.
        target: Where the copy goes.
        block: The block.

    Raises:
        UnreadablePdf: The PDF cannot be read.
    """
    turn = inspect(source).page_turns[block.page - 1]
    x0, y0, x1, y1 = drawn_box(block.box, turn)
    made: Any = generic  # its classes and the writer's methods are untyped in pyHanko
    with source.open("rb") as file, target.open("wb") as out:
        writer: Any = IncrementalPdfFileWriter(file, strict=False)
        page, _ = writer.find_page_for_modification(block.page - 1)
        room = BoxConstraints(width=x1 - x0, height=y1 - y0)
        drawing = block_style(block, turn).create_stamp(writer, room, {})
        annotation = made.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Stamp"),
                pdf_name("/F"): made.NumberObject(_PRINTED),
                pdf_name("/Rect"): made.ArrayObject(
                    made.FloatObject(edge) for edge in (x0, y0, x1, y1)
                ),
                pdf_name("/AP"): drawing.as_appearances().as_pdf_object(),
            }
        )
        writer.register_annotation(page, writer.add_object(annotation))
        writer.write(out)

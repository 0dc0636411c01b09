"""The agency's block on a paper: where it will stand, planned before anybody releases the paper."""

from __future__ import annotations

import datetime as dt

from desk.blocks import Wish, lay_blocks, no_free_place, written_places
from desk.endings import Held
from desk.services import Services
from desk.stages import KeptRendition
from digitize.model import Paper
from signing.appearance import block_lines
from signing.model import VisibleBlock
from storage.submissions import SubmissionState


def plan_block(
    rendition: KeptRendition, paper: Paper, at: dt.datetime, services: Services
) -> VisibleBlock:
    """Lay the block into its field where the first signature left one, else on a free place.

    The same paper gets the same place each time: what a person was shown is what is signed.

    Raises:
        Held: there is no free place; a person must decide.
    """
    settings = services.station.settings
    wish = Wish(
        corner="right",
        name=settings.agency.name,
        at=at,
        copy_type=settings.signing.copy_type or None,
        rules=services.rules.block,
    )
    if rendition.agency_box is not None:
        width = rendition.agency_box[2] - rendition.agency_box[0]
        lines = block_lines(wish.name, at, wish.copy_type, width)
        return VisibleBlock(page=1, box=rendition.agency_box, lines=lines)
    path = services.archive.objects.path(rendition.pdf.sha256)
    laid = lay_blocks(path, (wish,), written_places(paper.pages[0]))
    if laid is None:
        raise Held(SubmissionState.TO_CONFIRM, no_free_place())
    return laid[wish.corner]

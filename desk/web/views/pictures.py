"""Pictures of a filed paper: a page, with a frame round what was read there; a field; a line."""

from __future__ import annotations

from starlette.responses import Response

from config.vocabulary import EventType
from desk.web.asked_paper import (
    asked_page,
    asked_record,
    asked_spot,
    nothing_there,
    whole_object,
)
from desk.web.house import Asked
from desk.web.routing import READERS, Page, Queue
from storage.model import Box

# A line is shown with the whole width of its page: further than any page goes.
_WIDEST = 100_000.0


def show_page(asked: Asked) -> Response:
    """Show a page as a picture, with a frame round the field or the line that is asked about."""
    record = asked_record(asked)
    number = asked_page(asked, record)
    pdf = whole_object(asked, record.pdf.sha256)
    spot = asked_spot(asked, record, number)
    asked.tell(EventType.VIEW, record.id, outcome="page", page=number)
    return _png(asked.house.pictures.draw(pdf, number, has_annotations=True, marked=spot.box))


def show_field(asked: Asked) -> Response:
    """Show the piece of a page that a field was read from."""
    record = asked_record(asked)
    place = int(asked.request.path_params["number"])
    found = record.fields[place : place + 1]
    if not found or found[0].box is None or found[0].page is None:
        raise nothing_there()
    pdf = whole_object(asked, record.pdf.sha256)
    asked.tell(EventType.VIEW, record.id, outcome="field", page=found[0].page)
    return _png(asked.house.pictures.draw(pdf, found[0].page, found[0].box))


def show_line(asked: Asked) -> Response:
    """Show the strip of a page on which a line stands; the page where its place is not known."""
    record = asked_record(asked)
    number = asked_page(asked, record)
    spot = asked_spot(asked, record, number)
    pdf = whole_object(asked, record.pdf.sha256)
    asked.tell(EventType.VIEW, record.id, outcome="line", page=number)
    picture = asked.house.pictures.draw(pdf, number, _strip(spot.box), marked=spot.box)
    return _png(picture)


def _strip(box: Box | None) -> Box | None:
    return None if box is None else (0.0, box[1], _WIDEST, box[3])


def _png(picture: bytes) -> Response:
    return Response(picture, media_type="image/png")


_PAGE = "/giay/{record}/trang/{page}"
PAGES = (
    Page(path=f"{_PAGE}.png", view=show_page, roles=READERS, queue=Queue.DRAW),
    Page(path=f"{_PAGE}/dong.png", view=show_line, roles=READERS, queue=Queue.DRAW),
    Page(
        path="/giay/{record}/truong/{number:int}.png",
        view=show_field,
        roles=READERS,
        queue=Queue.DRAW,
    ),
)

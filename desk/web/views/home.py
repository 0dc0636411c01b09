"""The first page: what waits for whom, and what is wrong."""

from __future__ import annotations

from starlette.responses import Response

from desk.status import measure_status
from desk.web.answers import page
from desk.web.house import Asked
from desk.web.routing import ALL, Page


def show_home(asked: Asked) -> Response:
    """Show how the station stands: numbers, and what is wrong."""
    status = measure_status(asked.house.station, asked.house.archive)
    return page(asked, "home.html", station=status)


PAGES = (Page(path="/", view=show_home, roles=ALL),)

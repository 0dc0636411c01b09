"""Addresses of all pages, of something that is there: for tests that walk the table of pages."""

from __future__ import annotations

from desk.web.routing import Page
from storage.model import Record
from storage.submissions import SubmissionState
from tests.desk.web.conftest import Web


def record_of(web: Web) -> Record:
    return web.house.archive.records.newest(1)[0]


def address(web: Web, page: Page) -> str:
    """Return the address of something that is there."""
    record = record_of(web)
    field = next(i for i, f in enumerate(record.fields) if f.box is not None)
    waiting = web.house.archive.ledger.outcomes_in(
        SubmissionState.AWAITING_RELEASE, "release_asked"
    )
    values = {
        "{asking}": "A" * 32,
        "{number:int}": str(field),
        "{form}": "pdf",
        "{seq:int}": "1",
        "{submission}": waiting[0].submission_id,
        "{paper:int}": "1",
        "{code}": record.links[0].dossier_code,
        "{record}": record.id,
        "{page}": "1",
    }
    path = page.path
    for name, value in values.items():
        path = path.replace(name, value)
    return path

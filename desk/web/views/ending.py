"""End of proof: until when the files themselves prove who signed, by day, and which end next."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from config.vocabulary import EventType
from desk.ending_proofs import told_moments
from desk.moments import VIETNAM
from desk.web.answers import page
from desk.web.house import Asked
from desk.web.masking import mask
from desk.web.routing import READERS, Page
from desk.web.scope import allowed_agencies
from storage.proof_ends import EndingPaper, count_proof_ends, list_proof_ends
from storage.times import read_evidence_time, time_text

_ENDS = "/chung-minh/han"
_PAGE = 50
_BEGINNING = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), 0)
_DIGITS = 18


def show_ends(asked: Asked) -> Response:
    """Show how many papers of the scope are proved until when, and a page of those that end."""
    db, scope = asked.house.archive.db, allowed_agencies(asked.person, ())
    moments = told_moments(asked.at)
    _, near, far = moments
    ends = count_proof_ends(asked.house.archive, scope, moments)
    asked.tell(EventType.VIEW, "web", outcome="ends of proof")
    # Where nothing ends, every end there is of other agencies would be looked at in vain.
    has_any = any(ends.before) or bool(ends.later)
    found = list_proof_ends(db, scope, _after(asked), _PAGE + 1) if has_any else []
    papers = [replace(paper, title=mask(paper.title)) for paper in found[:_PAGE]]
    passed, soon, next_ = ends.before
    return page(
        asked,
        "ends.html",
        ends=ends,
        has_any=has_any,
        passed=passed,
        soon=(soon, near, _address(asked.at)),
        next=(next_, far, _address(near)),
        later=[
            (year, count, _address(max(far, dt.datetime(year, 1, 1, tzinfo=VIETNAM))))
            for year, count in ends.later
        ],
        papers=papers,
        more=_address_after(papers[-1]) if len(found) > _PAGE else "",
    )


def _address(after: dt.datetime, number: int = 0) -> str:
    told = urlencode({"sau": f"{time_text(after)}~{number}"})
    return f"{_ENDS}?{told}#ke-tiep"


def _address_after(paper: EndingPaper) -> str:
    return _address(paper.until, paper.number)


def _after(asked: Asked) -> tuple[dt.datetime, int]:
    """Return after which paper to go on; what no page of ours says begins anew."""
    moment, _, number = asked.asked_for("sau").partition("~")
    if number.isascii() and number.isdigit() and len(number) < _DIGITS:
        with suppress(ValueError, OverflowError):
            return read_evidence_time(moment), int(number)
    return _BEGINNING


PAGES = (Page(path=_ENDS, view=show_ends, roles=READERS),)

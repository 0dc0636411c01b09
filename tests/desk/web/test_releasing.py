"""The page on which an officer releases: what is seen, what is chosen, what is written down."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from config.codec import from_plain
from config.settings import SigningSettings
from config.vocabulary import EventType
from desk import sealing
from desk.releases import REQUEST, ToRelease, waiting_for_release
from desk.web.serving import app_of
from signing.model import VisibleBlock
from storage.submissions import Reason, SubmissionState
from tests.desk.web.conftest import Web, proof_in

_SCALE = 150 / 72


@pytest.fixture(scope="module")
def officer(web: Web) -> TestClient:
    return web.logged_in("officer")


@pytest.fixture
def paper(web: Web) -> ToRelease:
    (paper,) = waiting_for_release(web.house.archive)
    return paper


def seals_in(page: str) -> list[str]:
    return [html.unescape(seal) for seal in re.findall(r'name="paper" value="([^"]+)"', page)]


def picture_of(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)).convert("L"), dtype=int)


def test_page_1_is_shown_with_the_block_that_will_stand_on_it(
    web: Web, officer: TestClient, paper: ToRelease
) -> None:
    archive = web.house.archive
    asked = archive.ledger.outcome(paper.submission_id, paper.paper, "release_asked")
    assert asked is not None
    block = from_plain(VisibleBlock, asked["block"])
    bare = picture_of(web.house.pictures.draw(archive.objects.path(paper.pdf_sha256), 1))
    shown = picture_of(officer.get(f"/duyet-ky/{paper.submission_id}/{paper.paper}.png").content)
    rows, columns = np.nonzero(np.abs(bare - shown) > 40)
    x0, y0, x1, y1 = (edge * _SCALE for edge in block.box)
    assert len(rows) > 200
    assert columns.min() >= x0 - 2
    assert columns.max() <= x1 + 2
    assert rows.min() >= shown.shape[0] - y1 - 2
    assert rows.max() <= shown.shape[0] - y0 + 2
    # What is shown is signed later: nothing of the paper itself was changed.
    assert archive.objects.path(paper.pdf_sha256).is_file()
    assert block.lines[0].startswith(web.house.station.settings.agency.name.split()[0])


def test_a_failed_signature_says_why_until_it_is_released_again(
    web: Web, officer: TestClient, paper: ToRelease
) -> None:
    ledger = web.house.archive.ledger
    before = ledger.get(paper.submission_id).reason
    why = Reason(code=sealing.KEY, vi="Token <b>không</b> trả lời.", en="the token is silent")
    try:
        waits = SubmissionState.AWAITING_RELEASE
        ledger.move(paper.submission_id, waits, at=web.clock(), reason=why)
        assert "Token &lt;b&gt;không&lt;/b&gt; trả lời." in officer.get("/duyet-ky").text
    finally:
        ledger.move(paper.submission_id, waits, at=web.clock(), reason=before)
    assert "Lần trước" not in officer.get("/duyet-ky").text


def test_what_changed_since_it_was_seen_is_not_released(
    web: Web, officer: TestClient, paper: ToRelease
) -> None:
    page = officer.get("/duyet-ky").text
    (seal,), proof = seals_in(page), proof_in(page)
    other = seal.replace(paper.pdf_sha256, "0" * 64)
    for told in ([], [other], [seal, other]):
        for path in ("/duyet-ky/xem-lai", "/duyet-ky"):
            answer = officer.post(path, data={"proof": proof, "paper": told})
            assert answer.status_code == 409
            # «Hãy quay lại»: to the list, not to the first page only.
            assert '<a class="button" href="/duyet-ky">' in answer.text
    assert web.house.archive.requests.pending(REQUEST) == []


def test_a_page_where_the_key_lies_at_a_computer_tells_of_it(web: Web, paper: ToRelease) -> None:
    station = web.house.station
    signing: SigningSettings = replace(station.settings.signing, key="agent:van-thu")
    changed = replace(station, settings=replace(station.settings, signing=signing))
    there = replace(web, app=app_of(replace(web.house, station=changed)))
    page = there.logged_in("officer").get("/duyet-ky").text
    assert "agent:van-thu" in page
    assert "hoso agents pair van-thu" in page


def test_what_is_chosen_is_shown_again_then_released_in_the_officers_name(
    web: Web, officer: TestClient, paper: ToRelease
) -> None:
    requests = web.house.archive.requests
    page = officer.get("/duyet-ky?chon=tat-ca").text
    assert len(re.findall(r'name="paper"[^>]* checked', page)) == 1
    (seal,), proof = seals_in(page), proof_in(page)
    again = officer.post("/duyet-ky/xem-lai", data={"proof": proof, "paper": seal}).text
    assert "Duyệt ký 1 giấy?" in again
    assert paper.pdf_sha256 in again
    assert requests.pending(REQUEST) == []
    told = {"proof": proof_in(again), "paper": seals_in(again)}
    assert officer.post("/duyet-ky", data=told, follow_redirects=False).status_code == 303
    (request,) = requests.pending(REQUEST)
    assert request.actor == "officer (web)"
    assert request.body["key"] == web.house.station.settings.signing.key
    (written,) = request.body["papers"]
    assert (written["submission_id"], written["pdf_sha256"]) == tuple(seal.split()[::2])
    # It waits for the engine now: nobody is asked for it a second time.
    page = officer.get("/duyet-ky").text
    assert seals_in(page) == []
    assert "Đã duyệt; trạm ký ngay khi rảnh." in page
    seen = web.house.archive.events.events("web")[-1]
    assert (seen.type, seen.actor) == (EventType.VIEW, "officer (web)")
